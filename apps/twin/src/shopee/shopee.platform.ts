import { luminaProducts, nordicProducts } from '../catalogue.ts';
import type { Messages, Orders, SimulatedPlatform } from '../platform.port.ts';
import { registerRoutes } from '../serve.ts';
import { shopeeAuthRoutes, shopeeCredentials, shopeePages, shopeeShopRoutes } from './shopee.auth.ts';
import { shopeeCaller, shopeeReceiver } from './shopee.caller.ts';
import { shopeeChatRoutes } from './shopee.chat.routes.ts';
import { shopeeAuthDialect, shopeeDialect, shopeePageDialect, shopeePrefix } from './shopee.entry.ts';
import { shopeeOrderRoutes } from './shopee.orders.ts';
import { shopeeMessagePush, shopeeOrderPushes, shopeeReadPushes } from './shopee.push.ts';

/** Keeps message ids in the range of the real ones today: 19 digits that begin with 24. */
const messageIdOffset = 600_000_000_000_000_000n;
const orderLetters = '0123456789ABCDEFGHJKLMNPQRSTUVWXY';

const messages: Messages = {
  threadId: (seed, shop, buyer) => seed.digits(18, 'shopee-thread', shop.externalAccountId, buyer.key),
  messageId: (sequence) => String(sequence + messageIdOffset),
  pushes: {
    message: shopeeMessagePush,
    // The documentation of the chat names no push for a recalled message; there are no reactions and edits.
    change: null,
    echoes: 'after-answer',
    receipts: { areOnAtStart: true, pushes: shopeeReadPushes },
  },
};

const orders: Orders = {
  orderId(seed, shop, name) {
    const random = seed.random('shopee-order', shop.externalAccountId, name);
    const twoDigits = (limit: number) => String(random.below(limit) + 1).padStart(2, '0');
    const letters = Array.from({ length: 8 }, () => orderLetters.charAt(random.below(orderLetters.length)));
    return `26${twoDigits(12)}${twoDigits(28)}${letters.join('')}`;
  },
  pushes: shopeeOrderPushes,
};

export const platform: SimulatedPlatform = {
  name: 'shopee',
  prefixes: { api: shopeePrefix, auth: shopeePrefix },
  // In the API shop ids are JSON numbers.
  accountIds: { pattern: /^[1-9]\d{0,14}$/, form: 'a number of at most 15 digits' },
  demoShops: [
    { externalAccountId: '700100200', name: 'Lumina Home SG', region: 'SG', products: luminaProducts, orders: 14 },
    { externalAccountId: '700300400', name: 'Nordic Trail MY', region: 'MY', products: nordicProducts, orders: 10 },
  ],
  credentials: shopeeCredentials,
  buyerId(seed, shop, key) {
    const id = seed.digits(9, 'shopee-buyer', shop.externalAccountId, key);
    return { externalId: id, commerceId: id };
  },
  messages,
  orders,
  register(app, context) {
    registerRoutes(app, context, shopeeDialect, [...shopeeChatRoutes, ...shopeeOrderRoutes, ...shopeeShopRoutes]);
    registerRoutes(app, context, shopeePageDialect, shopeePages);
    registerRoutes(app, context, shopeeAuthDialect, shopeeAuthRoutes);
  },
  handshake: null,
  caller: shopeeCaller,
  receiver: shopeeReceiver,
};
