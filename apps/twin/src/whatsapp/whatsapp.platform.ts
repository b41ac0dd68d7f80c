import type { PlatformTwin } from '../context.ts';
import { registerRoutes } from '../serve.ts';
import { whatsappCredentials, whatsappDialect, whatsappPrefix } from './whatsapp.entry.ts';
import { whatsappMediaRoutes } from './whatsapp.media.ts';
import { whatsappMessagePush, whatsappStatusPushes } from './whatsapp.push.ts';
import { whatsappSendRoutes } from './whatsapp.send.ts';

export const whatsappTwin: PlatformTwin = {
  platform: 'whatsapp',
  prefixes: { api: whatsappPrefix, auth: whatsappPrefix },
  // What the API sends comes back as statuses only; the phone app of the seller is what gets echoed.
  echoesApiSends: false,
  threadId: (_seed, _shop, buyer) => buyer.externalId,
  buyerId(seed, shop, key, region) {
    const id = `${region}.${seed.digits(15, 'whatsapp-user', shop.externalAccountId, key)}`;
    return { externalId: id, commerceId: id };
  },
  messageId: (sequence) => `wamid.${Buffer.from(`twin-${sequence}`).toString('base64')}`,
  // WhatsApp knows no orders; a seller's own order number is what buyers mention.
  orderId: (seed, shop, name) => `WA-${seed.digits(8, 'whatsapp-order', shop.externalAccountId, name)}`,
  credentials: whatsappCredentials,
  messagePush: whatsappMessagePush,
  receiptPushes: whatsappStatusPushes,
  orderPushes: () => [],
  register(app, context) {
    registerRoutes(app, context, whatsappDialect, [...whatsappSendRoutes(whatsappTwin), ...whatsappMediaRoutes]);
  },
};
