import { consentPage, withParameters } from '../consent.ts';
import type { Context } from '../platform.port.ts';
import { decodeJson, textField } from '../json.ts';
import type { Credentials, Shop } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { accessTokenSeconds, appOf, refreshTokenSeconds, shopeeAnswer } from './shopee.entry.ts';

export function shopeeCredentials(context: Context, shop: Shop): Credentials {
  const app = appOf(context.seed, shop);
  const access = context.tokens.current('shopee-access', shop.externalAccountId, accessTokenSeconds);
  const refresh = context.tokens.current('shopee-refresh', shop.externalAccountId, refreshTokenSeconds);
  return {
    partner_id: app.partnerId,
    partner_key: app.partnerKey,
    access_token: access.token,
    refresh_token: refresh.token,
    expires_at: String(access.expiresAt),
  };
}

const codeSeconds = 600;

export const shopeeAuthRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v2/auth/token/get', isSend: false, handle: exchangeCode },
  {
    method: 'POST',
    path: '/api/v2/auth/access_token/get',
    isSend: false,
    handle(context, shop, call) {
      const refreshToken = textField(decodeJson(call.body), 'refresh_token');
      const check = context.tokens.check('shopee-refresh', shop.externalAccountId, refreshToken);
      if (check === 'invalid') return shopeeAnswer('error_shop_refresh_token', 'Invalid refresh_token.');
      if (check === 'expired') return shopeeAnswer('refresh_token_expired', 'Your refresh_token is expired or used.');
      // Single use: only the token in the answer works from now on.
      context.tokens.kill(refreshToken);
      return shopeeAnswer('', '', { ...newTokens(context, shop), shop_id: Number(shop.externalAccountId) });
    },
  },
];

function newTokens(context: Context, shop: Shop): Record<string, unknown> {
  return {
    access_token: context.tokens.issue('shopee-access', shop.externalAccountId, accessTokenSeconds).token,
    refresh_token: context.tokens.issue('shopee-refresh', shop.externalAccountId, refreshTokenSeconds).token,
    expire_in: accessTokenSeconds,
    partner_id: Number(appOf(context.seed, shop).partnerId),
  };
}

/** A code can be exchanged for tokens once. */
function exchangeCode(context: Context, shop: Shop, call: Call): Answer {
  const code = textField(decodeJson(call.body), 'code');
  if (context.tokens.check('shopee-code', shop.externalAccountId, code) !== 'valid')
    return shopeeAnswer('invalid_code', 'Invalid code.');
  context.tokens.kill(code);
  return shopeeAnswer('', '', { ...newTokens(context, shop), shop_id_list: [Number(shop.externalAccountId)] });
}

/** Pages for the browser: signed like public calls, with the app named by the partner id. */
export const shopeePages: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/shop/auth_partner',
    isSend: false,
    handle(context, shop, call) {
      const redirect = call.query.get('redirect') ?? '';
      if (!URL.canParse(redirect)) return shopeeAnswer('error_param', 'redirect is missing.');
      const code = context.tokens.issue('shopee-code', shop.externalAccountId, codeSeconds).token;
      // A seller who refuses is not redirected.
      const agree = withParameters(redirect, { code, shop_id: shop.externalAccountId });
      return consentPage(`app ${appOf(context.seed, shop).partnerId}`, shop.name, { agree, refuse: '#' });
    },
  },
];

export const shopeeShopRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/shop/get_shop_info',
    isSend: false,
    handle: (_context, shop) => shopeeAnswer('', '', { shop_name: shop.name, region: shop.region, status: 'NORMAL' }),
  },
];
