import type { ChannelAdapter } from '../port/index.ts';
import { consentEnd, tokenEnd } from '../shared/tokens.ts';
import { completeAuthorisation, startAuthorisation } from './tiktok-shop.authorisation.ts';
import { connection } from './tiktok-shop.connection.ts';
import { readMessageAgain } from './tiktok-shop.message.ts';
import { fetchBuyer, listChangedThreads, readThread } from './tiktok-shop.messages.ts';
import { readOrderAgain } from './tiktok-shop.order.ts';
import { fetchOrder, listOrders } from './tiktok-shop.orders.ts';
import { parsePush } from './tiktok-shop.parse.ts';
import { record } from './tiktok-shop.record.ts';
import { send, upload } from './tiktok-shop.send.ts';
import { verifyPush } from './tiktok-shop.sign.ts';
import { refreshTokens } from './tiktok-shop.token.ts';

export const adapter: ChannelAdapter = {
  record,
  connection,
  webhooks: {
    methods: ['POST'],
    // TikTok does not check an address when it is entered.
    handshake: () => null,
    verify: async (address, request) => verifyPush(address, request),
    parse: parsePush,
    acknowledgement: null,
  },
  threads: { listChanged: listChangedThreads, read: readThread, readAgain: readMessageAgain },
  messages: null,
  orders: { list: listOrders, fetch: fetchOrder, readAgain: readOrderAgain },
  buyers: { fetch: fetchBuyer },
  media: null,
  files: { takesAddresses: false, upload },
  tokens: { expireAt: tokenEnd, consentEndsAt: consentEnd, refresh: refreshTokens },
  // The code is valid for thirty minutes. Sellers withdraw their consent in Seller Center; there is no call for it.
  authorisation: { validMinutes: 30, start: startAuthorisation, complete: completeAuthorisation, revoke: null },
  sender: { send },
  lacks: {
    media: 'Files have public addresses in the message, which expire.',
    messages: 'TikTok Shop lists messages by conversation only.',
  },
};
