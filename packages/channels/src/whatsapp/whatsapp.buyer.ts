import type { Buyer } from '@crossdesk/contracts';
import type { NormalisedMessage, ThreadAlias } from '../port/index.ts';
import { field, list, text } from '../shared/platform-json.ts';
import { required } from './whatsapp.required.ts';

/** The contacts of a change by their ids: a batch may have thousands of messages, and as many contacts. */
export interface Contacts {
  readonly byUserId: ReadonlyMap<string | null, unknown>;
  readonly byPhone: ReadonlyMap<string | null, unknown>;
  /** Those without a user id. */
  readonly byPhoneOnly: ReadonlyMap<string | null, unknown>;
}

export function contactsOf(value: unknown): Contacts {
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
export function sender(contact: unknown, message: unknown): Buyer {
  return buyerOf(
    text(field(message, 'system', 'user_id')) ??
      text(field(message, 'from_user_id')) ??
      text(field(contact, 'user_id')),
    text(field(message, 'system', 'wa_id')) ?? text(field(message, 'from')) ?? text(field(contact, 'wa_id')),
    text(field(contact, 'profile', 'name')) ?? text(field(contact, 'profile', 'username')),
  );
}

/** The contact of an inbound message; echoes have none. */
export function contactOf(contacts: Contacts, message: unknown, direction: NormalisedMessage['direction']): unknown {
  if (direction === 'outbound') return undefined;
  return contactFor(contacts, text(field(message, 'from_user_id')), text(field(message, 'from')));
}

/**
 * Every id of the buyer. A system message tells that one person changed their number (`wa_id` is the new one) or their
 * user id (`previous_user_id` is the old one).
 */
export function aliasesOf(
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

export function receiver(message: unknown): Buyer {
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
