import type { PlatformOrder } from '@crossdesk/contracts';
import { type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import { type Money, moneyFromMajor } from '../shared/money.ts';
import { boolean, deliveryJson, field, list, seconds, text } from '../shared/platform-json.ts';

type Item = PlatformOrder['items'][number];
type Shipment = PlatformOrder['shipments'][number];

const orderStates: Readonly<Record<string, PlatformOrder['state']>> = {
  UNPAID: 'pending_payment',
  ON_HOLD: 'on_hold',
  AWAITING_SHIPMENT: 'to_ship',
  PARTIALLY_SHIPPING: 'part_shipped',
  AWAITING_COLLECTION: 'ready',
  IN_TRANSIT: 'shipped',
  DELIVERED: 'delivered',
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  CANCEL: 'cancelled',
};

/** In these states the buyer's request to cancel has been decided, even if the flag is still set. */
const settledStates = new Set<PlatformOrder['state']>(['delivered', 'completed', 'cancelled']);

const shipmentStates: Readonly<Record<string, Shipment['state']>> = {
  TO_FULFILL: 'pre_transit',
  PROCESSING: 'pre_transit',
  FULFILLING: 'in_transit',
  COMPLETED: 'delivered',
  CANCELLED: 'cancelled',
};

/**
 * Reads an order, which has the same shape in both order calls.
 * @throws UnparsableDelivery when it lacks its id or every instant
 */
export function readOrder(value: unknown): PlatformOrder {
  const externalOrderId = text(field(value, 'id'));
  const createdAt = seconds(field(value, 'create_time'));
  const updatedAt = seconds(field(value, 'update_time')) ?? createdAt;
  if (externalOrderId === null) throw new UnparsableDelivery('id is missing');
  if (updatedAt === null) throw new UnparsableDelivery('create_time and update_time are missing or malformed');
  const currency = text(field(value, 'payment', 'currency')) ?? '';
  return {
    externalOrderId,
    state: stateOf(value),
    platformState: text(field(value, 'status')) ?? '',
    buyerExternalId: text(field(value, 'user_id')),
    buyerName: null,
    total: amount(field(value, 'payment', 'total_amount'), currency),
    recipient: readRecipient(field(value, 'recipient_address')),
    items: readItems(list(field(value, 'line_items')), currency),
    shipments: readShipments(value),
    placedAt: (createdAt ?? updatedAt).toISOString(),
    platformUpdatedAt: updatedAt.toISOString(),
  };
}

/** Reads the `raw` of an order that could not be read. */
export const readOrderAgain: ReadAgain<PlatformOrder> = (_account, raw) => ({
  items: [readOrder(deliveryJson(Buffer.from(raw)))],
  unreadable: [],
});

function stateOf(value: unknown): PlatformOrder['state'] {
  const state = orderStates[text(field(value, 'status')) ?? ''] ?? 'other';
  const isCancelRequested = boolean(field(value, 'is_buyer_request_cancel')) === true;
  return isCancelRequested && !settledStates.has(state) ? 'cancel_requested' : state;
}

/** TikTok lists every unit separately: equal units with the same price and package become one line. */
function readItems(units: readonly unknown[], orderCurrency: string): Item[] {
  const lines = new Map<string, Item>();
  for (const unit of units) {
    const key = JSON.stringify(['sku_id', 'sale_price', 'package_id'].map((name) => text(field(unit, name))));
    const line = lines.get(key);
    const item = readUnit(unit, key, orderCurrency);
    if (line === undefined) {
      lines.set(key, item);
      continue;
    }
    // The line has the lowest unit id, so that the order of the units does not matter.
    const externalItemId = [line.externalItemId, item.externalItemId].toSorted()[0] ?? line.externalItemId;
    lines.set(key, { ...line, externalItemId, quantity: line.quantity + 1 });
  }
  return [...lines.values()];
}

function readUnit(unit: unknown, key: string, orderCurrency: string): Item {
  const currency = text(field(unit, 'currency')) ?? orderCurrency;
  return {
    externalItemId: text(field(unit, 'id')) ?? key,
    sku: text(field(unit, 'seller_sku')),
    title: text(field(unit, 'product_name')) ?? '',
    variant: text(field(unit, 'sku_name')),
    imageUrl: text(field(unit, 'sku_image')),
    quantity: 1,
    unitPrice: amount(field(unit, 'sale_price'), currency) ?? amount(field(unit, 'original_price'), currency),
  };
}

/** Packages are only ids; their carrier, number and state are in their units. */
function readShipments(order: unknown): Shipment[] {
  const units = list(field(order, 'line_items'));
  const listed = list(field(order, 'packages')).map((parcel) => text(field(parcel, 'id')));
  const ids = new Set([...listed, ...units.map((unit) => text(field(unit, 'package_id')))].filter((id) => id !== null));
  return [...ids].map((id) => {
    const inside = units.filter((unit) => text(field(unit, 'package_id')) === id);
    const told = (name: string) =>
      inside.map((unit) => text(field(unit, name))).find((found) => found !== null) ?? null;
    // The shipping data of the order belong to its only package.
    const ofOrder = (name: string) => (ids.size === 1 ? text(field(order, name)) : null);
    const platformState = told('package_status');
    return {
      externalShipmentId: id,
      carrier: told('shipping_provider_name') ?? ofOrder('shipping_provider'),
      trackingNumber: told('tracking_number') ?? ofOrder('tracking_number'),
      state: shipmentStates[platformState ?? ''] ?? 'unknown',
      platformState,
      updatedAt: null,
    };
  });
}

/** Absent before payment; masked with asterisks where the platform ships. */
function readRecipient(value: unknown): PlatformOrder['recipient'] {
  const given = [text(field(value, 'first_name')), text(field(value, 'last_name'))].filter((part) => part !== null);
  const name = text(field(value, 'name')) ?? (given.length > 0 ? given.join(' ') : null);
  const phone = text(field(value, 'phone_number'));
  const fullAddress = text(field(value, 'full_address')) ?? text(field(value, 'address_detail'));
  const city = readCity(value);
  const region = text(field(value, 'region_code'));
  const postalCode = text(field(value, 'postal_code'));
  const parts = [name, phone, fullAddress, city, region, postalCode];
  if (parts.every((part) => part === null)) return null;
  const isMasked = parts.some((part) => part?.includes('*') === true);
  return { name, phone, fullAddress, city, region, postalCode, isMasked };
}

/** The level of the city differs by country: the level named "city", otherwise the second level below the country. */
function readCity(address: unknown): string | null {
  const districts = list(field(address, 'district_info'));
  const named = districts.find((district) => /\bcity\b/i.test(text(field(district, 'address_level_name')) ?? ''));
  const second = districts.find((district) => text(field(district, 'address_level')) === 'L2');
  return text(field(named, 'address_name')) ?? text(field(address, 'post_town')) ?? text(field(second, 'address_name'));
}

function amount(value: unknown, currency: string): Money | null {
  const decimal = text(value);
  return decimal === null ? null : moneyFromMajor(decimal, currency);
}
