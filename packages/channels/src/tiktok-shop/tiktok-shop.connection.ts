import type { Connection } from '../port/index.ts';
import { instantProblem } from '../shared/credential-rules.ts';

export const connection: Connection = {
  credentialFields: [
    {
      name: 'app_key',
      label: 'App key',
      isRequired: true,
      scope: 'app',
      hint: 'TikTok Shop Partner Center, App & Service, your app: App key',
    },
    {
      name: 'app_secret',
      label: 'App secret',
      isRequired: true,
      scope: 'app',
      hint: 'App secret on the same page; it signs calls and webhooks',
    },
    {
      name: 'app_secret_previous',
      label: 'Previous app secret',
      isRequired: false,
      scope: 'app',
      hint: 'While the secret is being replaced: the old secret, still accepted on webhooks',
    },
    {
      name: 'service_id',
      label: 'Service id',
      isRequired: false,
      scope: 'app',
      hint: 'On the same page; needed to let sellers authorise the app from here',
    },
    {
      name: 'authorisation_page',
      label: 'Authorisation page',
      isRequired: false,
      scope: 'app',
      hint: 'Only for sellers in the United States: https://services.tiktokshops.us/open/authorize',
    },
    {
      name: 'shop_cipher',
      label: 'Shop cipher',
      isRequired: true,
      scope: 'account',
      hint: 'cipher of the shop in the answer of GET /authorization/202309/shops',
    },
    {
      name: 'access_token',
      label: 'Access token',
      isRequired: true,
      scope: 'account',
      hint: 'access_token of the answer when the seller authorised the app; valid for seven days',
    },
    {
      name: 'refresh_token',
      label: 'Refresh token',
      isRequired: true,
      scope: 'account',
      hint: 'refresh_token of the same answer; Crossdesk replaces it from then on',
    },
    {
      name: 'expires_at',
      label: 'Access token expires at',
      isRequired: false,
      scope: 'account',
      problemOf: instantProblem,
      hint: 'UTC instant such as 2026-01-02T03:04:05Z, or access_token_expire_in of the answer; if empty, the token is refreshed at once',
    },
    {
      name: 'consent_ends_at',
      label: 'Authorisation ends at',
      isRequired: false,
      scope: 'account',
      problemOf: instantProblem,
      hint: 'UTC instant such as 2027-01-02T03:04:05Z, or refresh_token_expire_in of the answer; if empty, 365 days are assumed',
    },
  ],
  // One host for all markets; tests use development shops there.
  defaultBaseUrls: { api: 'https://open-api.tiktokglobalshop.com', auth: 'https://auth.tiktok-shops.com' },
  setupSteps: ({ webhookUrl }) => [
    '1. In the TikTok Shop Partner Center, create a custom app and request the Customer Service scope: it is off by default and needs approval by TikTok staff.',
    '2. Add the scope for order information to the app.',
    '3. Register the app here with its app key, app secret and service id, and enter the redirect address shown here as the redirect URL of the app.',
    `4. In Partner Center, enter this address in the webhook settings of the app: ${webhookUrl} (https, a domain name, no port). All shops of the app deliver to it.`,
    '5. Enable ORDER_STATUS_CHANGE (1), RECIPIENT_ADDRESS_UPDATE (3), PACKAGE_UPDATE (4), SELLER_DEAUTHORIZATION (6), UPCOMING_AUTHORIZATION_EXPIRATION (7), CANCELLATION_STATUS_CHANGE (11) and NEW_MESSAGE (14).',
    '6. Start the authorisation: the seller agrees at TikTok and each of their shops appears here.',
    '7. Switch on can_accept_chat with PUT /customer_service/202309/agents/settings, which TikTok requires of systems that answer chats.',
  ],
};
