import type { PlatformTwin } from '../context.ts';
import { registerRoutes } from '../serve.ts';
import { genericCredentials, genericDialect, genericPrefix } from './generic.entry.ts';
import { genericMessagePush, genericOrderPush, genericStatusPushes } from './generic.push.ts';
import { genericRoutes } from './generic.receive.ts';

export const genericTwin: PlatformTwin = {
  platform: 'generic',
  prefixes: { api: genericPrefix, auth: genericPrefix },
  // The receiver is the seller's own system: it does not tell us what we told it.
  echoesApiSends: false,
  threadId: (seed, shop, buyer) => `ticket-${seed.digits(10, 'generic-thread', shop.externalAccountId, buyer.key)}`,
  buyerId(seed, shop, key) {
    const id = `customer-${seed.digits(8, 'generic-buyer', shop.externalAccountId, key)}`;
    return { externalId: id, commerceId: id };
  },
  messageId: (sequence) => `msg-${sequence}`,
  orderId: (seed, shop, name) => `NT-${seed.digits(8, 'generic-order', shop.externalAccountId, name)}`,
  credentials: genericCredentials,
  messagePush: genericMessagePush,
  receiptPushes: genericStatusPushes,
  orderPushes: (context, order) => [genericOrderPush(context, order)],
  register: (app, context) => registerRoutes(app, context, genericDialect, genericRoutes(genericTwin)),
};
