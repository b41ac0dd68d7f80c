import type { Connection } from '../port/index.ts';
import { digitsProblem, instantProblem } from '../shared/credential-rules.ts';

// For all markets except mainland China and Brazil, where developers enter their own host with the account.
const productionHost = 'https://partner.shopeemobile.com';

export const connection: Connection = {
  accountIdProblemOf: digitsProblem,
  credentialFields: [
    {
      name: 'partner_id',
      label: 'Partner id',
      isRequired: true,
      scope: 'app',
      problemOf: digitsProblem,
      hint: 'Shopee Open Platform, App List, your app: the Live Partner_id, digits only',
    },
    {
      name: 'partner_key',
      label: 'Partner key',
      isRequired: true,
      scope: 'app',
      hint: 'The Live Partner Key on the same page; it signs calls and pushes',
    },
    {
      name: 'partner_key_previous',
      label: 'Previous partner key',
      isRequired: false,
      scope: 'app',
      hint: 'While the key is being replaced: the old key, still accepted on pushes',
    },
    {
      name: 'access_token',
      label: 'Access token',
      isRequired: true,
      scope: 'account',
      hint: 'access_token of the answer when the shop authorised the app; valid for four hours',
    },
    {
      name: 'refresh_token',
      label: 'Refresh token',
      isRequired: true,
      scope: 'account',
      hint: 'refresh_token of the same answer; works once, Crossdesk replaces it from then on',
    },
    {
      name: 'expires_at',
      label: 'Access token expires at',
      isRequired: false,
      scope: 'account',
      problemOf: instantProblem,
      hint: 'UTC instant such as 2026-01-02T03:04:05Z; if empty, the token is refreshed at once',
    },
    {
      name: 'consent_ends_at',
      label: 'Authorisation ends at',
      isRequired: false,
      scope: 'account',
      problemOf: instantProblem,
      hint: 'UTC instant such as 2027-01-02T03:04:05Z, or expire_time in the answer of get_shop_info; if empty, 365 days are assumed',
    },
  ],
  defaultBaseUrls: { api: productionHost, auth: productionHost },
  setupSteps: ({ webhookUrl }) => [
    '1. In the Shopee Open Platform console, create an app of the type Seller In-House System or Customer Service: other types get no chat messages.',
    '2. Register the app here with its partner id and key. One app may serve several shops: all of them deliver to one address.',
    `3. Under Push Mechanism, Set Push, enter exactly this Live Call Back URL, because it is part of the signature: ${webhookUrl}`,
    '4. Enable the pushes shop_authorization (1), shop_authorization_canceled (2), order_status (3), order_trackingno (4), webchat (10), open_api_authorization_expiry (12) and package_fulfillment_status (30).',
    '5. Save. Shopee sends a check to the address, which Crossdesk answers automatically.',
    '6. Start the authorisation of each shop: its owner agrees at Shopee and the shop appears here.',
  ],
};
