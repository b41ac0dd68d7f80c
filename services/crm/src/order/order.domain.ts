import type { ChannelAccountId, EventOf, OrderId, TenantId } from '@crossdesk/contracts';
import type { Amount } from '../value/rate/rate.domain.ts';
import { exactNumber, type MentionKind, normalNumber } from '../link/mention.domain.ts';

/** The part of an order that linking needs. */
export interface OrderRef {
  readonly tenantId: TenantId;
  readonly orderId: OrderId;
  readonly accountId: ChannelAccountId;
  readonly externalOrderId: string;
  /** The external id in the form of references. */
  readonly reference: string;
  /** The external id in the form of words in a text. */
  readonly orderNumber: string;
  readonly buyerExternalId: string | null;
  readonly placedAt: Date;
  readonly state: string | null;
  readonly total: Amount | null;
  /** The country it goes to. */
  readonly region: string | null;
  readonly skus: readonly string[];
  readonly version: number;
  readonly trackingNumbers: readonly string[];
}

/** A key by which conversations may wait for an order. */
export interface OrderName {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly kind: MentionKind;
  readonly token: string;
}

export function orderRefOf({ tenantId, aggregateVersion, data }: EventOf<'ingest.order-updated'>): OrderRef {
  const { orderId, accountId, externalOrderId, buyerExternalId, placedAt, shipments, state, total, recipient, items } =
    data;
  const trackingNumbers = shipments.flatMap(({ trackingNumber }) => {
    const number = trackingNumber === null ? '' : normalNumber(trackingNumber);
    return number === '' ? [] : [number];
  });
  return {
    tenantId,
    orderId,
    accountId,
    externalOrderId,
    reference: exactNumber(externalOrderId),
    orderNumber: normalNumber(externalOrderId),
    buyerExternalId,
    placedAt: new Date(placedAt),
    state,
    total: total === null ? null : { minor: BigInt(total.amountMinor), currency: total.currency },
    region: recipient?.region ?? null,
    skus: [...new Set(items.flatMap(({ sku }) => sku ?? []))],
    version: aggregateVersion,
    trackingNumbers,
  };
}

export function orderKey({ tenantId, orderId }: Pick<OrderRef, 'tenantId' | 'orderId'>): string {
  return `${tenantId} ${orderId}`;
}

/** One snapshot per order, in the order of their keys: the latest, with the tracking numbers of all. */
export function latestOrders(orders: readonly OrderRef[]): OrderRef[] {
  const latest = new Map<string, OrderRef>();
  for (const order of orders) {
    const known = latest.get(orderKey(order));
    const newer = known === undefined || known.version < order.version ? order : known;
    const trackingNumbers = [...new Set([...(known?.trackingNumbers ?? []), ...order.trackingNumbers])];
    latest.set(orderKey(order), { ...newer, trackingNumbers });
  }
  return [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, order]) => order);
}

/** The keys whose links a snapshot may change. Most snapshots only change the order's state and return none. */
export function namesTouched(order: OrderRef, known: OrderRef | undefined): OrderName[] {
  const isNewer = known === undefined || known.version < order.version;
  const isMoved = isNewer && (known?.buyerExternalId !== order.buyerExternalId || !isSameTime(known, order));
  const { tenantId, accountId } = order;
  const newTrackings = order.trackingNumbers.filter((number) => known?.trackingNumbers.includes(number) !== true);
  const isTouched = known === undefined || isMoved;
  const references = isTouched ? [order.reference] : [];
  // Conversations may be linked, or wait, by tracking numbers that this snapshot does not have any more.
  const trackings = new Set([...order.trackingNumbers, ...(known?.trackingNumbers ?? [])]);
  const numbers = isTouched ? [order.orderNumber, ...trackings] : newTrackings;
  const buyers = isMoved ? [order.buyerExternalId, known?.buyerExternalId ?? null] : [];
  return [
    ...references.map((token) => ({ tenantId, accountId, kind: 'reference', token }) as const),
    ...numbers.map((token) => ({ tenantId, accountId, kind: 'text', token }) as const),
    ...buyers.flatMap((token) => (token === null ? [] : [{ tenantId, accountId, kind: 'buyer', token } as const])),
  ];
}

function isSameTime(known: OrderRef | undefined, order: OrderRef): boolean {
  return known?.placedAt.getTime() === order.placedAt.getTime();
}
