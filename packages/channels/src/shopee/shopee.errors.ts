import type { DeliveryFailure } from '@crossdesk/contracts';
import type { PlatformResponse } from '../port/index.ts';
import { classifyUnreadable, type PlatformError } from '../shared/platform-error.ts';
import { retryAfterMs } from '../shared/retry-after.ts';

const tokenErrors = new Set(['error_auth', 'invalid_acceess_token', 'invalid_access_token']);
const serverErrors = new Set(['error_server', 'error_inner', 'error_network', 'error_data', 'error_system_busy']);

const permanentErrors: Readonly<Record<string, DeliveryFailure>> = {
  error_sign: 'REAUTHORISE',
  error_partner_key_expired: 'REAUTHORISE',
  invalid_code: 'REAUTHORISE',
  invalid_shop_id: 'REAUTHORISE',
  invalid_main_acount_id: 'REAUTHORISE',
  refresh_token_expired: 'REAUTHORISE',
  error_shop_refresh_token: 'REAUTHORISE',
  error_merchant_refresh_token: 'REAUTHORISE',
  shop_access_expired: 'REAUTHORISE',
  merchant_access_expired: 'REAUTHORISE',
  shop_no_linked: 'REAUTHORISE',
  error_permission: 'UNSUPPORTED',
  error_api_permission: 'UNSUPPORTED',
  source_ip_undeclared: 'ACCOUNT_DISABLED',
  api_suspended: 'ACCOUNT_DISABLED',
  shop_banned: 'ACCOUNT_DISABLED',
  error_kyc_auth: 'ACCOUNT_DISABLED',
  error_message_censored: 'POLICY_BLOCKED',
  error_param: 'INVALID_REQUEST',
  error_param_format: 'INVALID_REQUEST',
  error_not_found: 'INVALID_REQUEST',
};

// Our choice: Shopee publishes no pause for error_rate_limit.
const rateLimitPauseMs = 5_000;
const dayMs = 86_400_000;
// Daily quotas are reset at 00:00 UTC+8.
const quotaResetUtcMs = 16 * 3_600_000;

export function classifyError(error: string, message: string, response: PlatformResponse, now: Date): PlatformError {
  // Some modules prefix their errors: `order.error_auth`.
  const word = error.slice(error.lastIndexOf('.') + 1);
  const detail = message === '' ? error : `${error}: ${message}`;
  const isLimited = word === 'error_rate_limit' || (permanentErrors[word] === undefined && response.status === 429);
  if (tokenErrors.has(word)) return { kind: 'unauthorised', detail };
  if (word === 'error_limit') return { kind: 'rate-limited', detail, afterMs: untilQuotaResetMs(now) };
  if (isLimited && !serverErrors.has(word))
    return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, rateLimitPauseMs) };
  if (serverErrors.has(word)) return { kind: 'unclear', detail };
  if (word === 'error_param' && /timestamp/i.test(message)) return { kind: 'clock', detail };
  const failure = failureOf(word, message);
  if (failure === null && response.status >= 500) return { kind: 'unclear', detail };
  return { kind: 'permanent', detail, code: word, failure: failure ?? 'PLATFORM_ERROR' };
}

function failureOf(word: string, message: string): DeliveryFailure | null {
  // Chat is open only to some app types: this is a state to show, not an input to correct.
  if (word === 'error_param' && /app type/i.test(message)) return 'UNSUPPORTED';
  return permanentErrors[word] ?? null;
}

/** An answer without Shopee's envelope. */
export function classifyForeign(response: PlatformResponse, now: Date): PlatformError {
  return classifyUnreadable(response, now, { usualPauseMs: rateLimitPauseMs, unauthorised: [401, 403] });
}

function untilQuotaResetMs(now: Date): number {
  return dayMs - ((now.getTime() - quotaResetUtcMs) % dayMs);
}

/** Shopee does not know what was asked for. Every other refusal says nothing about that. */
export function isNotFound(error: PlatformError): boolean {
  return error.kind === 'permanent' && error.code.endsWith('not_found');
}
