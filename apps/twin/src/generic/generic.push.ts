import type { Context } from '../platform.port.ts';
import { encodeJson } from '../json.ts';
import type { Change, Content, ExecutedChange, Message, Order, OrderStatus, Shop, Thread } from '../model.ts';
import { majorText, orderTotalMinor, regions, seconds } from '../model.ts';
import { postJson, type PushDraft, refuseFailures } from '../pusher.ts';
import { signingSecret } from './generic.entry.ts';
import { sign } from './generic.sign.ts';

const timeoutMs = 15_000;

function draft(context: Context, shop: Shop, webhookId: string, type: string, at: Date, data: unknown): PushDraft {
  const body = encodeJson({ type, timestamp: at.toISOString(), data });
  return {
    // The time of the attempt is signed, so every retry has a new signature with the same id.
    request: postJson(body, (_url, now) => ({
      'webhook-id': webhookId,
      'webhook-timestamp': String(seconds(now)),
      'webhook-signature': sign(signingSecret(context, shop), webhookId, seconds(now), body),
    })),
    timeoutMs,
    refuse: refuseFailures,
  };
}

export function genericMessagePush(context: Context, thread: Thread, message: Message): PushDraft {
  const { buyer, shop } = thread;
  const person = { id: buyer.externalId, name: buyer.name, phone: `+${buyer.phone}`, locale: buyer.language };
  const isBuyer = message.direction === 'inbound';
  return draft(context, shop, `evt_${message.sequence}`, 'message.created', message.at, {
    conversationKey: thread.id,
    externalId: message.id,
    author: isBuyer ? { ...person, role: 'buyer' } : { id: 'console', name: shop.name, role: 'agent' },
    ...(isBuyer ? {} : { buyer: person }),
    ...contentFields(message.content),
  });
}

export function genericChangePush(
  context: Context,
  thread: Thread,
  message: Message,
  { id, by, change, at }: ExecutedChange,
): PushDraft {
  const { buyer, shop } = thread;
  const isBuyer = by === 'buyer';
  return draft(context, shop, `evt_${id}`, `message.${change.kind}`, at, {
    conversationKey: thread.id,
    externalId: message.id,
    author: isBuyer ? { id: buyer.externalId, role: 'buyer' } : { id: 'console', role: 'agent' },
    ...(isBuyer ? {} : { buyer: { id: buyer.externalId } }),
    ...changeFields(change),
  });
}

function changeFields(change: Change): Record<string, unknown> {
  switch (change.kind) {
    case 'reacted':
      return { emoji: change.emoji };
    case 'edited':
      return contentFields(change.content);
    case 'deleted':
      return {};
  }
}

function contentFields(content: Content): Record<string, unknown> {
  switch (content.kind) {
    case 'text':
      return { text: content.text };
    case 'image': {
      // The contract accepts only https attachments; the twin itself serves plain http.
      const name = content.url.split('/').at(-1) ?? 'image.svg';
      const attachment = { url: `https://images.example.test/${name}`, mime: 'image/svg+xml', name };
      return { ...(content.caption === null ? {} : { text: content.caption }), attachments: [attachment] };
    }
    case 'order':
      return { text: content.externalOrderId, orderRef: content.externalOrderId };
    case 'product':
    case 'sticker':
      return { kind: content.kind };
    case 'native':
      return { kind: content.type };
  }
}

export function genericStatusPushes(context: Context, thread: Thread, message: Message): PushDraft[] {
  return ['delivered', 'read'].map((status) =>
    draft(context, thread.shop, `evt_${message.sequence}_${status}`, 'message.status', context.clock(), {
      externalId: message.id,
      clientReference: message.key,
      status,
    }),
  );
}

const states: Readonly<Record<OrderStatus, { order: string; shipment: string }>> = {
  unpaid: { order: 'pending_payment', shipment: 'pre_transit' },
  to_ship: { order: 'to_ship', shipment: 'pre_transit' },
  shipped: { order: 'shipped', shipment: 'in_transit' },
  delivered: { order: 'delivered', shipment: 'delivered' },
  completed: { order: 'completed', shipment: 'delivered' },
  cancelled: { order: 'cancelled', shipment: 'cancelled' },
};

export function genericOrderPushes(context: Context, order: Order): PushDraft[] {
  const { buyer, shop } = order;
  const { currency, city, zipcode } = regions[shop.region];
  const webhookId = `evt_${context.world.nextSequence()}`;
  const data = {
    id: order.id,
    state: states[order.status].order,
    buyer: { id: buyer.commerceId, name: buyer.name },
    total: { amount: majorText(orderTotalMinor(order), shop.region), currency },
    recipient: {
      name: buyer.name,
      phone: `+${buyer.phone}`,
      fullAddress: `1 Garden Road, ${city} ${zipcode}`,
      city,
      region: shop.region,
      postalCode: zipcode,
    },
    items: order.items.map(({ product, quantity }) => ({
      id: product.id,
      sku: product.sku,
      title: product.title,
      imageUrl: `https://images.example.test/${product.sku}.svg`,
      quantity,
      unitPrice: { amount: majorText(product.priceMinor, shop.region), currency },
    })),
    shipments: [
      {
        id: order.packageNumber,
        carrier: order.carrier,
        trackingNumber: order.trackingNumber,
        state: states[order.status].shipment,
        updatedAt: order.updatedAt.toISOString(),
      },
    ],
    placedAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
  return [draft(context, shop, webhookId, 'order.updated', order.updatedAt, data)];
}
