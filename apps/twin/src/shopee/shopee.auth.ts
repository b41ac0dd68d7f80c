import type { Context } from '../context.ts';
import { decodeJson, textField } from '../json.ts';
import type { Credentials, Shop } from '../model.ts';
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

export const shopeeAuthRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v2/auth/access_token/get',
    isSend: false,
    handle(context, shop, call) {
      const refreshToken = textField(decodeJson(call.body), 'refresh_token');
      const check = context.tokens.check('shopee-refresh', shop.externalAccountId, refreshToken);
      if (check === 'invalid') return shopeeAnswer('error_shop_refresh_token', 'Invalid refresh_token.');
      if (check === 'expired') return shopeeAnswer('refresh_token_expired', 'Your refresh_token is expired or used.');
      // Single use: the answer carries the only token that works from now on.
      context.tokens.kill(refreshToken);
      return shopeeAnswer('', '', {
        access_token: context.tokens.issue('shopee-access', shop.externalAccountId, accessTokenSeconds).token,
        refresh_token: context.tokens.issue('shopee-refresh', shop.externalAccountId, refreshTokenSeconds).token,
        expire_in: accessTokenSeconds,
        partner_id: Number(appOf(context.seed, shop).partnerId),
        shop_id: Number(shop.externalAccountId),
      });
    },
  },
];
