import type { DeliveryFailure } from '@crossdesk/contracts';
import {
  PlatformRefusal,
  type PlatformResponse,
  type SendOutcome,
  type UploadOutcome,
} from '../../channel/channel.port.ts';
import { retryAfterMs } from '../../channel/retry-after.ts';

/** What an error of TikTok Shop means for the caller. `unclear` = nobody knows whether the call was executed. */
export type TikTokError =
  | { readonly kind: 'unauthorised'; readonly detail: string }
  | { readonly kind: 'rate-limited'; readonly detail: string; readonly afterMs: number }
  /** The clocks differ by more than the five minutes a signature lives; refused before anything was executed. */
  | { readonly kind: 'clock'; readonly detail: string }
  | { readonly kind: 'unclear'; readonly detail: string }
  | { readonly kind: 'permanent'; readonly detail: string; readonly code: number; readonly failure: DeliveryFailure };

const tokenExpired = 105002;
// They stand for a bad sign, app_key, timestamp or token; only the message tells which.
const credentialErrors = new Set([106001, 36009004]);
const rateLimited = 36009002;
const couponRateLimited = 45111012;
const dailyQuotaUsed = 45101004;
// 45101001 stands for "internal error" and for "invalid parameter".
const unclearErrors = new Set([36009003, 36009007, 45101001, 10002014, 10002015, 10037002, 10037003, 10037004]);

const permanentErrors = new Map<number, DeliveryFailure>([
  [105005, 'REAUTHORISE'],
  [106013, 'REAUTHORISE'],
  [101000, 'REAUTHORISE'],
  [36009033, 'ACCOUNT_DISABLED'],
  [36009009, 'INVALID_REQUEST'],
  [36009010, 'INVALID_REQUEST'],
  [36009021, 'INVALID_REQUEST'],
  [36009022, 'INVALID_REQUEST'],
  [36009023, 'INVALID_REQUEST'],
  [45101002, 'INVALID_REQUEST'],
  [45111001, 'INVALID_REQUEST'],
  [45111017, 'INVALID_REQUEST'],
  [45101003, 'RECIPIENT_UNREACHABLE'],
  [45102007, 'RECIPIENT_UNREACHABLE'],
  [45101006, 'POLICY_BLOCKED'],
  [45109001, 'WINDOW_CLOSED'],
  [45109003, 'WINDOW_CLOSED'],
]);

// Our choice: TikTok publishes no pause.
const rateLimitPauseMs = 2_000;
// Coupon cards: one in two seconds.
const couponPauseMs = 2_000;
const clockPauseMs = 60_000;
const dayMs = 86_400_000;

export function classifyError(code: number, message: string, response: PlatformResponse, now: Date): TikTokError {
  const detail = message === '' ? `error ${code}` : `error ${code}: ${message}`;
  const pauseMs = (usualMs: number) => retryAfterMs(response.headers, now, usualMs);
  if (code === tokenExpired) return { kind: 'unauthorised', detail };
  if (credentialErrors.has(code)) return credentialError(code, message, detail);
  if (code === dailyQuotaUsed) return { kind: 'rate-limited', detail, afterMs: untilNextDayMs(now) };
  if (code === couponRateLimited) return { kind: 'rate-limited', detail, afterMs: pauseMs(couponPauseMs) };
  if (code === rateLimited) return { kind: 'rate-limited', detail, afterMs: pauseMs(rateLimitPauseMs) };
  if (unclearErrors.has(code)) return { kind: 'unclear', detail };
  const failure = permanentErrors.get(code);
  if (failure !== undefined) return { kind: 'permanent', detail, code, failure };
  if (response.status === 429) return { kind: 'rate-limited', detail, afterMs: pauseMs(rateLimitPauseMs) };
  if (response.status >= 500) return { kind: 'unclear', detail };
  return { kind: 'permanent', detail, code, failure: 'PLATFORM_ERROR' };
}

/** An answer without TikTok's envelope: a proxy or load balancer spoke. */
export function classifyUnreadable(response: PlatformResponse, now: Date): TikTokError {
  const detail = `HTTP ${response.status} without a readable answer`;
  if (response.status === 401) return { kind: 'unauthorised', detail };
  if (response.status !== 429) return { kind: 'unclear', detail };
  return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, rateLimitPauseMs) };
}

export function toSendOutcome(error: TikTokError): SendOutcome {
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
export function toUploadOutcome(error: TikTokError): UploadOutcome {
  const outcome = toSendOutcome(error);
  if (outcome.status === 'unknown' || outcome.status === 'accepted')
    return { status: 'retry', afterMs: 0, detail: error.detail };
  return outcome;
}

export function toRefusal(error: TikTokError): PlatformRefusal {
  switch (error.kind) {
    case 'unauthorised':
    case 'permanent':
      return new PlatformRefusal(error.kind, error.detail);
    case 'rate-limited':
      return new PlatformRefusal('rate-limited', error.detail, error.afterMs);
    case 'clock':
      return new PlatformRefusal('unavailable', clockAdvice(error.detail), clockPauseMs);
    case 'unclear':
      return new PlatformRefusal('unavailable', error.detail);
  }
}

function credentialError(code: number, message: string, detail: string): TikTokError {
  if (/timestamp/i.test(message)) return { kind: 'clock', detail };
  if (/token/i.test(message)) return { kind: 'unauthorised', detail };
  return { kind: 'permanent', detail, code, failure: 'REAUTHORISE' };
}

function clockAdvice(detail: string): string {
  return `${detail}: correct the clock of this server`;
}

/** The quota of customer service starts anew the next day; 00:00 UTC is assumed. */
function untilNextDayMs(now: Date): number {
  return dayMs - (now.getTime() % dayMs);
}
