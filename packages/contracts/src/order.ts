import { type Static, Type } from '@sinclair/typebox';
import { Instant, instant, Money, Nullable, OneOf } from './scalars.ts';

export const orderStates = [
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
  'other',
] as const;

const OrderStateSchema = OneOf([...orderStates]);

const ShipmentStateSchema = OneOf([
  'unknown',
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
]);

/** The fields of an order, as adapters and events have them. */
export const orderFields = {
  externalOrderId: Type.String(),
  state: OrderStateSchema,
  platformState: Type.String({ description: 'the word of the platform for the state' }),
  buyerExternalId: Nullable(Type.String()),
  buyerName: Nullable(Type.String()),
  total: Nullable(Money),
  recipient: Nullable(
    Type.Object({
      name: Nullable(Type.String()),
      phone: Nullable(Type.String()),
      fullAddress: Nullable(Type.String()),
      city: Nullable(Type.String()),
      region: Nullable(Type.String({ description: 'ISO 3166-1 alpha-2' })),
      postalCode: Nullable(Type.String()),
      isMasked: Type.Boolean({ description: 'the platform hid parts with asterisks' }),
    }),
  ),
  items: Type.Array(
    Type.Object({
      externalItemId: Type.String(),
      sku: Nullable(Type.String()),
      title: Type.String(),
      variant: Nullable(Type.String()),
      imageUrl: Nullable(Type.String()),
      quantity: Nullable(
        Type.Number({
          minimum: 0,
          description: 'may have decimals (0.98 kg), at most 15 digits; null if the platform does not tell it',
        }),
      ),
      unitPrice: Nullable(Money),
    }),
  ),
  itemsOmitted: Type.Optional(
    Type.Integer({ minimum: 1, description: 'how many items of a very long order are not in `items`' }),
  ),
  shipments: Type.Array(
    Type.Object({
      externalShipmentId: Type.String(),
      carrier: Nullable(Type.String()),
      trackingNumber: Nullable(Type.String()),
      state: ShipmentStateSchema,
      platformState: Nullable(Type.String()),
      updatedAt: Nullable(Instant),
    }),
  ),
  placedAt: Instant,
  platformUpdatedAt: Instant,
  claimedUpdatedAt: Type.Optional(
    instant(
      'the time of the change that the platform gave, if it cannot be true: platformUpdatedAt is that of receipt',
    ),
  ),
};

/** An order as an adapter reads it from its platform, before it has our id. */
export const PlatformOrderSchema = Type.Object(orderFields);
export type PlatformOrder = Static<typeof PlatformOrderSchema>;

/** The personal fields of an order, erased; goods, money and shipments are not personal. */
export const erasedOrderFields = { buyerName: null, recipient: null } as const satisfies Partial<PlatformOrder>;
