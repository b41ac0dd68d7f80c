import type { ChannelAdapter } from '../port/index.ts';
import { consentEnd, tokenEnd } from '../shared/tokens.ts';
import { cancelLink, completeAuthorisation, startAuthorisation } from './shopee.authorisation.ts';
import { connection } from './shopee.connection.ts';
import { readMessageAgain } from './shopee.message.ts';
import { fetchBuyer, listChangedThreads, readThread } from './shopee.messages.ts';
import { readOrderAgain } from './shopee.order.ts';
import { fetchOrder, listOrders } from './shopee.orders.ts';
import { answerHandshake, parsePush } from './shopee.parse.ts';
import { record } from './shopee.record.ts';
import { send, upload } from './shopee.send.ts';
import { verifyPush } from './shopee.sign.ts';
import { refreshTokens } from './shopee.token.ts';

export const adapter: ChannelAdapter = {
  record,
  connection,
  webhooks: {
    methods: ['POST'],
    handshake: (_address, request) => answerHandshake(request),
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
  authorisation: {
    validMinutes: 5,
    start: startAuthorisation,
    complete: completeAuthorisation,
    revoke: async (context) => ({ status: 'person', url: cancelLink(context) }),
  },
  sender: { send },
  lacks: {
    media: 'Files have public addresses in the message.',
    messages: 'Shopee lists messages by conversation only.',
  },
};
