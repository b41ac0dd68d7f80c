import type { EventData } from '@crossdesk/contracts';
import { amountOf, type Delivered } from '@crossdesk/service-kit';
import type { Row } from '../db.ts';

/** What automation knows of an order. */
export type OrderFacts = Row<'order_facts'>;

type Order = EventData<'ingest.order-updated'>;

/** The newest facts of each order of a batch. */
export function latestOrders(told: readonly Delivered<'ingest.order-updated'>[]): OrderFacts[] {
  const latest = new Map<string, OrderFacts>();
  for (const { event } of told) {
    const key = `${event.tenantId} ${event.aggregateId}`;
    if ((latest.get(key)?.version ?? 0) > event.aggregateVersion) continue;
    latest.set(key, { ...factsIn(event.data), tenant_id: event.tenantId, version: event.aggregateVersion });
  }
  return [...latest.values()];
}

function factsIn(order: Order): Omit<OrderFacts, 'tenant_id' | 'version'> {
  const shipment = latestShipment(order);
  return {
    order_id: order.orderId,
    external_order_id: order.externalOrderId,
    state: order.state,
    placed_at: new Date(order.placedAt),
    total_minor: order.total?.amountMinor ?? null,
    total_currency: order.total?.currency ?? null,
    market: order.recipient?.region ?? null,
    product: order.items[0]?.title ?? null,
    parcels: order.shipments.length,
    carrier: shipment?.carrier ?? null,
    tracking_number: shipment?.trackingNumber ?? null,
    shipment_state: shipment?.state ?? null,
  };
}

function latestShipment({ shipments }: Order): Order['shipments'][number] | undefined {
  return shipments.toSorted((a, b) => (a.updatedAt ?? '').localeCompare(b.updatedAt ?? '')).at(-1);
}

/** The variables of templates to which an order gives values. */
export const orderVariables = [
  'orderNumber',
  'orderedOn',
  'orderTotal',
  'product',
  'parcels',
  'carrier',
  'trackingNumber',
] as const;

/**
 * The values that an order gives to the variables of templates, by their names. A value that is not known is missing, so
 * that a text which needs it is not used.
 */
export function valuesOf(order: OrderFacts): Map<string, string> {
  const { total_minor: amountMinor, total_currency: currency, placed_at: placedAt, parcels } = order;
  const total = amountMinor === null || currency === null ? null : `${amountOf({ amountMinor, currency })} ${currency}`;
  const known: Readonly<Record<(typeof orderVariables)[number], string | null>> = {
    orderNumber: order.external_order_id,
    orderedOn: placedAt.toISOString().slice(0, 10),
    orderTotal: total,
    product: order.product,
    parcels: parcels === 0 ? null : String(parcels),
    carrier: order.carrier,
    trackingNumber: order.tracking_number,
  };
  return new Map(Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}
