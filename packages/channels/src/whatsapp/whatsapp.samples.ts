import { createHmac } from 'node:crypto';
import { newId } from '@crossdesk/contracts';
import type { ChannelSamples } from '../conformance/samples.ts';
import type { ChannelAccount, WebhookRequest } from '../port/index.ts';

/** Deliveries as the Cloud API sends them, for the tests of this folder. */
export const account: ChannelAccount = {
  id: newId(),
  tenantId: newId(),
  externalAccountId: 'PN1',
  webhookUrl: 'https://desk.example/webhooks/whatsapp/t0ken',
  baseUrls: { api: 'https://graph.example', auth: 'https://graph.example' },
  credentials: {
    access_token: 'EAAG-demo-access-token',
    app_secret: 'demo_meta_app_secret',
    verify_token: 'demo_verify_token',
  },
};

export function signed(rawBody: Uint8Array | string, secret = 'demo_meta_app_secret'): WebhookRequest {
  return {
    method: 'POST',
    headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(rawBody).digest('hex')}` },
    query: {},
    rawBody: new Uint8Array(Buffer.from(rawBody)),
    receivedAt: new Date('2026-01-02T03:00:05Z'),
  };
}

export function change(value: object, name = 'messages'): string {
  const metadata = { display_phone_number: '15550001111', phone_number_id: 'PN1' };
  const full = { messaging_product: 'whatsapp', metadata, ...value };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: 'WABA1', changes: [{ field: name, value: full }] }],
  });
}

export const contacts = [{ profile: { name: 'Ana' }, wa_id: '5511999990000', user_id: 'BR.123' }];

/** A body with one message of a type, from a buyer with a known number. */
export function message(type: string, part: unknown, more: object = {}): string {
  const id = `wamid.${type}.${JSON.stringify(part ?? '').length}`;
  const base = { from: '5511999990000', from_user_id: 'BR.123', id, timestamp: '1767322800', type };
  return change({ contacts, messages: [{ ...base, [type]: part, ...more }] });
}

export function status(word: string, more: object = {}): string {
  const base = { id: 'wamid.OUT', status: word, timestamp: '1767322801', recipient_id: '5511999990000' };
  return change({ statuses: [{ ...base, ...more }] });
}

export const media = (mimeType: string) => ({ id: 'MEDIA1', mime_type: mimeType, sha256: 'c2hhMjU2' });

/** The buyer with a known number, as every fact names them. */
export const buyer = {
  externalId: 'BR.123',
  commerceId: null,
  name: 'Ana',
  phone: '+5511999990000',
  email: null,
  avatarUrl: null,
  locale: null,
};

/** What the rules for all channels are tried with. */
export const samples: ChannelSamples = {
  account,
  webhooks: {
    sign: (rawBody) => signed(rawBody),
    signatureHeader: 'x-hub-signature-256',
    signingCredential: 'app_secret',
    messages: [
      { kind: 'text', body: message('text', { body: 'Where is my order?' }) },
      { kind: 'image', body: message('image', { ...media('image/jpeg'), caption: 'broken zip' }) },
      { kind: 'video', body: message('video', media('video/mp4')) },
      { kind: 'audio', body: message('audio', { ...media('audio/ogg'), voice: true }) },
      { kind: 'file', body: message('document', { ...media('application/pdf'), filename: 'invoice.pdf' }) },
      { kind: 'sticker', body: message('sticker', { ...media('image/webp'), animated: false }) },
      { kind: 'location', body: message('location', { latitude: -23.5, longitude: -46.6, address: 'Rua A 1' }) },
      { kind: 'system', body: message('system', { type: 'user_changed_number', body: 'Ana changed her number' }) },
      { kind: 'unsupported', body: message('unsupported', { type: 'poll_creation' }) },
      {
        kind: 'choice',
        body: message('interactive', { type: 'button_reply', button_reply: { id: 'y', title: 'Yes' } }),
      },
      {
        kind: 'form',
        body: message('interactive', {
          type: 'nfm_reply',
          nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"flow_token":"t","size":"42"}' },
        }),
      },
      {
        kind: 'cart',
        body: message('order', {
          catalog_id: 'C1',
          product_items: [{ product_retailer_id: 'SKU-1', quantity: 2, item_price: 19.9, currency: 'EUR' }],
        }),
      },
      {
        kind: 'contacts',
        body: message('contacts', [{ name: { formatted_name: 'Bo' }, phones: [{ phone: '+65 9111 0000' }] }]),
      },
      {
        kind: 'text',
        body: change(
          {
            message_echoes: [
              {
                from: '15550001111',
                to: '5511999990000',
                id: 'wamid.ECHO',
                timestamp: '1767322900',
                type: 'text',
                text: { body: 'Sent today' },
              },
            ],
          },
          'smb_message_echoes',
        ),
      },
      {
        kind: 'text',
        body: change({
          contacts,
          statuses: [{ id: 'wamid.OUT', status: 'read', timestamp: '1767322801' }],
          messages: ['a', 'b'].map((id) => ({
            from_user_id: 'BR.123',
            id,
            timestamp: '1767322800',
            type: 'text',
            text: { body: id },
          })),
        }),
      },
    ],
    unknownKind: { platformKind: 'hologram', body: message('hologram', { depth: 3 }) },
    others: [
      status('sent', { biz_opaque_callback_data: 'our-message-id' }),
      status('delivered'),
      status('read'),
      status('played'),
      status('failed', { errors: [{ code: 131047, title: 'Re-engagement message' }] }),
      status('warning'),
      message('reaction', { message_id: 'wamid.OUT', emoji: '👍' }),
      message('edit', { original_message_id: 'wamid.A', message: { type: 'text', text: { body: 'new' } } }),
      message('revoke', { original_message_id: 'wamid.A' }),
      status('deleted'),
      message('request_welcome', undefined),
      change({ event: 'DISABLED_UPDATE' }, 'account_update'),
    ],
    unparsable: [
      '{"object":"whatsapp_business_account"}',
      '{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{}}]}]}',
      change({ messages: [{ id: 'wamid.X', from: '55', timestamp: 'soon', type: 'text' }] }),
      change({ messages: [{ from: '55', timestamp: '1767322800', type: 'text' }] }),
      change({ messages: [{ id: 'wamid.X', timestamp: '1767322800', type: 'text' }] }),
      change({ statuses: [{ status: 'sent', timestamp: '1767322800' }] }),
    ],
    ofAnotherAccount: { externalAccountId: 'PN2', body: message('text', { body: 'Hi' }).replace('PN1', 'PN2') },
  },
  sending: {
    outgoing: {
      externalThreadId: 'BR.123',
      buyer,
    },
    contents: [],
    answerSend: () => ({ status: 200, headers: {}, body: '{"messages":[{"id":"wamid.OUT"}]}' }),
  },
};
