import { type AnyEvent, erasedEvent } from '@crossdesk/contracts';

/** An erasure of what was recorded until then about a conversation or an order. */
export interface StoredErasure {
  readonly tenant_id: string;
  readonly key: string;
  /** The service whose events are meant; `everywhere`: those of all services. */
  readonly by: string;
  readonly erased_at: Date;
}

/** The event as it may be kept: one from before an erasure of its key without the buyer. */
export function withoutErased(event: AnyEvent, erasures: readonly StoredErasure[]): AnyEvent {
  const recordedAt = new Date(event.recordedAt);
  const isErased = erasures.some(
    ({ tenant_id, key, by, erased_at }) =>
      tenant_id === event.tenantId &&
      key === event.aggregateId &&
      (by === 'everywhere' || by === event.source) &&
      recordedAt <= erased_at,
  );
  return isErased ? (erasedEvent(event) ?? event) : event;
}
