import { nordicProducts } from '../catalogue.ts';
import type { Messages, Orders, SimulatedPlatform } from '../platform.port.ts';
import { registerRoutes } from '../serve.ts';
import { genericCaller, genericReceiver } from './generic.caller.ts';
import { genericCredentials, genericDialect, genericPrefix } from './generic.entry.ts';
import { genericChangePush, genericMessagePush, genericOrderPushes, genericStatusPushes } from './generic.push.ts';
import { genericRoutes } from './generic.receive.ts';

const messages: Messages = {
  threadId: (seed, shop, buyer) => `ticket-${seed.digits(10, 'generic-thread', shop.externalAccountId, buyer.key)}`,
  messageId: (sequence) => `msg-${sequence}`,
  pushes: {
    message: genericMessagePush,
    change: genericChangePush,
    // No echoes: the receiver is the seller's own system, which does not push our own messages back.
    echoes: null,
    receipts: { areOnAtStart: true, pushes: genericStatusPushes },
  },
};

const orders: Orders = {
  orderId: (seed, shop, name) => `NT-${seed.digits(8, 'generic-order', shop.externalAccountId, name)}`,
  pushes: genericOrderPushes,
};

export const platform: SimulatedPlatform = {
  name: 'generic',
  prefixes: { api: genericPrefix, auth: genericPrefix },
  accountIds: { pattern: /^[\w.-]{1,200}$/, form: 'of letters, digits, ".", "_" and "-"' },
  demoShops: [
    { externalAccountId: 'nordic-trail-web', name: 'Nordic Trail', region: 'GB', products: nordicProducts, orders: 4 },
  ],
  credentials: genericCredentials,
  buyerId(seed, shop, key) {
    const id = `customer-${seed.digits(8, 'generic-buyer', shop.externalAccountId, key)}`;
    return { externalId: id, commerceId: id };
  },
  messages,
  orders,
  register: (app, context) => registerRoutes(app, context, genericDialect, genericRoutes()),
  handshake: null,
  caller: genericCaller,
  receiver: genericReceiver,
};
