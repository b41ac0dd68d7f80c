import { v7 } from 'uuid';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
export type EventId = Branded<'EventId'>;
export type AgentId = Branded<'AgentId'>;
export type ChannelAccountId = Branded<'ChannelAccountId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
export type NoteId = Branded<'NoteId'>;
export type CustomerId = Branded<'CustomerId'>;
export type OrderId = Branded<'OrderId'>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a lower-case RFC 9562 uuid, the only spelling the log and the database carry. */
export function isUuid(value: string): boolean {
  return uuidPattern.test(value);
}

/** A new id: UUIDv7, so that primary keys grow with time and monthly partitions can be cut along them. */
export function newId<Id extends string>(): Id {
  return v7() as Id;
}

/**
 * Decodes an id that comes from outside. Returns null for anything that is not a uuid, so that a malformed id
 * behaves like an absent one.
 */
export function parseId<Id extends string>(value: string): Id | null {
  const lower = value.toLowerCase();
  return isUuid(lower) ? (lower as Id) : null;
}

/** The first UUIDv7 of an instant: the boundary of a monthly partition. */
export function firstIdAt(instant: Date): string {
  const hex = instant.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
