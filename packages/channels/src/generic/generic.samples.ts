import { createHash } from 'node:crypto';
import { newId } from '@crossdesk/contracts';
import { Webhook } from 'standardwebhooks';
import type { ChannelSamples, Signing } from '../conformance/samples.ts';
import type { ChannelAccount, WebhookRequest } from '../port/index.ts';

/** Deliveries of a seller's own system, for the tests of this folder, with the secret of docs/generic-channel.md. */
export const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';

export const account: ChannelAccount = {
  id: newId(),
  tenantId: newId(),
  externalAccountId: 'web-shop',
  webhookUrl: 'https://desk.example/webhooks/generic/t0ken',
  baseUrls: { api: 'https://shop.example/crossdesk', auth: '' },
  credentials: { signing_secret: secret },
};

const sentAt = new Date('2026-01-02T03:00:00Z');

/** A delivery signed at 03:00:00Z and received five seconds later; its id is derived from the body. */
export function signed(rawBody: Uint8Array | string, { at }: Pick<Signing, 'at'> = { at: sentAt }): WebhookRequest {
  const bytes = Buffer.from(rawBody);
  const id = `msg_${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    method: 'POST',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, bytes),
    },
    query: {},
    rawBody: new Uint8Array(bytes),
    receivedAt: new Date('2026-01-02T03:00:05Z'),
  };
}

export function event(type: string, data: object): string {
  return JSON.stringify({ type, timestamp: '2026-01-02T02:59:58.123Z', data });
}

const author = {
  id: 'B-7',
  name: 'Ana',
  email: 'ana@mail.example',
  phone: '+55 11 99999-0000',
  locale: 'pt-br',
  role: 'buyer',
};

export function messageCreated(more: object): string {
  return event('message.created', { conversationKey: 'C-1', externalId: 'M-1', author, ...more });
}

function feedbackCreated(more: object): string {
  const feedback = { id: 'R-1', kind: 'product-review', score: 2, text: 'The zip broke', language: 'en' };
  return event('feedback.created', { ...feedback, buyer: { id: 'B-7' }, orderRef: 'O-1', skus: ['SKU-1'], ...more });
}

export const order = {
  id: 'O-1',
  state: 'shipped',
  buyer: { id: 'B-7', name: 'Ana' },
  total: { amount: '39.80', currency: 'EUR' },
  recipient: {
    name: 'Ana',
    phone: '+5511999990000',
    fullAddress: 'Rua A 1',
    city: 'São Paulo',
    region: 'BR',
    postalCode: '01000',
  },
  items: [
    {
      id: 'I-1',
      sku: 'SKU-1',
      title: 'Bag',
      variant: 'red',
      imageUrl: 'https://cdn.example/bag.jpg',
      quantity: 2,
      unitPrice: { amount: '19.90', currency: 'EUR' },
    },
  ],
  shipments: [
    { id: 'S-1', carrier: 'DHL', trackingNumber: 'JD01', state: 'in_transit', updatedAt: '2026-01-02T01:00:00Z' },
  ],
  placedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-02T02:00:00+01:00',
};

const attachment = (mime: string) => ({ url: `https://cdn.example/${mime}`, mime, name: 'attachment' });

/** What the rules for all channels are tried with. */
export const samples: ChannelSamples = {
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
      feedbackCreated({}),
      feedbackCreated({ id: 'R-2', kind: 'service-rating', text: null, score: '4.5' }),
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
      feedbackCreated({ id: '' }),
      feedbackCreated({ kind: 'poem' }),
      feedbackCreated({ score: 0 }),
      feedbackCreated({ score: null, text: null }),
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
};
