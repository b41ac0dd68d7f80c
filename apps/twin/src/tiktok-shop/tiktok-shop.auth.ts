import type { Context } from '../context.ts';
import type { Credentials, Shop } from '../model.ts';
import type { Route } from '../serve.ts';
import { accessTokenSeconds, appOf, refreshTokenSeconds, tiktokAnswer, tiktokOk } from './tiktok-shop.entry.ts';

export function tiktokCredentials(context: Context, shop: Shop): Credentials {
  const app = appOf(context.seed, shop);
  const access = context.tokens.current('tiktok-access', shop.externalAccountId, accessTokenSeconds);
  const refresh = context.tokens.current('tiktok-refresh', shop.externalAccountId, refreshTokenSeconds);
  return {
    app_key: app.appKey,
    app_secret: app.appSecret,
    shop_cipher: app.shopCipher,
    access_token: access.token,
    refresh_token: refresh.token,
    expires_at: String(access.expiresAt),
  };
}

export const tiktokAuthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/token/refresh',
    isSend: false,
    handle(context, shop, call) {
      if (call.query.get('grant_type') !== 'refresh_token') return tiktokAnswer(36009004, 'Invalid grant_type.');
      const refreshToken = call.query.get('refresh_token') ?? '';
      const check = context.tokens.check('tiktok-refresh', shop.externalAccountId, refreshToken);
      if (check !== 'valid') return tiktokAnswer(36009004, `Invalid refresh_token: it is ${check}.`);
      const access = context.tokens.issue('tiktok-access', shop.externalAccountId, accessTokenSeconds);
      const refresh = context.tokens.issue('tiktok-refresh', shop.externalAccountId, refreshTokenSeconds);
      // Both ends are absolute unix seconds, whatever their names say.
      return tiktokOk({
        access_token: access.token,
        access_token_expire_in: access.expiresAt,
        refresh_token: refresh.token,
        refresh_token_expire_in: refresh.expiresAt,
        open_id: context.seed.hex(24, 'tiktok-open-id', shop.externalAccountId),
        seller_name: shop.name,
        seller_base_region: shop.region,
        user_type: 0,
        granted_scopes: ['seller.customer_service', 'seller.order.info'],
      });
    },
  },
];
