import type { PlatformTwin } from '../context.ts';
import { registerRoutes } from '../serve.ts';
import { shopeeAuthRoutes, shopeeCredentials } from './shopee.auth.ts';
import { shopeeChatRoutes } from './shopee.chat.routes.ts';
import { shopeeAuthDialect, shopeeDialect, shopeePrefix } from './shopee.entry.ts';
import { shopeeOrderRoutes } from './shopee.orders.ts';
import { shopeeMessagePush, shopeeOrderPushes, shopeeReadPush } from './shopee.push.ts';

/** Keeps message ids in the range of today's real ones: 24... with 19 digits. */
const messageIdOffset = 600_000_000_000_000_000n;
const orderLetters = '0123456789ABCDEFGHJKLMNPQRSTUVWXY';

export const shopeeTwin: PlatformTwin = {
  platform: 'shopee',
  prefixes: { api: shopeePrefix, auth: shopeePrefix },
  echoesApiSends: true,
  threadId: (seed, shop, buyer) => seed.digits(18, 'shopee-thread', shop.externalAccountId, buyer.key),
  buyerId(seed, shop, key) {
    const id = seed.digits(9, 'shopee-buyer', shop.externalAccountId, key);
    return { externalId: id, commerceId: id };
  },
  messageId: (sequence) => String(sequence + messageIdOffset),
  orderId(seed, shop, name) {
    const random = seed.random('shopee-order', shop.externalAccountId, name);
    const twoDigits = (limit: number) => String(random.below(limit) + 1).padStart(2, '0');
    const letters = Array.from({ length: 8 }, () => orderLetters.charAt(random.below(orderLetters.length)));
    return `26${twoDigits(12)}${twoDigits(28)}${letters.join('')}`;
  },
  credentials: shopeeCredentials,
  messagePush: shopeeMessagePush,
  receiptPushes: (context, thread, message) => [shopeeReadPush(context, thread, message)],
  orderPushes: shopeeOrderPushes,
  register(app, context) {
    registerRoutes(app, context, shopeeDialect, [...shopeeChatRoutes(shopeeTwin), ...shopeeOrderRoutes]);
    registerRoutes(app, context, shopeeAuthDialect, shopeeAuthRoutes);
  },
};
