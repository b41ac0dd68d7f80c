import type { PlatformOrder } from '@crossdesk/contracts';
import { type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import {
  amount,
  createParts,
  type Parts,
  quantity,
  type ReadOrder,
  readOrders,
  region,
  told,
} from '../shared/order-values.ts';
import { deliveryJson, field, list, seconds, text } from '../shared/platform-json.ts';
import { idOf } from './shopee.message.ts';

type Shipment = PlatformOrder['shipments'][number];
type Item = PlatformOrder['items'][number];

/** A package of an order in get_order_detail, which has no tracking numbers. */
export interface Package {
  readonly number: string | null;
  readonly carrier: string | null;
  readonly platformState: string | null;
}

const orderStates: Readonly<Record<string, PlatformOrder['state']>> = {
  UNPAID: 'pending_payment',
  PENDING: 'on_hold',
  INVOICE_PENDING: 'on_hold',
  READY_TO_SHIP: 'to_ship',
  RETRY_SHIP: 'to_ship',
  PROCESSED: 'ready',
  SHIPPED: 'shipped',
  TO_CONFIRM_RECEIVE: 'delivered',
  COMPLETED: 'completed',
  IN_CANCEL: 'cancel_requested',
  CANCELLED: 'cancelled',
  TO_RETURN: 'return_open',
};

const shipmentStates: Readonly<Record<string, Shipment['state']>> = {
  LOGISTICS_NOT_START: 'pre_transit',
  LOGISTICS_NOT_STARTED: 'pre_transit',
  LOGISTICS_PENDING_ARRANGE: 'pre_transit',
  LOGISTICS_READY: 'pre_transit',
  LOGISTICS_REQUEST_CREATED: 'pre_transit',
  LOGISTICS_PICKUP_RETRY: 'pre_transit',
  LOGISTICS_PICKUP_FAILED: 'exception',
  LOGISTICS_PICKUP_DONE: 'in_transit',
  LOGISTICS_DELIVERY_DONE: 'delivered',
  LOGISTICS_DELIVERY_FAILED: 'attempt_fail',
  LOGISTICS_COD_REJECTED: 'exception',
  LOGISTICS_LOST: 'exception',
  LOGISTICS_INVALID: 'cancelled',
  LOGISTICS_REQUEST_CANCELED: 'cancelled',
};

/** States in which the carrier has not given a number yet, or never will: a call for the number would be wasted. */
const statesWithoutTracking = new Set([
  'LOGISTICS_NOT_START',
  'LOGISTICS_NOT_STARTED',
  'LOGISTICS_PENDING_ARRANGE',
  'LOGISTICS_READY',
  'LOGISTICS_COD_REJECTED',
  'LOGISTICS_INVALID',
  'LOGISTICS_REQUEST_CANCELED',
]);

export function mayHaveTracking({ platformState }: Package): boolean {
  return platformState === null || !statesWithoutTracking.has(platformState);
}

export function readPackages(detail: unknown): readonly Package[] {
  const orderCarrier = told(field(detail, 'shipping_carrier'));
  return list(field(detail, 'package_list')).map((value) => ({
    number: told(field(value, 'package_number')),
    carrier: told(field(value, 'shipping_carrier')) ?? orderCarrier,
    platformState: text(field(value, 'logistics_status')),
  }));
}

/**
 * Reads an order of get_order_detail. A part that cannot be read is null and noted.
 * @throws UnparsableDelivery when it lacks its number or every instant
 */
export function readOrder(detail: unknown, trackingNumbers: readonly (string | null)[]): ReadOrder {
  const externalOrderId = text(field(detail, 'order_sn'));
  const createdAt = seconds(field(detail, 'create_time'));
  const updatedAt = seconds(field(detail, 'update_time')) ?? createdAt;
  if (externalOrderId === null) throw new UnparsableDelivery('order_sn is missing');
  if (updatedAt === null) throw new UnparsableDelivery('create_time and update_time are missing or malformed');
  const parts = createParts();
  const platformState = text(field(detail, 'order_status')) ?? '';
  const currency = text(field(detail, 'currency')) ?? '';
  const order: PlatformOrder = {
    externalOrderId,
    state: orderStates[platformState] ?? 'other',
    platformState,
    buyerExternalId: idOf(field(detail, 'buyer_user_id')),
    buyerName: told(field(detail, 'buyer_username')),
    total: parts.read('total_amount', () => amount(field(detail, 'total_amount'), currency)),
    recipient: readRecipient(field(detail, 'recipient_address')),
    items: readItems(field(detail, 'item_list'), currency, parts),
    shipments: readShipments(detail, externalOrderId, trackingNumbers),
    placedAt: (createdAt ?? updatedAt).toISOString(),
    platformUpdatedAt: updatedAt.toISOString(),
  };
  return { order, problems: parts.problems };
}

/** Reads the `raw` of an order that could not be read; the next poll brings its tracking numbers. */
export const readOrderAgain: ReadAgain<PlatformOrder> = (_account, raw) =>
  readOrders([deliveryJson(Buffer.from(raw))], (detail) => readOrder(detail, []));

function readShipments(detail: unknown, orderId: string, trackingNumbers: readonly (string | null)[]): Shipment[] {
  return readPackages(detail).map((parcel, index) => ({
    externalShipmentId: parcel.number ?? `${orderId}/${index + 1}`,
    carrier: parcel.carrier,
    trackingNumber: trackingNumbers[index] ?? null,
    state: shipmentStates[parcel.platformState ?? ''] ?? 'unknown',
    platformState: parcel.platformState,
    updatedAt: null,
  }));
}

function readItems(values: unknown, currency: string, parts: Parts): Item[] {
  const lines = new Map<string, number>();
  return list(values).map((value, index) => {
    const ids = [idOf(field(value, 'item_id')), idOf(field(value, 'model_id'))].filter((id) => id !== null);
    const itemId = ids.join('/');
    const line = (lines.get(itemId) ?? 0) + 1;
    lines.set(itemId, line);
    const price = (name: string) =>
      parts.read(`item_list.${index}.${name}`, () => amount(field(value, name), currency));
    return {
      // One product may be on several lines, for example in a bundle deal and at its normal price.
      externalItemId: line === 1 ? itemId : `${itemId}/line-${line}`,
      sku: told(field(value, 'model_sku')) ?? told(field(value, 'item_sku')),
      title: text(field(value, 'item_name')) ?? '',
      variant: told(field(value, 'model_name')),
      imageUrl: text(field(value, 'image_info', 'image_url')),
      quantity: parts.read(`item_list.${index}.model_quantity_purchased`, () =>
        quantity(field(value, 'model_quantity_purchased')),
      ),
      unitPrice: price('model_discounted_price') ?? price('model_original_price'),
    };
  });
}

/** Shopee masks with asterisks for shops without the permission and after completion: the text is kept and flagged. */
function readRecipient(value: unknown): PlatformOrder['recipient'] {
  const names = ['name', 'phone', 'full_address', 'city', 'zipcode', 'region'];
  const [name = null, phone = null, fullAddress = null, city = null, postalCode = null, country = null] = names.map(
    (part) => told(field(value, part)),
  );
  const parts = [name, phone, fullAddress, city, postalCode, country];
  if (parts.every((part) => part === null)) return null;
  const isMasked = parts.some((part) => part?.includes('*') === true);
  return { name, phone, fullAddress, city, region: region(country), postalCode, isMasked };
}
