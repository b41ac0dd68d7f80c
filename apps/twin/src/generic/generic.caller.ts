import { randomUUID } from 'node:crypto';
import { type Caller, jsonBodyOf, type Receiver, toRequest } from '../caller.ts';
import { textField } from '../json.ts';
import { seconds } from '../model.ts';
import { isSigned, sign } from './generic.sign.ts';

export const genericCaller: Caller = {
  sign({ baseUrls, credentials }, call, at) {
    // The webhook-id follows from the message, so that a repeated message is recognised.
    const id = textField(call.json, 'data', 'messageId');
    const signature = sign(credentials['signing_secret'] ?? '', id, seconds(at), jsonBodyOf(call));
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(seconds(at)),
      'webhook-signature': signature,
    };
    return toRequest(baseUrls.api, call, { headers });
  },
  sendText: (_shop, { threadId: conversationKey }, text) => ({
    path: '',
    json: {
      type: 'message.outbound',
      timestamp: new Date().toISOString(),
      data: { conversationKey, messageId: randomUUID(), text, content: { kind: 'text', text } },
    },
  }),
  sentMessageId: (answer) => textField(answer, 'externalId') || null,
};

export const genericReceiver: Receiver = {
  isSigned({ credentials }, { headers, raw }) {
    const timestamp = textField(headers, 'webhook-timestamp');
    const signed = {
      id: textField(headers, 'webhook-id'),
      timestamp,
      signature: textField(headers, 'webhook-signature'),
    };
    return isSigned(credentials['signing_secret'] ?? '', signed, raw, Number(timestamp));
  },
  messageId: ({ body }) =>
    textField(body, 'type') === 'message.created' ? textField(body, 'data', 'externalId') || null : null,
};
