import type { DeliveryFailure } from '@crossdesk/contracts';
import type { Credentials } from '../port/account.port.ts';
import { PlatformRefusal } from '../port/errors.ts';
import type { PlatformResponse } from '../port/platform.port.ts';
import type { SendOutcome, UploadOutcome } from '../port/sending.port.ts';
import { retryAfterMs } from './retry-after.ts';

/** The meaning of a platform's error for the caller, independent of the platform's own codes. */
export type PlatformError =
  | { readonly kind: 'unauthorised'; readonly detail: string }
  /** The account has to wait; this call was not executed. */
  | { readonly kind: 'rate-limited'; readonly detail: string; readonly afterMs: number }
  /** This call may be repeated after the pause; it was not executed. */
  | { readonly kind: 'busy'; readonly detail: string; readonly afterMs: number }
  /** The clocks differ by more than the lifetime of a signature; refused before anything was executed. */
  | { readonly kind: 'clock'; readonly detail: string }
  /** It is not known whether the call was executed. */
  | { readonly kind: 'unclear'; readonly detail: string }
  | { readonly kind: 'permanent'; readonly detail: string; readonly code: string; readonly failure: DeliveryFailure };

/** The answer to a call: its value, or the meaning of its error. */
export type Answer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: PlatformError };

/** Every call is refused until a person or a time server corrects the clock. */
const clockPauseMs = 60_000;

export function toSendOutcome(error: PlatformError): SendOutcome {
  const { detail } = error;
  switch (error.kind) {
    case 'unauthorised':
      return { status: 'unauthorised', detail };
    case 'rate-limited':
      return { status: 'limited', afterMs: error.afterMs, detail };
    case 'busy':
      return { status: 'retry', afterMs: error.afterMs, detail };
    case 'clock':
      return { status: 'limited', afterMs: clockPauseMs, detail: clockAdvice(detail) };
    case 'unclear':
      return { status: 'unknown', detail };
    case 'permanent':
      return { status: 'rejected', failure: error.failure, detail };
  }
}

/** The buyer does not see an upload, so an upload with an unknown outcome is repeated. */
export function toUploadOutcome(error: PlatformError): UploadOutcome {
  const outcome = toSendOutcome(error);
  if (outcome.status === 'unknown' || outcome.status === 'accepted')
    return { status: 'retry', afterMs: 0, detail: error.detail };
  return outcome;
}

export function toRefusal(error: PlatformError): PlatformRefusal {
  const { detail } = error;
  switch (error.kind) {
    case 'unauthorised':
    case 'permanent':
      return new PlatformRefusal(error.kind, detail);
    case 'rate-limited':
    case 'busy':
      return new PlatformRefusal('rate-limited', detail, error.afterMs);
    case 'clock':
      return new PlatformRefusal('unavailable', clockAdvice(detail), clockPauseMs);
    case 'unclear':
      return new PlatformRefusal('unavailable', detail);
  }
}

/** The value of an answer. @throws PlatformRefusal */
export function valueOf(answer: Answer): unknown {
  if (!answer.ok) throw toRefusal(answer.error);
  return answer.value;
}

/** As `valueOf`, for a token that only a person can replace: its refusal is permanent. @throws PlatformRefusal */
export function valueOrPersonNeeded(answer: Answer): unknown {
  if (!answer.ok && answer.error.kind === 'unauthorised') throw new PlatformRefusal('permanent', answer.error.detail);
  return valueOf(answer);
}

/** Classifies an answer without the platform's envelope, which came from a proxy or load balancer. */
export function classifyUnreadable(
  response: PlatformResponse,
  now: Date,
  { usualPauseMs, unauthorised }: { readonly usualPauseMs: number; readonly unauthorised: readonly number[] },
): PlatformError {
  const detail = `HTTP ${response.status} without a readable answer`;
  if (response.status === 429)
    return { kind: 'rate-limited', detail, afterMs: retryAfterMs(response.headers, now, usualPauseMs) };
  return { kind: unauthorised.includes(response.status) ? 'unauthorised' : 'unclear', detail };
}

const detailCharactersMax = 300;

/** Removes credentials that a platform repeats in its message, because the message is stored and shown to people. */
export function withoutSecrets(message: string, credentials: Credentials, harmless: readonly string[] = []): string {
  return Object.entries(credentials)
    .filter(([name, value]) => !harmless.includes(name) && value !== '')
    .reduce((clean, [, value]) => clean.replaceAll(value, '***'), message)
    .slice(0, detailCharactersMax);
}

function clockAdvice(detail: string): string {
  return `${detail}: correct the clock of this server`;
}
