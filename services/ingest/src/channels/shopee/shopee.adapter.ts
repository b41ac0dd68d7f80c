import { channelCapabilities } from '@crossdesk/contracts';
import type { ChannelAdapter } from '../../channel/channel.port.ts';
import { fetchBuyer, listMessages, listThread } from './shopee.messages.ts';
import { fetchOrder, listOrders } from './shopee.orders.ts';
import { answerHandshake, parsePush } from './shopee.parse.ts';
import { sendMessage, uploadPicture } from './shopee.send.ts';
import { verifyPush } from './shopee.sign.ts';
import { refreshTokens, tokenExpiresAt } from './shopee.token.ts';

// All markets but mainland China and Brazil; developers there enter their own host with the account.
const productionHost = 'https://partner.shopeemobile.com';

export const shopee: ChannelAdapter = {
  channel: 'shopee',
  capabilities: channelCapabilities.shopee,
  credentialFields: [
    {
      name: 'partner_id',
      label: 'Partner id',
      isRequired: true,
      hint: 'Shopee Open Platform, App List, your app: the Live Partner_id, digits only',
    },
    {
      name: 'partner_key',
      label: 'Partner key',
      isRequired: true,
      hint: 'The Live Partner Key on the same page; it signs calls and pushes',
    },
    {
      name: 'partner_key_previous',
      label: 'Previous partner key',
      isRequired: false,
      hint: 'While the key is being replaced: the old key, still accepted on pushes',
    },
    {
      name: 'access_token',
      label: 'Access token',
      isRequired: true,
      hint: 'access_token of the answer when the shop authorised the app; lives four hours',
    },
    {
      name: 'refresh_token',
      label: 'Refresh token',
      isRequired: true,
      hint: 'refresh_token of the same answer; works once and is replaced from here on',
    },
    {
      name: 'expires_at',
      label: 'Access token ends at',
      isRequired: false,
      hint: 'UTC instant such as 2026-01-02T03:04:05Z; left empty, the token is refreshed at once',
    },
  ],
  defaultBaseUrls: { api: productionHost, auth: productionHost },
  setupSteps: ({ webhookUrl }) => [
    '1. In the Shopee Open Platform console, create an app of the type Seller In-House System or Customer Service: other types get no chat messages.',
    '2. Give each shop an app of its own: an app has one callback address, and this one belongs to one shop.',
    '3. Let the shop authorise the app and enter the partner id, the partner key and the two tokens here.',
    `4. Under Push Mechanism, Set Push, enter this Live Call Back URL exactly as it stands, because it is part of the signature: ${webhookUrl}`,
    '5. Enable the pushes shop_authorization (1), shop_authorization_canceled (2), order_status (3), order_trackingno (4), webchat (10), open_api_authorization_expiry (12) and package_fulfillment_status (30).',
    '6. Save. Shopee posts a check to the address, which is answered by itself.',
  ],
  handshake: (_account, request) => answerHandshake(request),
  verify: verifyPush,
  parse: parsePush,
  send: sendMessage,
  uploadPicture,
  listThread: (context, externalThreadId, since) => listThread(context, externalThreadId, since),
  listMessages,
  listOrders,
  fetchOrder,
  fetchBuyer,
  credentialsExpireAt: tokenExpiresAt,
  refreshCredentials: refreshTokens,
};
