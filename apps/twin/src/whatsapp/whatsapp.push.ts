import { randomInt } from 'node:crypto';
import type { Context } from '../platform.port.ts';
import { encodeJson } from '../json.ts';
import type { Change, ExecutedChange, Message, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import { postJson, type PushDraft, refuseFailures } from '../pusher.ts';
import { whatsappContent } from './whatsapp.content.ts';
import { appSecret, escapeNonAscii, signPush, verifyToken } from './whatsapp.entry.ts';

const timeoutMs = 10_000;

function draft(context: Context, shop: Shop, fieldName: string, value: Record<string, unknown>): PushDraft {
  const metadata = { display_phone_number: displayPhone(context, shop), phone_number_id: shop.externalAccountId };
  const change = { field: fieldName, value: { messaging_product: 'whatsapp', metadata, ...value } };
  const waba = context.seed.digits(15, 'waba', shop.externalAccountId);
  const entry = [{ id: waba, changes: [change] }];
  const body = escapeNonAscii(encodeJson({ object: 'whatsapp_business_account', entry }));
  return {
    request: postJson(body, () => ({ 'x-hub-signature-256': signPush(appSecret(context, shop), body) })),
    timeoutMs,
    refuse: refuseFailures,
  };
}

function displayPhone(context: Context, shop: Shop): string {
  return `1555${context.seed.digits(7, 'whatsapp-phone', shop.externalAccountId)}`;
}

/** Meta accepts an address only if its server knows the verify token and answers with the bare challenge. */
export function whatsappHandshake(context: Context, shop: Shop): PushDraft {
  const challenge = String(randomInt(1_000_000_000, 10_000_000_000));
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.challenge': challenge,
    'hub.verify_token': verifyToken(context, shop),
  });
  return {
    request: (url) => ({ method: 'GET', url: `${url}?${query.toString()}`, headers: {}, body: null }),
    timeoutMs,
    refuse: ({ status, body }) => (status === 200 && body === challenge ? null : 'the challenge did not come back'),
  };
}

export function whatsappMessagePush(context: Context, thread: Thread, message: Message): PushDraft {
  const content = whatsappContent(context, message.content);
  const common = { id: message.id, timestamp: String(seconds(message.at)), ...content };
  return elementDraft(context, thread, message.direction === 'inbound', common);
}

/** Reactions, edits and revocations are elements like messages, with an id of their own. */
export function whatsappChangePush(
  context: Context,
  thread: Thread,
  message: Message,
  { id, by, change, at }: ExecutedChange,
): PushDraft {
  const element = { id, timestamp: String(seconds(at)), ...changeElement(context, message, change) };
  return elementDraft(context, thread, by === 'buyer', element);
}

function changeElement(context: Context, message: Message, change: Change): Record<string, unknown> {
  switch (change.kind) {
    case 'reacted': {
      const reaction = { message_id: message.id, ...(change.emoji === null ? {} : { emoji: change.emoji }) };
      return { type: 'reaction', reaction };
    }
    case 'edited': {
      const edit = { original_message_id: message.id, message: whatsappContent(context, change.content) };
      return { type: 'edit', edit };
    }
    case 'deleted':
      return { type: 'revoke', revoke: { original_message_id: message.id } };
  }
}

/** A webhook with one element of the buyer, or an echo of what the seller did in the phone app. */
function elementDraft(
  context: Context,
  thread: Thread,
  isFromBuyer: boolean,
  common: Record<string, unknown>,
): PushDraft {
  const { shop, buyer } = thread;
  if (!isFromBuyer) {
    const echo = { from: displayPhone(context, shop), to: buyer.phone, to_user_id: buyer.externalId, ...common };
    return draft(context, shop, 'smb_message_echoes', { message_echoes: [echo] });
  }
  return draft(context, shop, 'messages', {
    contacts: [{ profile: { name: buyer.name }, wa_id: buyer.phone, user_id: buyer.externalId }],
    messages: [{ from: buyer.phone, from_user_id: buyer.externalId, ...common }],
  });
}

export function whatsappStatusPushes(context: Context, thread: Thread, message: Message): PushDraft[] {
  return ['sent', 'delivered', 'read'].map((status) =>
    draft(context, thread.shop, 'messages', {
      statuses: [
        {
          id: message.id,
          status,
          timestamp: String(seconds(context.clock())),
          recipient_id: thread.buyer.phone,
          recipient_user_id: thread.buyer.externalId,
          ...(message.key === null ? {} : { biz_opaque_callback_data: message.key }),
          pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' },
        },
      ],
    }),
  );
}
