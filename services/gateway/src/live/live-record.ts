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

/** What the gateway keeps of an event that a stream shows. */
export interface LiveEvent<Facts> {
  readonly id: EventId;
  readonly tenantId: TenantId;
  readonly facts: Facts;
}

/** A record of a stream's topics; `event` is null for what the stream does not show. */
export interface LiveRecord<Facts> {
  /** The number of the partition in the stream, see StreamPartitions. */
  readonly partition: number;
  readonly position: bigint;
  readonly event: LiveEvent<Facts> | null;
}

/** What a stream shows of a record; null for nothing. */
export function readEvent<Facts>(
  shown: ShownEvents<Facts>,
  { topic, partition, position, value }: IncomingRecord,
  log: Pick<Logger, 'warn'>,
): LiveEvent<Facts> | null {
  try {
    return eventOf(shown, decodeEvent(value));
  } catch (err) {
    // An event type that a newer service publishes is not on the streams of this version: no warning for each of them.
    // A broken event is parked by its consumers, which raises an alert; a live stream goes on behind it.
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
