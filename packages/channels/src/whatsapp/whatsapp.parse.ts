import { createHash } from 'node:crypto';
import type { Buyer } from '@crossdesk/contracts';
import {
  type Fact,
  type IgnoredReason,
  type NormalisedMessage,
  type ParsedDelivery,
  type ThreadAlias,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { about } from '../shared/addressing.ts';
import { factsAt } from '../shared/elements.ts';
import { deliveryJson, field, integer, list, seconds, text } from '../shared/platform-json.ts';
import { changeOf, deletionOf } from './whatsapp.change.ts';
import { contentOf } from './whatsapp.content.ts';
import { contextOf } from './whatsapp.context.ts';
import { describeError, statusFailure } from './whatsapp.errors.ts';

/** An element of a batch: its facts, and a key that is the same whenever Meta sends it again. */
interface KeyedFacts {
  readonly key: string;
  readonly facts: readonly Fact[];
}

/** Reads every element of every entry: Meta sends batches, and an app address receives the numbers of all its accounts. */
export function parseDelivery(address: WebhookAddress, request: WebhookRequest): ParsedDelivery {
  const body = deliveryJson(request.rawBody);
  const object = text(field(body, 'object'));
  if (object === null) throw new UnparsableDelivery('object is missing');
  const changes = changesOf(body);
  if (changes.length === 0) throw new UnparsableDelivery('entry[].changes[] is empty');
  const parts =
    object === 'whatsapp_business_account'
      ? changes.flatMap(({ at, change }) => changeFacts(address, at, change))
      : [ignored('', object, body)];
  return { deliveryKey: deliveryKey(parts.map(({ key }) => key)), facts: parts.flatMap(({ facts }) => facts) };
}

/** An entry without changes counts as one change that cannot be read. */
function changesOf(body: unknown): { readonly at: string; readonly change: unknown }[] {
  return list(field(body, 'entry')).flatMap((entry, entryIndex) => {
    const changes = list(field(entry, 'changes'));
    if (changes.length === 0) return [{ at: `entry.${entryIndex}`, change: entry }];
    return changes.map((change, index) => ({ at: `entry.${entryIndex}.changes.${index}`, change }));
  });
}

const deliveryKeyCharactersMax = 200;

function deliveryKey(keys: readonly string[]): string {
  const [first = '', ...others] = keys;
  if (others.length === 0 && first.length <= deliveryKeyCharactersMax) return first;
  return `batch:${sha256(keys.join('\n'))}`;
}

/** The arrays of a change that have a meaning, with the readers of their elements. */
const arrays: readonly {
  readonly name: string;
  readonly keyOf: (element: unknown) => string;
  readonly read: (element: unknown, contacts: Contacts) => Fact;
}[] = [
  {
    name: 'messages',
    keyOf: (message) => `message:${text(field(message, 'id'))}`,
    read: (message, contacts) => messageFact(contacts, message, 'inbound'),
  },
  {
    name: 'message_echoes',
    keyOf: (message) => `echo:${text(field(message, 'id'))}`,
    read: (message, contacts) => messageFact(contacts, message, 'outbound'),
  },
  {
    name: 'statuses',
    keyOf: (status) => `status:${text(field(status, 'id'))}:${text(field(status, 'status'))}`,
    read: statusFact,
  },
  {
    name: 'errors',
    keyOf: contentKey,
    read: (error) => ({
      type: 'ignored',
      platformKind: `error_${integer(field(error, 'code')) ?? 'none'}`,
      reason: 'error',
    }),
  },
];

/** Fields of changes that a seller may miss. */
const reasonsOfFields: ReadonlyMap<string, IgnoredReason> = new Map([
  ['history', 'history'],
  ['standby', 'other_app'],
]);

function changeFacts(address: WebhookAddress, at: string, change: unknown): KeyedFacts[] {
  const name = text(field(change, 'field'));
  if (name === null) return [unreadable(at, change, 'entry[].changes[].field is missing')];
  const value = field(change, 'value');
  const phoneNumberId = text(field(value, 'metadata', 'phone_number_id'));
  const { key, facts } = ignored(at, name, change);
  const unused = { key, facts: phoneNumberId === null ? facts : about(address, phoneNumberId, facts) };
  if (name !== 'messages' && name !== 'smb_message_echoes') return [unused];
  if (phoneNumberId === null) return [unreadable(at, change, 'value.metadata.phone_number_id is missing')];
  const contacts = contactsOf(value);
  const parts = arrays.flatMap((array) =>
    elementsOf(field(value, array.name)).map((element, index) => {
      const place = `${at}.value.${array.name}.${index}`;
      const facts = factsAt(place, () => about(address, phoneNumberId, [array.read(element, contacts)]));
      // A message that is sent again, correctly this time, must not count as a repetition.
      const isRead = facts.every(({ type }) => type !== 'unreadable');
      return { key: isRead ? array.keyOf(element) : contentKey(element), facts };
    }),
  );
  return parts.length === 0 ? [unused] : parts;
}

/** The elements of an array; anything else in its place is one element that cannot be read. */
function elementsOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null || Array.isArray(value) ? list(value) : [value];
}

function unreadable(at: string, part: unknown, reason: string): KeyedFacts {
  return { key: contentKey(part), facts: [{ type: 'unreadable', at, reason }] };
}

function ignored(at: string, platformKind: string, part: unknown): KeyedFacts {
  const reason = reasonsOfFields.get(platformKind);
  const fact: Fact = { type: 'ignored', at, platformKind, ...(reason === undefined ? {} : { reason }) };
  return { key: contentKey(part), facts: [fact] };
}

function contentKey(part: unknown): string {
  return `other:${sha256(JSON.stringify(part) ?? '')}`;
}

function messageFact(contacts: Contacts, message: unknown, direction: NormalisedMessage['direction']): Fact {
  const externalMessageId = required(text(field(message, 'id')), 'messages[].id');
  const occurredAt = required(seconds(field(message, 'timestamp')), 'messages[].timestamp');
  const type = text(field(message, 'type')) ?? 'none';
  const skipped = withoutMeaning(message, type);
  if (skipped !== null) return skipped;
  const contact = contactOf(contacts, message, direction);
  const buyer = direction === 'inbound' ? sender(contact, message) : receiver(message);
  const change = changeOf(message, type, { direction, buyer, occurredAt });
  const threadAliases = aliasesOf(buyer, message, contact, direction);
  if (change !== null) return { type: 'change', change: { ...change, threadAliases } };
  const context = contextOf(message);
  return {
    type: 'message',
    message: {
      externalThreadId: buyer.externalId,
      threadAliases,
      externalMessageId,
      direction,
      author: type === 'system' ? 'system' : direction === 'inbound' ? 'buyer' : 'seller',
      buyer,
      content: contentOf(message, type),
      ...(context === null ? {} : { context }),
      occurredAt,
      sequence: null,
      replyToExternalId: text(field(message, 'context', 'id')),
      externalOrderIds: [],
      raw: JSON.stringify(message),
    },
  };
}

/** Messages without meaning for an agent. Groups have no single buyer, so they cannot be answered as a conversation. */
function withoutMeaning(message: unknown, type: string): Fact | null {
  if (text(field(message, 'group_id')) !== null)
    return { type: 'ignored', platformKind: 'group_message', reason: 'group' };
  return type === 'request_welcome' ? { type: 'ignored', platformKind: type } : null;
}

/** The contacts of a change by their ids: a batch may have thousands of messages, and as many contacts. */
interface Contacts {
  readonly byUserId: ReadonlyMap<string | null, unknown>;
  readonly byPhone: ReadonlyMap<string | null, unknown>;
  /** Those without a user id. */
  readonly byPhoneOnly: ReadonlyMap<string | null, unknown>;
}

function contactsOf(value: unknown): Contacts {
  // The first of two contacts with one id wins: later entries of a map replace earlier ones.
  const contacts = list(field(value, 'contacts')).toReversed();
  const userIdOf = (contact: unknown) => text(field(contact, 'user_id'));
  const phoneOf = (contact: unknown) => text(field(contact, 'wa_id'));
  const by = (keyOf: (contact: unknown) => string | null, some = contacts) =>
    new Map(some.map((contact) => [keyOf(contact), contact]));
  return {
    byUserId: by(userIdOf),
    byPhone: by(phoneOf),
    byPhoneOnly: by(
      phoneOf,
      contacts.filter((contact) => userIdOf(contact) === null),
    ),
  };
}

function contactFor(
  { byUserId, byPhone, byPhoneOnly }: Contacts,
  userId: string | null,
  phone: string | null,
): unknown {
  if (userId === null) return phone === null ? undefined : byPhone.get(phone);
  return byUserId.get(userId) ?? (phone === null ? undefined : byPhoneOnly.get(phone));
}

/**
 * The thread is named by the business-scoped user id if there is one, because a later message may lack the phone number
 * and still belongs to the same thread. The buyer keeps the phone number.
 */
function sender(contact: unknown, message: unknown): Buyer {
  return buyerOf(
    text(field(message, 'system', 'user_id')) ??
      text(field(message, 'from_user_id')) ??
      text(field(contact, 'user_id')),
    text(field(message, 'system', 'wa_id')) ?? text(field(message, 'from')) ?? text(field(contact, 'wa_id')),
    text(field(contact, 'profile', 'name')) ?? text(field(contact, 'profile', 'username')),
  );
}

/** The contact of an inbound message; echoes have none. */
function contactOf(contacts: Contacts, message: unknown, direction: NormalisedMessage['direction']): unknown {
  if (direction === 'outbound') return undefined;
  return contactFor(contacts, text(field(message, 'from_user_id')), text(field(message, 'from')));
}

/**
 * Every id of the buyer. A system message tells that one person changed their number (`wa_id` is the new one) or their
 * user id (`previous_user_id` is the old one).
 */
function aliasesOf(
  { externalId, phone }: Buyer,
  message: unknown,
  contact: unknown,
  direction: NormalisedMessage['direction'],
): ThreadAlias[] {
  const system = field(message, 'system');
  const number = (value: unknown) => text(value)?.replace(/^\+/, '') ?? null;
  // An echo is from the seller's number.
  const oldNumber =
    direction === 'inbound' ? (number(field(message, 'from')) ?? number(field(contact, 'wa_id'))) : null;
  const toldNumber = number(field(system, 'wa_id'));
  const newNumber = toldNumber === oldNumber ? null : toldNumber;
  const told: readonly (readonly [string | null, ThreadAlias['standing']])[] = [
    ...[message, contact, system].flatMap((part) =>
      ['from_user_id', 'to_user_id', 'from_parent_user_id', 'user_id', 'parent_user_id', 'previous_user_id'].map(
        (name) => [text(field(part, name)), 'own'] as const,
      ),
    ),
    [newNumber, 'taken'],
    [oldNumber, newNumber === null ? 'lent' : 'held'],
    [number(field(message, 'to')), 'lent'],
    [number(phone), 'lent'],
    [externalId, 'lent'],
  ];
  // The first entry of an id counts.
  const byId = new Map(told.toReversed().flatMap(([id, standing]) => (id === null ? [] : [[id, standing] as const])));
  return [...byId].map(([id, standing]) => ({ id, standing }));
}

function receiver(message: unknown): Buyer {
  return buyerOf(text(field(message, 'to_user_id')), text(field(message, 'to')), null);
}

function buyerOf(userId: string | null, phone: string | null, name: string | null): Buyer {
  const digits = phone?.replace(/^\+/, '') ?? null;
  const externalId = required(userId ?? digits, 'messages[].from');
  return {
    externalId,
    commerceId: null,
    name,
    phone: digits !== null && /^\d{5,15}$/.test(digits) ? `+${digits}` : null,
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

function statusFact(part: unknown): Fact {
  const externalMessageId = required(text(field(part, 'id')), 'statuses[].id');
  const word = required(text(field(part, 'status')), 'statuses[].status');
  const occurredAt = required(seconds(field(part, 'timestamp')), 'statuses[].timestamp');
  if (word === 'deleted') return { type: 'change', change: deletionOf(part, externalMessageId, occurredAt) };
  const status = [...receiptStatuses].find(([platformWord]) => platformWord === word)?.[1];
  if (status === undefined) return { type: 'ignored', platformKind: `status_${word}` };
  const error = list(field(part, 'errors'))[0];
  return {
    type: 'receipt',
    externalMessageId,
    clientReference: text(field(part, 'biz_opaque_callback_data')),
    status,
    failure: status === 'failed' ? statusFailure(integer(field(error, 'code'))) : null,
    detail: status === 'failed' ? describeError(error) : null,
    occurredAt,
  };
}

function required<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new UnparsableDelivery(`${name} is missing or malformed`);
  return value;
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
