import {
  type ChannelAccountId,
  type EventData,
  type EventOf,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from '@crossdesk/testkit';

export interface GivenOrder extends Partial<EventData<'ingest.order-updated'>> {
  readonly tenantId: TenantId;
  readonly version?: number;
  readonly trackingNumbers?: readonly string[];
}

/** A snapshot of an order as ingest publishes it; pass only the fields that matter to the test. */
export function givenOrder({
  tenantId,
  version,
  trackingNumbers = [],
  ...given
}: GivenOrder): EventOf<'ingest.order-updated'> {
  const orderId = given.orderId ?? newId<OrderId>();
  const data: EventData<'ingest.order-updated'> = {
    orderId,
    accountId: newId<ChannelAccountId>(),
    channel: 'shopee',
    externalOrderId: '240918ABCX7',
    state: 'to_ship',
    platformState: 'READY_TO_SHIP',
    buyerExternalId: 'buyer-1',
    buyerName: null,
    total: null,
    recipient: null,
    items: [],
    shipments: trackingNumbers.map((trackingNumber, index) => ({
      externalShipmentId: String(index),
      carrier: null,
      trackingNumber,
      state: 'in_transit',
      platformState: null,
      updatedAt: null,
    })),
    placedAt: '2026-01-02T03:04:05.678Z',
    platformUpdatedAt: '2026-01-02T03:04:05.678Z',
    ...given,
  };
  return anEvent('ingest.order-updated', data, { tenantId, aggregateId: orderId, aggregateVersion: version ?? 1 });
}
