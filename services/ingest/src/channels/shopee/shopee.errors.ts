import type { DeliveryFailure } from '@crossdesk/contracts';
import {
  PlatformRefusal,
  type PlatformResponse,
  type SendOutcome,
  type UploadOutcome,
} from '../../channel/channel.port.ts';
import { retryAfterMs } from '../../channel/retry-after.ts';

/** What an error of Shopee means for the caller. `unclear` = nobody knows whether the call was executed. */
export type ShopeeError =
  | { readonly kind: 'unauthorised'; readonly detail: string }
  | { readonly kind: 'rate-limited'; readonly detail: string; readonly afterMs: number }
  /** The clocks differ by more than the five minutes a signature lives; refused before anything was executed. */
  | { readonly kind: 'clock'; readonly detail: string }
  | { readonly kind: 'unclear'; readonly detail: string }
  | { readonly kind: 'permanent'; readonly detail: string; readonly word: string; readonly failure: DeliveryFailure };

const tokenErrors = new Set(['error_auth', 'invalid_acceess_token', 'invalid_access_token']);
const serverErrors = new Set(['error_server', 'error_inner', 'error_network', 'error_data', 'error_system_busy']);

const permanentErrors: Readonly<Record<string, DeliveryFailure>> = {
  error_sign: 'REAUTHORISE',
  error_partner_key_expired: 'REAUTHORISE',
  invalid_code: 'REAUTHORISE',
  invalid_shop_id: 'REAUTHORISE',
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
// A clock is corrected by a person or by its time server; until then every call is refused.
const clockPauseMs = 60_000;
const dayMs = 86_400_000;
// Daily quotas start anew at 00:00 UTC+8.
const quotaResetUtcMs = 16 * 3_600_000;

export function classifyError(error: string, message: string, response: PlatformResponse, now: Date): ShopeeError {
  // Some modules prefix their errors: `order.error_auth`.
  const word = error.slice(error.lastIndexOf('.') + 1);
  const detail = message === '' ? error : `${error}: ${message}`;
  if (tokenErrors.has(word)) return { kind: 'unauthorised', detail };
  if (word === 'error_limit') return { kind: 'rate-limited', detail, afterMs: untilQuotaResetMs(now) };
  if (word === 'error_rate_limit')
    return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, rateLimitPauseMs) };
  if (serverErrors.has(word)) return { kind: 'unclear', detail };
  if (word === 'error_param' && /timestamp/i.test(message)) return { kind: 'clock', detail };
  const failure = permanentErrors[word];
  if (word === 'error_param' && /app type/i.test(message)) {
    // Chat is open only to some app types: a state to show, not an input to correct.
    return { kind: 'permanent', detail, word, failure: 'UNSUPPORTED' };
  }
  if (failure !== undefined) return { kind: 'permanent', detail, word, failure };
  if (response.status === 429)
    return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, rateLimitPauseMs) };
  if (response.status >= 500) return { kind: 'unclear', detail };
  return { kind: 'permanent', detail, word, failure: 'PLATFORM_ERROR' };
}

/** An answer without Shopee's envelope: a proxy or load balancer spoke. */
export function classifyUnreadable(response: PlatformResponse, now: Date): ShopeeError {
  const detail = `HTTP ${response.status} without a readable answer`;
  if (response.status === 429)
    return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, rateLimitPauseMs) };
  if (response.status === 401 || response.status === 403) return { kind: 'unauthorised', detail };
  return { kind: 'unclear', detail };
}

export function toSendOutcome(error: ShopeeError): SendOutcome {
  switch (error.kind) {
    case 'unauthorised':
      return { status: 'unauthorised', detail: error.detail };
    case 'rate-limited':
      return { status: 'limited', afterMs: error.afterMs, detail: error.detail };
    case 'clock':
      return { status: 'limited', afterMs: clockPauseMs, detail: clockAdvice(error.detail) };
    case 'unclear':
      return { status: 'unknown', detail: error.detail };
    case 'permanent':
      return { status: 'rejected', failure: error.failure, detail: error.detail };
  }
}

/** An upload shows the buyer nothing: where nobody knows whether it was made, it is made again. */
export function toUploadOutcome(error: ShopeeError): UploadOutcome {
  const outcome = toSendOutcome(error);
  if (outcome.status === 'unknown' || outcome.status === 'accepted')
    return { status: 'retry', afterMs: 0, detail: error.detail };
  return outcome;
}

export function toRefusal(error: ShopeeError): PlatformRefusal {
  switch (error.kind) {
    case 'rate-limited':
      return new PlatformRefusal('rate-limited', error.detail, error.afterMs);
    case 'clock':
      return new PlatformRefusal('unavailable', clockAdvice(error.detail), clockPauseMs);
    case 'unclear':
      return new PlatformRefusal('unavailable', error.detail);
    default:
      return new PlatformRefusal(error.kind, error.detail);
  }
}

function untilQuotaResetMs(now: Date): number {
  return dayMs - ((now.getTime() - quotaResetUtcMs) % dayMs);
}

function clockAdvice(detail: string): string {
  return `${detail}: correct the clock of this server`;
}
