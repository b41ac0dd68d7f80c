import type { AnyEvent, EventOf, EventType } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';

/** An event as it came from the log. */
export interface Delivered<T extends EventType = EventType> {
  readonly event: T extends EventType ? EventOf<T> : AnyEvent;
  readonly traceparent: string | null;
}

/**
 * Applies events to the service's own tables, all in the given transaction. The events are new (seen never before),
 * of the types asked for, in the order of their keys. No calls to the outside: write a due row instead.
 */
export type Handle<Tables, T extends EventType> = (
  trx: Transaction<Tables>,
  events: readonly Delivered<T>[],
) => Promise<void>;

/** Thrown by a handler for an event that no repetition will make right: it is parked at once, with the message as reason. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}
