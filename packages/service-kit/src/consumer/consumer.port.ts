import { type EventOf, type EventType, topicOf, type TopicName } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';

interface FromLog<Event> {
  readonly event: Event;
  readonly traceparent: string | null;
}

/** An event as delivered by the log. */
export type Delivered<T extends EventType = EventType> = FromLog<EventOf<T>>;

/**
 * Applies events to the service's own tables, all in the given transaction. The events are new (not consumed before),
 * and those of one key come in order. No calls to external systems: write a due row instead.
 */
export type Handle<Tables, T extends EventType> = (
  trx: Transaction<Tables>,
  events: readonly Delivered<T>[],
) => Promise<void>;

/** The handlers of a service, by event type. Types that share a function are handled in one call. */
export type Handlers<Tables> = { readonly [T in EventType]?: Handle<Tables, T> };

export interface ConsumerSpec<Tables> {
  /** `<service>.<purpose>`: also the name of the consumer group. */
  readonly name: string;
  /** Events of other types are skipped. */
  readonly on: Handlers<Tables>;
  /** The workspaces whose events are wanted, asked once for each batch; without it, of all. Events of others are not even decoded. */
  readonly tenantsWanted?: () => Promise<ReadonlySet<string>>;
}

/** The types that a consumer handles. */
export function typesOf<Tables>({ on }: Pick<ConsumerSpec<Tables>, 'on'>): EventType[] {
  // The keys of a handler map are event types: its type allows no others.
  return Object.keys(on) as EventType[];
}

/** The topics that its types travel in. */
export function consumedTopics<Tables>(spec: Pick<ConsumerSpec<Tables>, 'on'>): TopicName[] {
  return [...new Set(typesOf(spec).map(topicOf))].sort();
}

/** Thrown by a handler for an event that no retry can process: it is parked at once, with the message as reason. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}
