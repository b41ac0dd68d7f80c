import {
  type AnyEvent,
  decodeEvent,
  type EventId,
  type EventOf,
  type EventType,
  type TenantId,
  UnknownEvent,
} from '@crossdesk/contracts';
import type { IncomingRecord, Logger } from '@crossdesk/service-kit';
import type { ShownEvents } from './stream-declaration.ts';

/** The parts of a shown event that the gateway keeps. */
export interface LiveEvent<Facts> {
  readonly id: EventId;
  readonly tenantId: TenantId;
  readonly facts: Facts;
}

/** A record of a stream's topics; `event` is null if the stream does not show it. */
export interface LiveRecord<Facts> {
  /** The number of the partition in the stream, see StreamPartitions. */
  readonly partition: number;
  readonly position: bigint;
  readonly event: LiveEvent<Facts> | null;
}

/** The event that a stream shows for a record; null for none. */
export function readEvent<Facts>(
  shown: ShownEvents<Facts>,
  { topic, partition, position, value }: IncomingRecord,
  log: Pick<Logger, 'warn'>,
): LiveEvent<Facts> | null {
  try {
    return eventOf(shown, decodeEvent(value));
  } catch (err) {
    // The streams of this version do not show event types of a newer service: no warning for each of them.
    // A broken event is parked by its consumers, which raises an alert; a live stream goes on after it.
    if (!(err instanceof UnknownEvent))
      log.warn({ err, topic, partition, position: position.toString() }, 'live stream skips a record it cannot read');
    return null;
  }
}

function eventOf<Facts>(shown: ShownEvents<Facts>, event: AnyEvent): LiveEvent<Facts> | null {
  const facts = factsOf(shown, event);
  return facts === null ? null : { id: event.id, tenantId: event.tenantId, facts };
}

function factsOf<Facts, T extends EventType>(shown: ShownEvents<Facts>, event: EventOf<T>): Facts | null {
  const read = shown[event.type];
  return read?.(event) ?? null;
}
