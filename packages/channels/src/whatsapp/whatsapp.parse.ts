import { createHash } from 'node:crypto';
import type { Buyer } from '@crossdesk/contracts';
import {
  type Fact,
  type NormalisedMessage,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { about } from '../shared/addressing.ts';
import { deliveryJson, field, integer, list, seconds, text } from '../shared/platform-json.ts';
import { contentOf } from './whatsapp.content.ts';
import { describeError, statusFailure } from './whatsapp.errors.ts';

interface KeyedFacts {
  readonly key: string;
  readonly facts: readonly Fact[];
}

/** Reads every element of every entry: Meta sends batches, and an app address receives the numbers of all its accounts. */
export function parseDelivery(address: WebhookAddress, request: WebhookRequest): ParsedDelivery {
  const body = deliveryJson(request.rawBody);
  const object = text(field(body, 'object'));
  if (object === null) throw new UnparsableDelivery('object is missing');
  const changes = list(field(body, 'entry')).flatMap((entry) => list(field(entry, 'changes')));
  if (changes.length === 0) throw new UnparsableDelivery('entry[].changes[] is empty');
  const parts =
    object === 'whatsapp_business_account'
      ? changes.flatMap((change) => changeFacts(address, change))
      : [ignored(object, body)];
  return { deliveryKey: deliveryKey(parts.map(({ key }) => key)), facts: parts.flatMap(({ facts }) => facts) };
}

const deliveryKeyCharactersMax = 200;

function deliveryKey(keys: readonly string[]): string {
  const [first = '', ...others] = keys;
  if (others.length === 0 && first.length <= deliveryKeyCharactersMax) return first;
  return `batch:${sha256(keys.join('\n'))}`;
}

function changeFacts(address: WebhookAddress, change: unknown): KeyedFacts[] {
  const name = text(field(change, 'field'));
  if (name === null) throw new UnparsableDelivery('entry[].changes[].field is missing');
  const value = field(change, 'value');
  if (name !== 'messages' && name !== 'smb_message_echoes') return [ignored(name, change)];
  const phoneNumberId = text(field(value, 'metadata', 'phone_number_id'));
  if (phoneNumberId === null) throw new UnparsableDelivery('value.metadata.phone_number_id is missing');
  const parts = [
    ...list(field(value, 'messages')).map((message) => messageFacts(value, message, 'inbound')),
    ...list(field(value, 'message_echoes')).map((message) => messageFacts(value, message, 'outbound')),
    ...list(field(value, 'statuses')).map(statusFacts),
  ];
  if (parts.length === 0) return [ignored(name, change)];
  return parts.map(({ key, facts }) => ({ key, facts: about(address, phoneNumberId, facts) }));
}

function ignored(platformKind: string, part: unknown): KeyedFacts {
  return {
    key: `other:${sha256(JSON.stringify(part))}`,
    facts: [{ type: 'ignored', platformKind }],
  };
}

function messageFacts(value: unknown, message: unknown, direction: NormalisedMessage['direction']): KeyedFacts {
  const externalMessageId = required(text(field(message, 'id')), 'messages[].id');
  const occurredAt = required(seconds(field(message, 'timestamp')), 'messages[].timestamp');
  const type = required(text(field(message, 'type')), 'messages[].type');
  const key = `${direction === 'inbound' ? 'message' : 'echo'}:${externalMessageId}`;
  const skipped = withoutMeaning(message, type);
  if (skipped !== null) return { key, facts: [{ type: 'ignored', platformKind: skipped }] };
  const buyer = direction === 'inbound' ? sender(value, message) : receiver(message);
  const fact: NormalisedMessage = {
    externalThreadId: buyer.externalId,
    externalMessageId,
    direction,
    author: type === 'system' ? 'system' : direction === 'inbound' ? 'buyer' : 'seller',
    buyer,
    content: contentOf(message, type),
    occurredAt,
    sequence: null,
    replyToExternalId: text(field(message, 'context', 'id')) ?? text(field(message, 'reaction', 'message_id')),
    externalOrderIds: [],
    raw: JSON.stringify(message),
  };
  return { key, facts: [{ type: 'message', message: fact }] };
}

/** Messages without meaning for an agent. Groups have no single buyer, so they cannot be answered as a conversation. */
function withoutMeaning(message: unknown, type: string): string | null {
  if (text(field(message, 'group_id')) !== null) return 'group_message';
  if (type === 'request_welcome') return type;
  return type === 'reaction' && text(field(message, 'reaction', 'emoji')) === null ? 'reaction_removed' : null;
}

/**
 * The thread is named by the business-scoped user id if there is one, because a later message may lack the phone number
 * and still belongs to the same thread. The buyer keeps the phone number.
 */
function sender(value: unknown, message: unknown): Buyer {
  const phone = text(field(message, 'from'));
  const userId = text(field(message, 'from_user_id'));
  const contacts = list(field(value, 'contacts'));
  const contact = contacts.find((candidate) => {
    const contactUserId = text(field(candidate, 'user_id'));
    return userId !== null && contactUserId !== null
      ? contactUserId === userId
      : phone !== null && text(field(candidate, 'wa_id')) === phone;
  });
  return buyerOf(
    userId ?? text(field(contact, 'user_id')),
    phone ?? text(field(contact, 'wa_id')),
    text(field(contact, 'profile', 'name')) ?? text(field(contact, 'profile', 'username')),
  );
}

function receiver(message: unknown): Buyer {
  return buyerOf(text(field(message, 'to_user_id')), text(field(message, 'to')), null);
}

function buyerOf(userId: string | null, phone: string | null, name: string | null): Buyer {
  const externalId = required(userId ?? phone, 'messages[].from');
  const digits = phone?.replace(/^\+/, '') ?? null;
  return {
    externalId,
    commerceId: null,
    name,
    phone: digits !== null && /^\d{5,15}$/.test(digits) ? digits : null,
    email: null,
    avatarUrl: null,
    locale: null,
  };
}

// `played` means that a voice message was listened to, which includes read.
const receiptStatuses = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['played', 'read'],
  ['failed', 'failed'],
] as const);

function statusFacts(part: unknown): KeyedFacts {
  const externalMessageId = required(text(field(part, 'id')), 'statuses[].id');
  const word = required(text(field(part, 'status')), 'statuses[].status');
  const occurredAt = required(seconds(field(part, 'timestamp')), 'statuses[].timestamp');
  const key = `status:${externalMessageId}:${word}`;
  const status = [...receiptStatuses].find(([platformWord]) => platformWord === word)?.[1];
  if (status === undefined) return { key, facts: [{ type: 'ignored', platformKind: `status_${word}` }] };
  const error = list(field(part, 'errors'))[0];
  const fact: Fact = {
    type: 'receipt',
    externalMessageId,
    clientReference: text(field(part, 'biz_opaque_callback_data')),
    status,
    failure: status === 'failed' ? statusFailure(integer(field(error, 'code'))) : null,
    detail: status === 'failed' ? describeError(error) : null,
    occurredAt,
  };
  return { key, facts: [fact] };
}

function required<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new UnparsableDelivery(`${name} is missing or malformed`);
  return value;
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
