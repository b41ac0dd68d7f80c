import { type AuthorisedAccount, type CallContext, PlatformRefusal } from '../port/index.ts';
import { countryCode, field, list, text } from '../shared/platform-json.ts';
import { fetchFromShop } from './tiktok-shop.call.ts';
import { askForTokens } from './tiktok-shop.token.ts';

/** The page for sellers outside the United States. An app for the United States enters the page of that market. */
const defaultAuthorisationPage = 'https://services.tiktokshop.com/open/authorize';

/** TikTok sends the browser to the redirect address of the app; the link only has the service and the state. */
export function startAuthorisation({ account }: CallContext, { state }: { state: string }): string {
  const { service_id: serviceId = '', authorisation_page: page = '' } = account.credentials;
  if (serviceId === '')
    throw new PlatformRefusal(
      'permanent',
      'The app has no service_id: register it again with the service_id from Partner Center',
    );
  const url = URL.parse(page === '' ? defaultAuthorisationPage : page);
  // A sandbox on this machine has http.
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new PlatformRefusal(
      'permanent',
      'The authorisation_page of the app is not a web address: register it again with the address from Partner Center',
    );
  url.searchParams.set('service_id', serviceId);
  url.searchParams.set('state', state);
  return url.href;
}

/** Exchanges the code and asks which shops it covers: a cross-border seller has several under one token. */
export async function completeAuthorisation(
  context: CallContext,
  query: Readonly<Record<string, string>>,
): Promise<readonly AuthorisedAccount[]> {
  const { code = '' } = query;
  // A seller who refuses returns with the word "null" as the code.
  if (code === '' || code === 'null') throw new PlatformRefusal('permanent', 'The seller did not agree');
  const grant = { auth_code: code, grant_type: 'authorized_code' };
  const tokens = await askForTokens(context, '/api/v2/token/get', grant);
  const { account } = context;
  const authorised = { ...context, account: { ...account, credentials: { ...account.credentials, ...tokens } } };
  const data = await fetchFromShop(authorised, { path: '/authorization/202309/shops', query: {}, body: null });
  const accounts = list(field(data, 'shops')).flatMap((shop): AuthorisedAccount[] => {
    const [id, cipher] = [text(field(shop, 'id')), text(field(shop, 'cipher'))];
    if (id === null || cipher === null) return [];
    const credentials = { ...tokens, shop_cipher: cipher };
    const country = countryCode(field(shop, 'region'));
    return [{ externalAccountId: id, displayName: text(field(shop, 'name')), country, credentials }];
  });
  if (accounts.length === 0) throw new PlatformRefusal('permanent', 'The authorisation covers no shop');
  return accounts;
}
