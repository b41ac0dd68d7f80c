import { describeChannel } from '../conformance/conformance.ts';
import { adapter } from './generic.adapter.ts';
import { account, event, messageCreated, order, signed } from './generic.samples.ts';

const attachment = (mime: string) => ({ url: `https://cdn.example/${mime}`, mime, name: 'attachment' });

describeChannel(adapter, {
  account,
  webhooks: {
    sign: signed,
    signatureHeader: 'webhook-signature',
    signingCredential: 'signing_secret',
    messages: [
      { kind: 'text', body: messageCreated({ text: 'Where is my order?', orderRef: 'O-1' }) },
      {
        kind: 'image',
        body: messageCreated({ text: 'broken', attachments: [attachment('image/png'), attachment('image/jpeg')] }),
      },
      { kind: 'video', body: messageCreated({ attachments: [attachment('video/mp4')] }) },
      { kind: 'audio', body: messageCreated({ attachments: [attachment('audio/ogg')] }) },
      { kind: 'file', body: messageCreated({ attachments: [attachment('application/pdf')] }) },
      { kind: 'unsupported', body: messageCreated({}) },
      {
        kind: 'text',
        body: messageCreated({
          author: { id: 'A-1', name: 'Bo', role: 'agent' },
          buyer: { id: 'B-7' },
          text: 'Sent today',
        }),
      },
    ],
    unknownKind: { platformKind: 'poll', body: messageCreated({ kind: 'poll', options: ['red', 'blue'] }) },
    others: [
      event('message.status', { clientReference: 'our-message-id', status: 'delivered' }),
      event('message.status', {
        externalId: 'M-9',
        status: 'failed',
        failure: 'RECIPIENT_UNREACHABLE',
        detail: 'no such user',
      }),
      event('order.updated', order),
      event('order.updated', { id: 'O-2', state: 'waiting', placedAt: order.placedAt, updatedAt: order.updatedAt }),
      event('conversation.updated', {}),
    ],
    unparsable: [
      '{"timestamp":"2026-01-02T03:00:00Z","data":{}}',
      '{"type":"message.created","data":{}}',
      '{"type":"message.created","timestamp":"2026-01-02 03:00","data":{}}',
      event('message.created', { externalId: 'M-1', author: { id: 'B-7' }, text: 'Hi' }),
      event('message.created', { conversationKey: 'C-1', author: { id: 'B-7' }, text: 'Hi' }),
      event('message.created', { conversationKey: 'C-1', externalId: 'M-1', text: 'Hi' }),
      messageCreated({ author: { id: 'A-1', role: 'agent' }, text: 'Hi' }),
      messageCreated({ author: { id: 'A-1', role: 'admin' }, text: 'Hi' }),
      messageCreated({ attachments: [{ url: 'javascript:alert(1)', mime: 'image/png' }] }),
      event('message.status', { status: 'delivered' }),
      event('message.status', { externalId: 'M-9', status: 'lost' }),
      event('order.updated', { ...order, placedAt: '1970-01-01T00:00:00Z' }),
      event('order.updated', { ...order, id: '' }),
    ],
    ofAnotherAccount: null,
  },
  sending: {
    outgoing: {
      externalThreadId: 'C-1',
      buyer: {
        externalId: 'B-7',
        commerceId: 'B-7',
        name: 'Ana',
        phone: null,
        email: null,
        avatarUrl: null,
        locale: null,
      },
    },
    contents: [],
    answerSend: () => ({ status: 202, headers: {}, body: '{"externalId":"M-2"}' }),
  },
});
