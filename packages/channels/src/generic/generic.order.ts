import type { PlatformOrder } from '@crossdesk/contracts';
import { field, integer, list, text } from '../shared/platform-json.ts';
import { httpsUrl, isoInstant, money, phoneNumber, required } from './generic.read.ts';

type Shipment = PlatformOrder['shipments'][number];

const orderStates: readonly PlatformOrder['state'][] = [
  'pending_payment',
  'on_hold',
  'to_ship',
  'ready',
  'part_shipped',
  'shipped',
  'delivered',
  'completed',
  'cancel_requested',
  'cancelled',
  'return_open',
];

const shipmentStates: readonly Shipment['state'][] = [
  'pre_transit',
  'in_transit',
  'customs',
  'available_for_pickup',
  'out_for_delivery',
  'attempt_fail',
  'delivered',
  'exception',
  'returning',
  'returned',
  'cancelled',
];

/** Reads the `data` of `order.updated`, always the whole order. `platformState` keeps states that we do not have. */
export function orderOf(data: unknown): PlatformOrder {
  const platformState = required(text(field(data, 'state')), 'data.state');
  const placedAt = required(isoInstant(field(data, 'placedAt')), 'data.placedAt');
  return {
    externalOrderId: required(text(field(data, 'id')), 'data.id'),
    state: orderStates.find((state) => state === platformState) ?? 'other',
    platformState,
    buyerExternalId: text(field(data, 'buyer', 'id')),
    buyerName: text(field(data, 'buyer', 'name')),
    total: money(field(data, 'total')),
    recipient: recipientOf(field(data, 'recipient')),
    items: list(field(data, 'items')).map(itemOf),
    shipments: list(field(data, 'shipments')).map(shipmentOf),
    placedAt,
    platformUpdatedAt: required(isoInstant(field(data, 'updatedAt')), 'data.updatedAt'),
  };
}

function recipientOf(recipient: unknown): PlatformOrder['recipient'] {
  if (typeof recipient !== 'object' || recipient === null) return null;
  const phone = text(field(recipient, 'phone'));
  const parts = {
    name: text(field(recipient, 'name')),
    phone: phoneNumber(phone),
    fullAddress: text(field(recipient, 'fullAddress')),
    city: text(field(recipient, 'city')),
    region: /^[A-Z]{2}$/.exec(text(field(recipient, 'region')) ?? '')?.[0] ?? null,
    postalCode: text(field(recipient, 'postalCode')),
  };
  return { ...parts, isMasked: Object.values(parts).some((part) => part?.includes('*') === true) };
}

function itemOf(item: unknown): PlatformOrder['items'][number] {
  const quantity = integer(field(item, 'quantity'));
  return {
    externalItemId: required(text(field(item, 'id')), 'data.items[].id'),
    sku: text(field(item, 'sku')),
    title: required(text(field(item, 'title')), 'data.items[].title'),
    variant: text(field(item, 'variant')),
    imageUrl: httpsUrl(field(item, 'imageUrl')),
    quantity: required(quantity !== null && quantity >= 0 ? quantity : null, 'data.items[].quantity'),
    unitPrice: money(field(item, 'unitPrice')),
  };
}

function shipmentOf(shipment: unknown): Shipment {
  const platformState = text(field(shipment, 'state'));
  return {
    externalShipmentId: required(text(field(shipment, 'id')), 'data.shipments[].id'),
    carrier: text(field(shipment, 'carrier')),
    trackingNumber: text(field(shipment, 'trackingNumber')),
    state: shipmentStates.find((state) => state === platformState) ?? 'unknown',
    platformState,
    updatedAt: isoInstant(field(shipment, 'updatedAt')),
  };
}
