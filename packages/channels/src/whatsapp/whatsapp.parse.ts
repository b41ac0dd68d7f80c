import { createHash } from 'node:crypto';
import {
  type Fact,
  type IgnoredReason,
  type NormalisedMessage,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { about } from '../shared/addressing.ts';
import { factsAt } from '../shared/elements.ts';
import { deliveryJson, field, integer, list, text, toldSeconds } from '../shared/platform-json.ts';
import { aliasesOf, contactOf, type Contacts, contactsOf, receiver, sender } from './whatsapp.buyer.ts';
import { changeOf } from './whatsapp.change.ts';
import { contentOf } from './whatsapp.content.ts';
import { contextOf } from './whatsapp.context.ts';
import { required } from './whatsapp.required.ts';
import { statusFact } from './whatsapp.status.ts';

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
    keyOf: (message) => messageKey('message', message, 'from'),
    read: (message, contacts) => messageFact(contacts, message, 'inbound'),
  },
  {
    name: 'message_echoes',
    keyOf: (message) => messageKey('echo', message, 'to'),
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

/** The id of a message is unique within its chat only. */
function messageKey(kind: string, message: unknown, buyer: 'from' | 'to'): string {
  const chat = text(field(message, `${buyer}_user_id`)) ?? text(field(message, buyer));
  return `${kind}:${text(field(message, 'id'))}:${chat}`;
}

function contentKey(part: unknown): string {
  return `other:${sha256(JSON.stringify(part) ?? '')}`;
}

function messageFact(contacts: Contacts, message: unknown, direction: NormalisedMessage['direction']): Fact {
  const externalMessageId = required(text(field(message, 'id')), 'messages[].id');
  const occurredAt = required(toldSeconds(field(message, 'timestamp')), 'messages[].timestamp');
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

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
