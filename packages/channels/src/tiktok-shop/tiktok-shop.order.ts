import type { PlatformOrder } from '@crossdesk/contracts';
import { type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import { amount, createParts, type Parts, type ReadOrder, readOrders, region, told } from '../shared/order-values.ts';
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
 * Reads an order, which has the same shape in both order calls. A part that cannot be read is null and noted.
 * @throws UnparsableDelivery when it lacks its id or every instant
 */
export function readOrder(value: unknown): ReadOrder {
  const externalOrderId = text(field(value, 'id'));
  const createdAt = seconds(field(value, 'create_time'));
  const updatedAt = seconds(field(value, 'update_time')) ?? createdAt;
  if (externalOrderId === null) throw new UnparsableDelivery('id is missing');
  if (updatedAt === null) throw new UnparsableDelivery('create_time and update_time are missing or malformed');
  const parts = createParts();
  const currency = text(field(value, 'payment', 'currency')) ?? '';
  const order: PlatformOrder = {
    externalOrderId,
    state: stateOf(value),
    platformState: text(field(value, 'status')) ?? '',
    buyerExternalId: text(field(value, 'user_id')),
    buyerName: null,
    total: parts.read('payment.total_amount', () => amount(field(value, 'payment', 'total_amount'), currency)),
    recipient: readRecipient(field(value, 'recipient_address')),
    items: readItems(list(field(value, 'line_items')), currency, parts),
    shipments: readShipments(value),
    placedAt: (createdAt ?? updatedAt).toISOString(),
    platformUpdatedAt: updatedAt.toISOString(),
  };
  return { order, problems: parts.problems };
}

/** Reads the `raw` of an order that could not be read. */
export const readOrderAgain: ReadAgain<PlatformOrder> = (_account, raw) =>
  readOrders([deliveryJson(Buffer.from(raw))], readOrder);

function stateOf(value: unknown): PlatformOrder['state'] {
  const state = orderStates[text(field(value, 'status')) ?? ''] ?? 'other';
  const isCancelRequested = boolean(field(value, 'is_buyer_request_cancel')) === true;
  return isCancelRequested && !settledStates.has(state) ? 'cancel_requested' : state;
}

/** TikTok lists every unit separately: equal units with the same price and package become one line. */
function readItems(units: readonly unknown[], orderCurrency: string, parts: Parts): Item[] {
  const lines = new Map<string, Item & { readonly quantity: number }>();
  units.forEach((unit, index) => {
    const key = JSON.stringify(['sku_id', 'sale_price', 'package_id'].map((name) => text(field(unit, name))));
    const line = lines.get(key);
    if (line === undefined) {
      lines.set(key, { ...readUnit(unit, index, key, orderCurrency, parts), quantity: 1 });
      return;
    }
    // The line has the lowest unit id, so that the order of the units does not matter.
    const ids = [line.externalItemId, text(field(unit, 'id')) ?? key].toSorted();
    lines.set(key, { ...line, externalItemId: ids[0] ?? line.externalItemId, quantity: line.quantity + 1 });
  });
  return [...lines.values()];
}

function readUnit(unit: unknown, index: number, key: string, orderCurrency: string, parts: Parts): Item {
  const currency = text(field(unit, 'currency')) ?? orderCurrency;
  const price = (name: string) => parts.read(`line_items.${index}.${name}`, () => amount(field(unit, name), currency));
  return {
    externalItemId: text(field(unit, 'id')) ?? key,
    sku: told(field(unit, 'seller_sku')),
    title: text(field(unit, 'product_name')) ?? '',
    variant: told(field(unit, 'sku_name')),
    imageUrl: text(field(unit, 'sku_image')),
    quantity: 1,
    unitPrice: price('sale_price') ?? price('original_price'),
  };
}

/**
 * Packages are only ids; their carrier, number and state are in their units. The two lists may name the same package by
 * different ids: an id of the order's list counts only if a unit has no package of its own.
 */
function readShipments(order: unknown): Shipment[] {
  const units = list(field(order, 'line_items'));
  const packageOf = (unit: unknown) => told(field(unit, 'package_id'));
  const listed = list(field(order, 'packages')).map((parcel) => told(field(parcel, 'id')));
  const areAllPacked = units.length > 0 && units.every((unit) => packageOf(unit) !== null);
  const named = [...units.map(packageOf), ...(areAllPacked ? [] : listed)];
  const ids = new Set(named.filter((id) => id !== null));
  return [...ids].map((id) => {
    const inside = units.filter((unit) => packageOf(unit) === id);
    const toldInside = (name: string) =>
      inside.map((unit) => told(field(unit, name))).find((found) => found !== null) ?? null;
    // The shipping data of the order belong to its only package.
    const ofOrder = (name: string) => (ids.size === 1 ? told(field(order, name)) : null);
    const platformState = toldInside('package_status');
    return {
      externalShipmentId: id,
      carrier: toldInside('shipping_provider_name') ?? ofOrder('shipping_provider'),
      trackingNumber: toldInside('tracking_number') ?? ofOrder('tracking_number'),
      state: shipmentStates[platformState ?? ''] ?? 'unknown',
      platformState,
      updatedAt: null,
    };
  });
}

/** Absent before payment; masked with asterisks where the platform ships. */
function readRecipient(value: unknown): PlatformOrder['recipient'] {
  const given = [told(field(value, 'first_name')), told(field(value, 'last_name'))].filter((part) => part !== null);
  const name = told(field(value, 'name')) ?? (given.length > 0 ? given.join(' ') : null);
  const phone = told(field(value, 'phone_number'));
  const fullAddress = told(field(value, 'full_address')) ?? told(field(value, 'address_detail'));
  const city = readCity(value);
  const country = told(field(value, 'region_code'));
  const postalCode = told(field(value, 'postal_code'));
  const parts = [name, phone, fullAddress, city, country, postalCode];
  if (parts.every((part) => part === null)) return null;
  const isMasked = parts.some((part) => part?.includes('*') === true);
  return { name, phone, fullAddress, city, region: region(country), postalCode, isMasked };
}

/** The level of the city differs by country: the level named "city", otherwise the second level below the country. */
function readCity(address: unknown): string | null {
  const districts = list(field(address, 'district_info'));
  const named = districts.find((district) => /\bcity\b/i.test(text(field(district, 'address_level_name')) ?? ''));
  const second = districts.find((district) => text(field(district, 'address_level')) === 'L2');
  return told(field(named, 'address_name')) ?? told(field(address, 'post_town')) ?? told(field(second, 'address_name'));
}
