import type { PlatformTwin } from '../context.ts';
import { registerRoutes } from '../serve.ts';
import { tiktokAuthRoutes, tiktokCredentials } from './tiktok-shop.auth.ts';
import { tiktokChatRoutes } from './tiktok-shop.chat.routes.ts';
import { tiktokAuthDialect, tiktokAuthPrefix, tiktokDialect, tiktokPrefix } from './tiktok-shop.entry.ts';
import { tiktokOrderRoutes } from './tiktok-shop.orders.ts';
import { idOffset, tiktokMessagePush, tiktokOrderPushes } from './tiktok-shop.push.ts';

export const tiktokTwin: PlatformTwin = {
  platform: 'tiktok-shop',
  prefixes: { api: tiktokPrefix, auth: tiktokAuthPrefix },
  echoesApiSends: true,
  threadId: (seed, shop, buyer) => seed.digits(19, 'tiktok-thread', shop.externalAccountId, buyer.key),
  buyerId: (seed, shop, key) => ({
    externalId: seed.digits(19, 'tiktok-im-user', shop.externalAccountId, key),
    commerceId: seed.digits(19, 'tiktok-user', shop.externalAccountId, key),
  }),
  messageId: (sequence) => String(sequence + idOffset),
  orderId: (seed, shop, name) => `57${seed.digits(16, 'tiktok-order', shop.externalAccountId, name)}`,
  credentials: tiktokCredentials,
  messagePush: tiktokMessagePush,
  // The platform tells sellers nothing about delivery or reading.
  receiptPushes: () => [],
  orderPushes: tiktokOrderPushes,
  register(app, context) {
    registerRoutes(app, context, tiktokDialect, [...tiktokChatRoutes(tiktokTwin), ...tiktokOrderRoutes]);
    registerRoutes(app, context, tiktokAuthDialect, tiktokAuthRoutes);
  },
};
