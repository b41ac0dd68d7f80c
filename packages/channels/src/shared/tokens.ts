import type { Credentials } from '../port/account.port.ts';
import { PlatformRefusal } from '../port/errors.ts';
import { field, instant, seconds, text } from './platform-json.ts';

/**
 * When the access token expires. A token without a known expiry counts as expired, so that the first refresh finds it.
 * Sellers enter the expiry as the platform gives it: ISO 8601 or unix seconds.
 */
export function tokenEnd({ expires_at }: Credentials): Date {
  return instant(expires_at) ?? seconds(expires_at) ?? new Date(0);
}

/** When the consent of the seller ends, as `consent_ends_at` has it; null if it is not known. */
export function consentEnd({ consent_ends_at: told }: Credentials): Date | null {
  return instant(told) ?? seconds(told);
}

/** The end of a consent as a credential; nothing if the platform does not tell it. */
export function consentUntil(endsAt: Date | null): Credentials {
  return endsAt === null ? {} : { consent_ends_at: endsAt.toISOString() };
}

/** The pair of tokens in an answer, as credentials. @throws PlatformRefusal when one is missing */
export function tokenPair(value: unknown, endsAt: Date): Credentials {
  const accessToken = text(field(value, 'access_token'));
  const refreshToken = text(field(value, 'refresh_token'));
  if (accessToken === null || refreshToken === null)
    throw new PlatformRefusal('unavailable', 'the platform answered without tokens');
  return { access_token: accessToken, refresh_token: refreshToken, expires_at: endsAt.toISOString() };
}
