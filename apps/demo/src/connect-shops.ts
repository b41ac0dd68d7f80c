import type { Twin } from '@crossdesk/twin';
import { type Ask, fieldIn, textIn, userErrorsIn } from './ask.ts';
import type { Seller } from './sellers.ts';

const connectShop = /* GraphQL */ `
  mutation ConnectShop($input: ConnectChannelAccountInput!) {
    connectChannelAccount(input: $input) {
      webhookUrl
      errors {
        code
        message
      }
    }
  }
`;

/**
 * Connects a seller's shops through the mutation every seller uses; connecting a shop again only renews its credentials.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function connectShops(askAsAdmin: Ask, twin: Twin, seller: Seller): Promise<void> {
  for (const shop of twin.shops().filter(({ name }) => seller.shops.test(name))) {
    const input = {
      channel: shop.platform.toUpperCase().replaceAll('-', '_'),
      displayName: shop.name,
      externalAccountId: shop.externalAccountId,
      credentials: Object.entries(shop.credentials).map(([name, value]) => ({ name, value: String(value) })),
      apiBaseUrl: shop.baseUrls.api,
      authBaseUrl: shop.baseUrls.auth,
    };
    const payload = fieldIn(await askAsAdmin(connectShop, { input }), 'connectChannelAccount');
    const [error] = userErrorsIn(payload);
    if (error !== undefined) throw new Error(`the demo shop ${shop.name} cannot be connected: ${error.message}`);
    // Null for a platform that is polled.
    twin.setWebhookUrl(shop, textIn(payload, 'webhookUrl'));
  }
}
