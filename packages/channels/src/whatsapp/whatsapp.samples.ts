import { createHmac } from 'node:crypto';
import { newId } from '@crossdesk/contracts';
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
