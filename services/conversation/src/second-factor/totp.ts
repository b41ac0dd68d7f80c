import { Secret, TOTP } from 'otpauth';

/** What every authenticator app can do (RFC 6238): SHA-1, six digits, 30 seconds. */
const spec = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** RFC 4226, 4: 160 bits are recommended. */
const secretBytes = 20;
/** One step before and behind: the clock of a telephone may be off by 30 seconds. */
const stepsAround = 1;

/** A new secret, in base32 as apps take it. */
export function newSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** The address that an app reads as a QR code. */
export function otpauthUri(secret: string, label: string): string {
  return totpOf(secret, label).toString();
}

/** Whether a text looks like a code of an app. */
export function isAppCode(code: string): boolean {
  return /^[0-9]{6}$/.test(code);
}

/** The time step whose code this is, of those around now; null for a wrong code. */
export function stepOf(secret: string, code: string, now: Date): number | null {
  // The library compares bytes and throws for letters that take more of them than digits.
  if (!isAppCode(code)) return null;
  const totp = totpOf(secret, '');
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: stepsAround });
  return delta === null ? null : totp.counter({ timestamp }) + delta;
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ ...spec, issuer: 'Crossdesk', label, secret: Secret.fromBase32(secret) });
}
