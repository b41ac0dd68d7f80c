import type { PlatformOrder } from '@crossdesk/contracts';
import type { Fact } from '../port/index.ts';
import type { Money } from '../shared/money.ts';
import { amount, createParts, type Parts, quantity, region, told } from '../shared/order-values.ts';
import { field, list, text } from '../shared/platform-json.ts';
import { httpsUrl, isoInstant, phoneNumber, required } from './generic.read.ts';

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

/**
 * Reads the `data` of `order.updated`, always the whole order. `platformState` keeps states that we do not have. A part
 * that cannot be read does not hide the order.
 */
export function orderFacts(data: unknown): readonly Fact[] {
  const platformState = required(text(field(data, 'state')), 'data.state');
  const placedAt = required(isoInstant(field(data, 'placedAt')), 'data.placedAt');
  const parts = createParts();
  const order: PlatformOrder = {
    externalOrderId: required(text(field(data, 'id')), 'data.id'),
    state: orderStates.find((state) => state === platformState) ?? 'other',
    platformState,
    buyerExternalId: text(field(data, 'buyer', 'id')),
    buyerName: told(field(data, 'buyer', 'name')),
    total: moneyIn(parts, 'total', field(data, 'total')),
    recipient: recipientOf(field(data, 'recipient')),
    items: partsOf(parts, 'items', field(data, 'items'), itemOf),
    shipments: partsOf(parts, 'shipments', field(data, 'shipments'), shipmentOf),
    placedAt,
    platformUpdatedAt: required(isoInstant(field(data, 'updatedAt')), 'data.updatedAt'),
  };
  const unreadable = parts.problems.map(({ at, reason }): Fact => {
    return { type: 'unreadable', at: `data.${at}`, reason };
  });
  return [{ type: 'order', at: 'data', order }, ...unreadable];
}

/** The elements of a list that can be read; the others are noted. */
function partsOf<Part>(
  parts: Parts,
  name: string,
  values: unknown,
  read: (value: unknown, at: string, parts: Parts) => Part,
): Part[] {
  return list(values).flatMap((value, index) => {
    const at = `${name}.${index}`;
    const part = parts.read(at, () => read(value, at, parts));
    return part === null ? [] : [part];
  });
}

/** Reads `{"amount": "19.90", "currency": "EUR"}`; null if nothing is given. */
function moneyIn(parts: Parts, at: string, value: unknown): Money | null {
  if (value === undefined || value === null) return null;
  return parts.read(at, () => amount(field(value, 'amount') ?? {}, text(field(value, 'currency')) ?? ''));
}

function recipientOf(recipient: unknown): PlatformOrder['recipient'] {
  if (typeof recipient !== 'object' || recipient === null) return null;
  const phone = told(field(recipient, 'phone'));
  const country = told(field(recipient, 'region'));
  const parts = {
    name: told(field(recipient, 'name')),
    phone: phoneNumber(phone),
    fullAddress: told(field(recipient, 'fullAddress')),
    city: told(field(recipient, 'city')),
    postalCode: told(field(recipient, 'postalCode')),
  };
  const isMasked = [...Object.values(parts), country].some((part) => part?.includes('*') === true);
  return { ...parts, region: region(country), isMasked };
}

function itemOf(item: unknown, at: string, parts: Parts): PlatformOrder['items'][number] {
  return {
    externalItemId: required(text(field(item, 'id')), 'data.items[].id'),
    sku: told(field(item, 'sku')),
    title: required(text(field(item, 'title')), 'data.items[].title'),
    variant: told(field(item, 'variant')),
    imageUrl: httpsUrl(field(item, 'imageUrl')),
    quantity: parts.read(`${at}.quantity`, () => required(quantity(field(item, 'quantity')), 'data.items[].quantity')),
    unitPrice: moneyIn(parts, `${at}.unitPrice`, field(item, 'unitPrice')),
  };
}

/** Words that mean one of our states. */
const otherStates: Readonly<Record<string, Shipment['state']>> = { lost: 'exception', damaged: 'exception' };

function shipmentOf(shipment: unknown): Shipment {
  const platformState = text(field(shipment, 'state'));
  return {
    externalShipmentId: required(text(field(shipment, 'id')), 'data.shipments[].id'),
    carrier: told(field(shipment, 'carrier')),
    trackingNumber: told(field(shipment, 'trackingNumber')),
    state: shipmentStates.find((state) => state === platformState) ?? otherStates[platformState ?? ''] ?? 'unknown',
    platformState,
    updatedAt: isoInstant(field(shipment, 'updatedAt')),
  };
}
