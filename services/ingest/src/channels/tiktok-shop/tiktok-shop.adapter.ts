import { channelCapabilities } from '@crossdesk/contracts';
import type { ChannelAdapter } from '../../channel/channel.port.ts';
import { fetchBuyer, listMessages, listThread } from './tiktok-shop.messages.ts';
import { fetchOrder, listOrders } from './tiktok-shop.orders.ts';
import { parsePush } from './tiktok-shop.parse.ts';
import { sendMessage, uploadPicture } from './tiktok-shop.send.ts';
import { verifyPush } from './tiktok-shop.sign.ts';
import { refreshTokens, tokenExpiresAt } from './tiktok-shop.token.ts';

export const tiktokShop: ChannelAdapter = {
  channel: 'tiktok-shop',
  capabilities: channelCapabilities['tiktok-shop'],
  credentialFields: [
    {
      name: 'app_key',
      label: 'App key',
      isRequired: true,
      hint: 'TikTok Shop Partner Center, App & Service, your app: App key',
    },
    {
      name: 'app_secret',
      label: 'App secret',
      isRequired: true,
      hint: 'App secret on the same page; it signs calls and webhooks',
    },
    {
      name: 'app_secret_previous',
      label: 'Previous app secret',
      isRequired: false,
      hint: 'While the secret is being replaced: the old one, still accepted on webhooks',
    },
    {
      name: 'shop_cipher',
      label: 'Shop cipher',
      isRequired: true,
      hint: 'cipher of the shop in the answer of GET /authorization/202309/shops',
    },
    {
      name: 'access_token',
      label: 'Access token',
      isRequired: true,
      hint: 'access_token of the answer when the seller authorised the app; lives seven days',
    },
    {
      name: 'refresh_token',
      label: 'Refresh token',
      isRequired: true,
      hint: 'refresh_token of the same answer; replaced from here on',
    },
    {
      name: 'expires_at',
      label: 'Access token ends at',
      isRequired: false,
      hint: 'UTC instant such as 2026-01-02T03:04:05Z, or access_token_expire_in as it came; left empty, the token is refreshed at once',
    },
  ],
  // One host for all markets; tests use development shops there.
  defaultBaseUrls: { api: 'https://open-api.tiktokglobalshop.com', auth: 'https://auth.tiktok-shops.com' },
  setupSteps: ({ webhookUrl }) => [
    '1. In the TikTok Shop Partner Center, create a custom app and ask for the Customer Service scope: TikTok staff approve it, it is off by default.',
    '2. Add the scope for order information to the app.',
    '3. Let the seller authorise the app, then enter the app key, the app secret and the two tokens here.',
    '4. Call Get Authorized Shops and enter the id of the shop as the account id and its cipher as the shop cipher. A seller with several shops connects each of them by itself.',
    `5. In Partner Center under the webhook settings of the app, or for one shop with PUT /event/202309/webhooks, enter this address: ${webhookUrl} (https, a domain name, no port). When the app serves several shops, set the address for each shop, so that each one delivers to its own.`,
    '6. Enable ORDER_STATUS_CHANGE (1), RECIPIENT_ADDRESS_UPDATE (3), PACKAGE_UPDATE (4), SELLER_DEAUTHORIZATION (6), UPCOMING_AUTHORIZATION_EXPIRATION (7), CANCELLATION_STATUS_CHANGE (11) and NEW_MESSAGE (14).',
    '7. Switch on can_accept_chat with PUT /customer_service/202309/agents/settings, as TikTok asks of systems that answer chats.',
  ],
  // TikTok sends no check when an address is entered.
  handshake: () => null,
  verify: verifyPush,
  parse: parsePush,
  send: sendMessage,
  uploadPicture,
  listThread,
  listMessages,
  listOrders,
  fetchOrder,
  fetchBuyer,
  credentialsExpireAt: tokenExpiresAt,
  refreshCredentials: refreshTokens,
};
