import type { ChannelAccountId, EventData, EventOf, OrderId, TenantId } from '@crossdesk/contracts';

/** A state that an order came to. */
export interface OrderStep {
  readonly tenantId: TenantId;
  readonly orderId: OrderId;
  readonly accountId: ChannelAccountId;
  /** Of the snapshot that brought it. */
  readonly version: number;
  readonly state: EventData<'ingest.order-updated'>['state'];
  /** When, by the clock of the platform. */
  readonly at: Date;
}

export function stepIn({ tenantId, aggregateVersion, data }: EventOf<'ingest.order-updated'>): OrderStep {
  const { orderId, accountId, state, platformUpdatedAt } = data;
  return { tenantId, orderId, accountId, version: aggregateVersion, state, at: new Date(platformUpdatedAt) };
}

/**
 * Those of the snapshots that bring an order to another state than the one before. A snapshot that is older than the last
 * known step tells nothing new.
 */
export function newSteps(
  snapshots: readonly OrderStep[],
  lastKnown: ReadonlyMap<string, Pick<OrderStep, 'version' | 'state'>>,
): OrderStep[] {
  const last = new Map(lastKnown);
  return snapshots
    .toSorted((a, b) => a.version - b.version)
    .filter((one) => {
      const before = last.get(stepKey(one));
      const isNew = before === undefined || (before.version < one.version && before.state !== one.state);
      if (isNew) last.set(stepKey(one), one);
      return isNew;
    });
}

export function stepKey({ tenantId, orderId }: Pick<OrderStep, 'tenantId' | 'orderId'>): string {
  return `${tenantId} ${orderId}`;
}
