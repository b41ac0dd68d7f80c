import { type Caller, type Receiver, toRequest } from '../caller.ts';
import { field, textField } from '../json.ts';
import { signPush } from './whatsapp.entry.ts';

export const whatsappCaller: Caller = {
  sign: ({ baseUrls, credentials }, call) =>
    toRequest(baseUrls.api, call, { headers: { authorization: `Bearer ${credentials['access_token'] ?? ''}` } }),
  sendText: ({ externalAccountId }, { buyer }, text) => ({
    path: `/v24.0/${externalAccountId}/messages`,
    json: { messaging_product: 'whatsapp', to: buyer.phone, type: 'text', text: { body: text } },
  }),
  sentMessageId: (answer) => textField(firstOf(field(answer, 'messages')), 'id') || null,
};

export const whatsappReceiver: Receiver = {
  isSigned: ({ credentials }, { headers, raw }) =>
    headers['x-hub-signature-256'] === signPush(credentials['app_secret'] ?? '', raw),
  messageId({ body }) {
    const value = field(firstOf(field(firstOf(field(body, 'entry')), 'changes')), 'value');
    return textField(firstOf(field(value, 'messages') ?? field(value, 'message_echoes')), 'id') || null;
  },
};

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}
