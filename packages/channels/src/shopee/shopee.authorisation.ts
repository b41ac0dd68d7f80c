import { stringify } from 'lossless-json';
import {
  type AuthorisedAccount,
  type CallContext,
  type Credentials,
  PlatformCallError,
  PlatformRefusal,
} from '../port/index.ts';
import { valueOrPersonNeeded } from '../shared/platform-error.ts';
import { countryCode, field, list, seconds, text } from '../shared/platform-json.ts';
import { getOfShop, postToAuth, signedQuery } from './shopee.call.ts';
import { consentUntil } from '../shared/tokens.ts';
import { readTokens, requiredNumber } from './shopee.token.ts';
import { trimSlashes } from '../shared/trim-slashes.ts';

const startPath = '/api/v2/shop/auth_partner';
const cancelPath = '/api/v2/shop/cancel_auth_partner';
const tokenPath = '/api/v2/auth/token/get';
const shopPath = '/api/v2/shop/get_shop_info';

/** Shopee's link has no parameter for our state: the address that Shopee sends the browser back to contains it. */
export function startAuthorisation(context: CallContext, given: { redirectUrl: string; state: string }): string {
  const redirect = new URL(given.redirectUrl);
  redirect.searchParams.set('state', given.state);
  return linkTo(context, startPath, redirect.href);
}

/** The page on which the seller takes the access back. */
export function cancelLink(context: CallContext): string {
  return linkTo(context, cancelPath, 'https://seller.shopee.com');
}

function linkTo({ account, now }: CallContext, path: string, redirect: string): string {
  const query = { ...signedQuery(account.credentials, path, now(), null), redirect };
  return `${trimSlashes(account.baseUrls.auth)}${path}?${new URLSearchParams(query).toString()}`;
}

/**
 * Exchanges the code. A main account may give access to several shops at once: they start with the same tokens and have
 * their own from the first refresh on.
 */
export async function completeAuthorisation(
  context: CallContext,
  query: Readonly<Record<string, string>>,
): Promise<readonly AuthorisedAccount[]> {
  const { code, shop_id: shopId, main_account_id: mainAccountId } = query;
  if (code === undefined || code === '') throw new PlatformRefusal('permanent', 'Shopee sent back no code');
  const whose =
    mainAccountId === undefined
      ? { shop_id: requiredNumber(shopId, 'shop_id') }
      : { main_account_id: requiredNumber(mainAccountId, 'main_account_id') };
  const partnerId = requiredNumber(context.account.credentials['partner_id'], 'partner_id');
  const body = stringify({ code, partner_id: partnerId, ...whose }) ?? '';
  const value = valueOrPersonNeeded(await postToAuth(context, tokenPath, body));
  const credentials = readTokens(context, value);
  const listed = list(field(value, 'shop_id_list')).map(text);
  const shopIds = mainAccountId === undefined ? [shopId ?? null] : listed;
  const accounts = shopIds.filter((id) => id !== null);
  if (accounts.length === 0) throw new PlatformRefusal('permanent', 'The authorisation covers no shop');
  const { account } = context;
  const authorised = { ...context, account: { ...account, credentials: { ...account.credentials, ...credentials } } };
  const found: AuthorisedAccount[] = [];
  for (const externalAccountId of accounts) {
    const { consent, ...shop } = await describeShop(authorised, externalAccountId);
    found.push({ externalAccountId, ...shop, credentials: { ...credentials, ...consent } });
  }
  return found;
}

/** The name and country of a shop and the end of its consent; null what Shopee does not tell now, because a missing name must not cost the tokens. */
async function describeShop(
  context: CallContext,
  shopId: string,
): Promise<Pick<AuthorisedAccount, 'displayName' | 'country'> & { readonly consent: Credentials }> {
  try {
    const answer = await getOfShop(context, shopPath, shopId);
    const shop = answer.ok ? answer.value : null;
    const consent = consentUntil(seconds(field(shop, 'expire_time')));
    return { displayName: text(field(shop, 'shop_name')), country: countryCode(field(shop, 'region')), consent };
  } catch (error) {
    if (error instanceof PlatformCallError) return { displayName: null, country: null, consent: {} };
    throw error;
  }
}
