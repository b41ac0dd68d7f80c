import type { DeliveryFailure } from '@crossdesk/contracts';
import type { PlatformResponse } from '../port/index.ts';
import type { PlatformError } from '../shared/platform-error.ts';
import { answerJson, boolean, field, integer, text } from '../shared/platform-json.ts';
import { retryAfterMs } from '../shared/retry-after.ts';

/** Too many messages to one buyer. */
const pairLimitCode = 131056;
/** Documented Graph and WhatsApp codes that delay one message, with the pause before the next attempt. Not executed. */
const retryCodes: ReadonlyMap<number, number> = new Map([
  [2, 5_000],
  // One message in six seconds to one buyer; the number is UNVERIFIED.
  [pairLimitCode, 6_000],
]);

/** Codes that delay all messages of the number. */
const limitCodes: ReadonlyMap<number, number> = new Map([
  [4, 60_000],
  [17, 60_000],
  [32, 60_000],
  [613, 60_000],
  [80007, 60_000],
  [130429, 1_000],
  [133016, 60_000],
]);

const permanentCodes: ReadonlyMap<number, DeliveryFailure> = new Map([
  [10, 'REAUTHORISE'],
  [33, 'ACCOUNT_DISABLED'],
  [100, 'INVALID_REQUEST'],
  [368, 'POLICY_BLOCKED'],
  [551, 'RECIPIENT_UNREACHABLE'],
  [130472, 'POLICY_BLOCKED'],
  [131026, 'RECIPIENT_UNREACHABLE'],
  [131031, 'POLICY_BLOCKED'],
  [131042, 'ACCOUNT_DISABLED'],
  [131047, 'WINDOW_CLOSED'],
  [131048, 'POLICY_BLOCKED'],
  [131049, 'POLICY_BLOCKED'],
  [131051, 'UNSUPPORTED'],
]);

const tokenCode = 190;
/** Graph's "unknown error": the only code that does not tell whether the message was sent. */
const unknownErrorCode = 1;
const detailCharactersMax = 200;

/** The meaning of a refusal of `POST /messages` for the message. */
export function classifyError(response: PlatformResponse, now: Date): PlatformError {
  const error = field(answerJson(response.body), 'error');
  const code = integer(field(error, 'code'));
  const detail = describeError(error) ?? `WhatsApp answered HTTP ${response.status} without an error code`;
  if (response.status === 401 || code === tokenCode) return { kind: 'unauthorised', detail };
  const usualMs = code === null ? undefined : (retryCodes.get(code) ?? limitCodes.get(code));
  const afterMs = retryAfterMs(response.headers, now, usualMs ?? 5_000);
  if (code !== null && retryCodes.has(code)) return { kind: 'busy', afterMs, detail };
  if (response.status === 429 || usualMs !== undefined) return { kind: 'rate-limited', afterMs, detail };
  if (code === null || code === unknownErrorCode || response.status < 400) return { kind: 'unclear', detail };
  const failure = permanentFailure(code);
  if (failure !== null) return { kind: 'permanent', failure, code: String(code), detail };
  if (response.status >= 500) return { kind: 'unclear', detail };
  return boolean(field(error, 'is_transient')) === true
    ? { kind: 'busy', afterMs, detail }
    : { kind: 'permanent', failure: 'PLATFORM_ERROR', code: String(code), detail };
}

/** The class of the error in a later `failed` status. There a delay is final, because the platform gave up. */
export function statusFailure(code: number | null): DeliveryFailure {
  if (code === null) return 'PLATFORM_ERROR';
  if (code === tokenCode) return 'REAUTHORISE';
  if (limitCodes.has(code) || code === pairLimitCode) return 'QUOTA';
  return permanentFailure(code) ?? 'PLATFORM_ERROR';
}

function permanentFailure(code: number): DeliveryFailure | null {
  // 200 to 299: a permission of the app is missing.
  return code >= 200 && code <= 299 ? 'REAUTHORISE' : (permanentCodes.get(code) ?? null);
}

/** Code and title only: `message` and `error_data.details` may repeat parts of the request. */
export function describeError(error: unknown): string | null {
  const code = integer(field(error, 'code'));
  if (code === null) return null;
  const title = text(field(error, 'title')) ?? text(field(error, 'type'));
  return (title === null ? `error ${code}` : `error ${code}: ${title}`).slice(0, detailCharactersMax);
}
