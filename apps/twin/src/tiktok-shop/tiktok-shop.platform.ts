import { luminaProducts } from '../catalogue.ts';
import type { Messages, Orders, SimulatedPlatform } from '../platform.port.ts';
import { registerRoutes } from '../serve.ts';
import { tiktokAuthRoutes, tiktokCredentials, tiktokPages, tiktokShopRoutes } from './tiktok-shop.auth.ts';
import { tiktokCaller, tiktokReceiver } from './tiktok-shop.caller.ts';
import { tiktokChatRoutes } from './tiktok-shop.chat.routes.ts';
import {
  tiktokAuthDialect,
  tiktokAuthPrefix,
  tiktokDialect,
  tiktokPageDialect,
  tiktokPrefix,
  tiktokSellerDialect,
} from './tiktok-shop.entry.ts';
import { tiktokOrderRoutes } from './tiktok-shop.orders.ts';
import { idOffset, tiktokMessagePush, tiktokOrderPushes } from './tiktok-shop.push.ts';

const messages: Messages = {
  threadId: (seed, shop, buyer) => seed.digits(19, 'tiktok-thread', shop.externalAccountId, buyer.key),
  messageId: (sequence) => String(sequence + idOffset),
  pushes: {
    message: tiktokMessagePush,
    // Messages cannot be recalled, edited or reacted to.
    change: null,
    echoes: 'after-answer',
    // The platform does not report delivery or reading to sellers.
    receipts: null,
  },
};

const orders: Orders = {
  orderId: (seed, shop, name) => `57${seed.digits(16, 'tiktok-order', shop.externalAccountId, name)}`,
  pushes: tiktokOrderPushes,
};

export const platform: SimulatedPlatform = {
  name: 'tiktok-shop',
  prefixes: { api: tiktokPrefix, auth: tiktokAuthPrefix },
  accountIds: { pattern: /^[1-9]\d{0,18}$/, form: 'a number of at most 19 digits' },
  demoShops: [
    {
      externalAccountId: '7490000000000000001',
      name: 'Lumina Home UK',
      region: 'GB',
      products: luminaProducts,
      orders: 12,
    },
  ],
  credentials: tiktokCredentials,
  buyerId: (seed, shop, key) => ({
    externalId: seed.digits(19, 'tiktok-im-user', shop.externalAccountId, key),
    commerceId: seed.digits(19, 'tiktok-user', shop.externalAccountId, key),
  }),
  messages,
  orders,
  register(app, context) {
    registerRoutes(app, context, tiktokDialect, [...tiktokChatRoutes, ...tiktokOrderRoutes]);
    registerRoutes(app, context, tiktokSellerDialect, tiktokShopRoutes);
    registerRoutes(app, context, tiktokAuthDialect, tiktokAuthRoutes);
    registerRoutes(app, context, tiktokPageDialect, tiktokPages);
  },
  handshake: null,
  caller: tiktokCaller,
  receiver: tiktokReceiver,
};
