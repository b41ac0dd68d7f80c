import {
  type Actor,
  type AnyEvent,
  checkEvent,
  ContractViolation,
  type Envelope,
  envelopeBytesMax,
  type EventData,
  type EventId,
  type EventType,
  newId,
  type TenantId,
  topicOf,
  versionOf,
} from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { textArray } from '../db/binary-array.ts';
import { afterCommit } from '../db/timed-transaction.ts';
import type { RequestContext } from '../caller/request-context.ts';

declare const locked: unique symbol;

/**
 * Proof that the row of an aggregate is locked in this transaction (`select … for update`, an upsert, or the insert of
 * a new one). Events are appended while it is locked, so that their order in the outbox is the order of the changes.
 */
export interface LockedAggregate {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly version: number;
  readonly [locked]: true;
}

/**
 * To be called only by store functions, on the row they have just locked. `version` is the version after the change.
 */
export function lockedAggregate(row: { tenantId: TenantId; id: string; version: number }): LockedAggregate {
  return row as LockedAggregate;
}

/** The cause of an event: copied into its envelope. */
export interface Origin {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly causationDepth: number;
  readonly traceparent: string | null;
}

/** The origin of events that a person or program caused through the API. */
export function causedByRequest(context: RequestContext): Origin {
  const { caller } = context;
  const actor: Actor =
    caller.kind === 'anonymous' ? { kind: 'system', id: null } : { kind: 'agent', id: caller.agentId };
  return { actor, correlationId: newId(), causationId: null, causationDepth: 0, traceparent: context.traceparent };
}

/** The origin of events that follow from another event. */
export function causedByEvent(
  {
    event,
    traceparent,
  }: {
    readonly event: Pick<Envelope, 'id' | 'actor' | 'correlationId' | 'causationDepth'>;
    readonly traceparent: string | null;
  },
  actor: Actor = event.actor,
): Origin {
  return {
    actor,
    correlationId: event.correlationId,
    causationId: event.id,
    causationDepth: event.causationDepth + 1,
    traceparent,
  };
}

/** The origin of events that come from outside (webhook, poll) or from the clock, which brings no trace. */
export function causedOutside(actor: Actor, traceparent: string | null = null): Origin {
  return { actor, correlationId: newId(), causationId: null, causationDepth: 0, traceparent };
}

/** The origin of events that a timer or a job causes: a chain of its own for each call. */
export function causedBySystem(): Origin {
  return causedOutside({ kind: 'system', id: null });
}

/** Builds one event to append. `occurredAt` and `receivedAt` default to now. */
export interface EventDraft<T extends EventType = EventType> {
  readonly aggregate: LockedAggregate;
  readonly type: T;
  readonly data: EventData<T>;
  readonly origin: Origin;
  readonly occurredAt?: Date;
  readonly receivedAt?: Date;
}

export type AnyEventDraft = { [T in EventType]: EventDraft<T> }[EventType];

export interface Outbox {
  /**
   * Appends events in the transaction of the change they report, in the given order, and returns their ids. Its commit
   * wakes the relay.
   * @throws ContractViolation before an event that cannot be published enters the table
   */
  append<Tables>(trx: Transaction<Tables>, drafts: readonly AnyEventDraft[]): Promise<EventId[]>;
  /** Sets what wakes the relay of this process. */
  onCommitted(listener: () => void): void;
}

/** In JSON a NUL is always escaped, and a surrogate only when its other half is missing. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

export function createOutbox(source: string, clock: { now(): Date }): Outbox {
  let listener: () => void = () => undefined;
  const wake = (): void => listener();
  return {
    onCommitted: (next) => {
      listener = next;
    },
    async append(trx, drafts) {
      if (drafts.length === 0) return [];
      const now = clock.now().toISOString();
      const events = drafts.map((draft) => envelopeOf(source, draft, now));
      const envelopes = events.map((event) => JSON.stringify(event));
      if (envelopes.some((text) => Buffer.byteLength(text) > envelopeBytesMax)) {
        throw new ContractViolation([`larger than ${envelopeBytesMax} bytes`]);
      }
      if (envelopes.some((text) => unstorable.test(text))) {
        throw new ContractViolation(['a text with a NUL or half a surrogate pair, which Postgres cannot store']);
      }
      await sql`
        insert into outbox_event (event_id, tenant_id, topic, key, envelope, traceparent)
        select event_id, tenant_id, topic, key, envelope::json, traceparent
        from unnest(${events.map((e) => e.id)}::uuid[], ${events.map((e) => e.tenantId)}::uuid[],
          ${events.map((e) => topicOf(e.type))}::text[], ${events.map((e) => e.aggregateId)}::uuid[], ${textArray(envelopes)}::text[],
          ${drafts.map((draft) => draft.origin.traceparent)}::text[])
          with ordinality as e (event_id, tenant_id, topic, key, envelope, traceparent, position)
        order by position`.execute(trx);
      afterCommit(trx, wake);
      return events.map((event) => event.id);
    },
  };
}

function envelopeOf(source: string, draft: AnyEventDraft, now: string): AnyEvent {
  const { aggregate, origin } = draft;
  return checkEvent({
    id: newId(),
    type: draft.type,
    version: versionOf(draft.type),
    source,
    tenantId: aggregate.tenantId,
    aggregateId: aggregate.id,
    aggregateVersion: aggregate.version,
    occurredAt: draft.occurredAt?.toISOString() ?? now,
    receivedAt: draft.receivedAt?.toISOString() ?? now,
    recordedAt: now,
    actor: origin.actor,
    correlationId: origin.correlationId,
    causationId: origin.causationId,
    causationDepth: origin.causationDepth,
    data: draft.data,
  });
}
