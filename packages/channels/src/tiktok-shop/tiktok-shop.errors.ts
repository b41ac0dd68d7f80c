import type { DeliveryFailure } from '@crossdesk/contracts';
import type { PlatformResponse } from '../port/index.ts';
import { classifyUnreadable, type PlatformError } from '../shared/platform-error.ts';
import { retryAfterMs } from '../shared/retry-after.ts';

const tokenExpired = 105002;
// Each stands for a bad sign, app_key, timestamp or token; only the message tells which.
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
const dayMs = 86_400_000;

export function classifyError(code: number, message: string, response: PlatformResponse, now: Date): PlatformError {
  const detail = message === '' ? `error ${code}` : `error ${code}: ${message}`;
  const pauseMs = (usualMs: number) => retryAfterMs(response.headers, now, usualMs);
  if (code === tokenExpired) return { kind: 'unauthorised', detail };
  if (credentialErrors.has(code)) return credentialError(code, message, detail);
  if (code === dailyQuotaUsed) return { kind: 'rate-limited', detail, afterMs: untilNextDayMs(now) };
  if (code === couponRateLimited) return { kind: 'rate-limited', detail, afterMs: pauseMs(couponPauseMs) };
  if (code === rateLimited) return { kind: 'rate-limited', detail, afterMs: pauseMs(rateLimitPauseMs) };
  if (unclearErrors.has(code)) return { kind: 'unclear', detail };
  const failure = permanentErrors.get(code);
  if (failure !== undefined) return { kind: 'permanent', detail, code: String(code), failure };
  if (response.status === 429) return { kind: 'rate-limited', detail, afterMs: pauseMs(rateLimitPauseMs) };
  if (response.status >= 500) return { kind: 'unclear', detail };
  return { kind: 'permanent', detail, code: String(code), failure: 'PLATFORM_ERROR' };
}

/** An answer without TikTok's envelope. */
export function classifyForeign(response: PlatformResponse, now: Date): PlatformError {
  return classifyUnreadable(response, now, { usualPauseMs: rateLimitPauseMs, unauthorised: [401] });
}

function credentialError(code: number, message: string, detail: string): PlatformError {
  if (/timestamp/i.test(message)) return { kind: 'clock', detail };
  if (/token/i.test(message)) return { kind: 'unauthorised', detail };
  return { kind: 'permanent', detail, code: String(code), failure: 'REAUTHORISE' };
}

/** The quota of customer service is reset on the next day; 00:00 UTC is assumed. */
function untilNextDayMs(now: Date): number {
  return dayMs - (now.getTime() % dayMs);
}
