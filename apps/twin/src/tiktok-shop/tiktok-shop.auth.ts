import { consentPage, withParameters } from '../consent.ts';
import type { Context } from '../platform.port.ts';
import type { Credentials, Shop } from '../model.ts';
import type { Answer } from '../call.ts';
import type { Route } from '../serve.ts';
import {
  accessTokenSeconds,
  appOf,
  refreshTokenSeconds,
  tiktokAnswer,
  tiktokAuthPrefix,
  tiktokOk,
} from './tiktok-shop.entry.ts';

export function tiktokCredentials(context: Context, shop: Shop): Credentials {
  const app = appOf(context.seed, shop);
  const access = context.tokens.current('tiktok-access', shop.externalAccountId, accessTokenSeconds);
  const refresh = context.tokens.current('tiktok-refresh', shop.externalAccountId, refreshTokenSeconds);
  return {
    app_key: app.appKey,
    app_secret: app.appSecret,
    service_id: app.serviceId,
    authorisation_page: `${context.origin()}${tiktokAuthPrefix}/open/authorize`,
    shop_cipher: app.shopCipher,
    access_token: access.token,
    refresh_token: refresh.token,
    expires_at: String(access.expiresAt),
  };
}

const codeSeconds = 1_800;

export const tiktokAuthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/token/get',
    isSend: false,
    handle(context, shop, call) {
      if (call.query.get('grant_type') !== 'authorized_code') return tiktokAnswer(36009004, 'Invalid grant_type.');
      const code = call.query.get('auth_code') ?? '';
      if (context.tokens.check('tiktok-code', shop.externalAccountId, code) !== 'valid')
        return tiktokAnswer(36009004, 'Invalid auth_code.');
      context.tokens.kill(code);
      return tiktokOk(newTokens(context, shop));
    },
  },
  {
    method: 'GET',
    path: '/api/v2/token/refresh',
    isSend: false,
    handle(context, shop, call) {
      if (call.query.get('grant_type') !== 'refresh_token') return tiktokAnswer(36009004, 'Invalid grant_type.');
      const refreshToken = call.query.get('refresh_token') ?? '';
      const check = context.tokens.check('tiktok-refresh', shop.externalAccountId, refreshToken);
      if (check !== 'valid') return tiktokAnswer(36009004, `Invalid refresh_token: it is ${check}.`);
      return tiktokOk(newTokens(context, shop));
    },
  },
];

function newTokens(context: Context, shop: Shop): Record<string, unknown> {
  const access = context.tokens.issue('tiktok-access', shop.externalAccountId, accessTokenSeconds);
  const refresh = context.tokens.issue('tiktok-refresh', shop.externalAccountId, refreshTokenSeconds);
  // Both ends are absolute unix seconds, although their names suggest durations.
  return {
    access_token: access.token,
    access_token_expire_in: access.expiresAt,
    refresh_token: refresh.token,
    refresh_token_expire_in: refresh.expiresAt,
    open_id: context.seed.hex(24, 'tiktok-open-id', shop.externalAccountId),
    seller_name: shop.name,
    seller_base_region: shop.region,
    user_type: 0,
    granted_scopes: ['seller.customer_service', 'seller.order.info'],
  };
}

/** The page for the browser; its return address was entered with the app. */
export const tiktokPages: readonly Route[] = [
  {
    method: 'GET',
    path: '/open/authorize',
    isSend: false,
    handle(context, shop, call): Answer {
      if (shop.redirectUrl === null) return tiktokAnswer(36009004, 'The app has no redirect URL.', {}, 400);
      const state = call.query.get('state') ?? '';
      const code = context.tokens.issue('tiktok-code', shop.externalAccountId, codeSeconds).token;
      const agree = withParameters(shop.redirectUrl, { code, state });
      const refuse = withParameters(shop.redirectUrl, { code: 'null', error: 'auth_denied', state });
      return consentPage(`service ${appOf(context.seed, shop).serviceId}`, shop.name, { agree, refuse });
    },
  },
];

/** The shops that a token covers. Callers ask for them before they have a cipher. */
export const tiktokShopRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/authorization/202309/shops',
    isSend: false,
    handle(context, shop) {
      const cipher = appOf(context.seed, shop).shopCipher;
      const shown = { id: shop.externalAccountId, name: shop.name, region: shop.region, seller_type: 'LOCAL', cipher };
      return tiktokOk({ shops: [shown] });
    },
  },
];
