import { luminaProducts } from '../catalogue.ts';
import type { Messages, SimulatedPlatform } from '../platform.port.ts';
import { registerRoutes } from '../serve.ts';
import { whatsappCaller, whatsappReceiver } from './whatsapp.caller.ts';
import { whatsappCredentials, whatsappDialect, whatsappPrefix } from './whatsapp.entry.ts';
import { whatsappMediaRoutes } from './whatsapp.media.ts';
import { whatsappChangePush, whatsappHandshake, whatsappMessagePush, whatsappStatusPushes } from './whatsapp.push.ts';
import { whatsappSendRoutes } from './whatsapp.send.ts';
import { whatsappUploadRoutes } from './whatsapp.upload.ts';

const messages: Messages = {
  threadId: (_seed, _shop, buyer) => buyer.externalId,
  messageId: (sequence) => `wamid.${Buffer.from(`twin-${sequence}`).toString('base64')}`,
  pushes: {
    message: whatsappMessagePush,
    change: whatsappChangePush,
    // Messages sent through the API come back as statuses only. Echoes are for messages from the seller's phone app.
    echoes: null,
    receipts: { areOnAtStart: true, pushes: whatsappStatusPushes },
  },
};

export const platform: SimulatedPlatform = {
  name: 'whatsapp',
  prefixes: { api: whatsappPrefix, auth: whatsappPrefix },
  accountIds: { pattern: /^[1-9]\d{0,19}$/, form: 'the id of a phone number, of at most 20 digits' },
  demoShops: [
    { externalAccountId: '106540352242922', name: 'Lumina Home', region: 'SG', products: luminaProducts, orders: 0 },
  ],
  credentials: whatsappCredentials,
  buyerId(seed, shop, key) {
    const id = `${shop.region}.${seed.digits(15, 'whatsapp-user', shop.externalAccountId, key)}`;
    return { externalId: id, commerceId: id };
  },
  messages,
  // Nothing is sold on a messenger.
  orders: null,
  register: (app, context) =>
    registerRoutes(app, context, whatsappDialect, [
      ...whatsappSendRoutes,
      ...whatsappUploadRoutes,
      ...whatsappMediaRoutes,
    ]),
  handshake: whatsappHandshake,
  caller: whatsappCaller,
  receiver: whatsappReceiver,
};
