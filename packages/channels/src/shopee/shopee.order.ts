import type { PlatformOrder } from '@crossdesk/contracts';
import { type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import { type Money, moneyFromMajor } from '../shared/money.ts';
import { deliveryJson, field, integer, list, seconds, text } from '../shared/platform-json.ts';
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
  const orderCarrier = text(field(detail, 'shipping_carrier'));
  return list(field(detail, 'package_list')).map((value) => ({
    number: text(field(value, 'package_number')),
    carrier: text(field(value, 'shipping_carrier')) ?? orderCarrier,
    platformState: text(field(value, 'logistics_status')),
  }));
}

/** Reads an order of get_order_detail. @throws UnparsableDelivery when it lacks its number or every instant */
export function readOrder(detail: unknown, trackingNumbers: readonly (string | null)[]): PlatformOrder {
  const externalOrderId = text(field(detail, 'order_sn'));
  const createdAt = seconds(field(detail, 'create_time'));
  const updatedAt = seconds(field(detail, 'update_time')) ?? createdAt;
  if (externalOrderId === null) throw new UnparsableDelivery('order_sn is missing');
  if (updatedAt === null) throw new UnparsableDelivery('create_time and update_time are missing or malformed');
  const platformState = text(field(detail, 'order_status')) ?? '';
  const currency = text(field(detail, 'currency')) ?? '';
  const shipments = readPackages(detail).map((parcel, index) => ({
    externalShipmentId: parcel.number ?? `${externalOrderId}/${index + 1}`,
    carrier: parcel.carrier,
    trackingNumber: trackingNumbers[index] ?? null,
    state: shipmentStates[parcel.platformState ?? ''] ?? 'unknown',
    platformState: parcel.platformState,
    updatedAt: null,
  }));
  return {
    externalOrderId,
    state: orderStates[platformState] ?? 'other',
    platformState,
    buyerExternalId: idOf(field(detail, 'buyer_user_id')),
    buyerName: text(field(detail, 'buyer_username')),
    total: amount(field(detail, 'total_amount'), currency),
    recipient: readRecipient(field(detail, 'recipient_address')),
    items: readItems(field(detail, 'item_list'), currency),
    shipments,
    placedAt: (createdAt ?? updatedAt).toISOString(),
    platformUpdatedAt: updatedAt.toISOString(),
  };
}

/** Reads the `raw` of an order that could not be read; the next poll brings its tracking numbers. */
export const readOrderAgain: ReadAgain<PlatformOrder> = (_account, raw) => ({
  items: [readOrder(deliveryJson(Buffer.from(raw)), [])],
  unreadable: [],
});

function readItems(values: unknown, currency: string): Item[] {
  const lines = new Map<string, number>();
  return list(values).map((value) => {
    const ids = [idOf(field(value, 'item_id')), idOf(field(value, 'model_id'))].filter((id) => id !== null);
    const itemId = ids.join('/');
    const line = (lines.get(itemId) ?? 0) + 1;
    lines.set(itemId, line);
    return {
      // One product may be on several lines, for example in a bundle deal and at its normal price.
      externalItemId: line === 1 ? itemId : `${itemId}/line-${line}`,
      sku: text(field(value, 'model_sku')) ?? text(field(value, 'item_sku')),
      title: text(field(value, 'item_name')) ?? '',
      variant: text(field(value, 'model_name')),
      imageUrl: text(field(value, 'image_info', 'image_url')),
      quantity: Math.max(0, integer(field(value, 'model_quantity_purchased')) ?? 0),
      unitPrice:
        amount(field(value, 'model_discounted_price'), currency) ??
        amount(field(value, 'model_original_price'), currency),
    };
  });
}

/** Shopee masks with asterisks for shops without the permission and after completion: the text is kept and flagged. */
function readRecipient(value: unknown): PlatformOrder['recipient'] {
  const name = text(field(value, 'name'));
  const phone = text(field(value, 'phone'));
  const fullAddress = text(field(value, 'full_address'));
  const city = text(field(value, 'city'));
  const postalCode = text(field(value, 'zipcode'));
  const region = text(field(value, 'region'));
  const parts = [name, phone, fullAddress, city, postalCode, region];
  if (parts.every((part) => part === null)) return null;
  const isMasked = parts.some((part) => part?.includes('*') === true);
  return { name, phone, fullAddress, city, region, postalCode, isMasked };
}

function amount(value: unknown, currency: string): Money | null {
  const decimal = text(value);
  return decimal === null ? null : moneyFromMajor(decimal, currency);
}
