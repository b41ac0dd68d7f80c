import { timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../port/account.port.ts';

/** The current secret and, while it is being replaced, the previous one (`<name>_previous`). */
export function activeSecrets(credentials: Credentials, name: string): readonly string[] {
  return [credentials[name] ?? '', credentials[`${name}_previous`] ?? ''].filter((secret) => secret !== '');
}

/** Whether a signature is one of the expected ones; compares all of them in constant time. */
export function isOneOf(claimed: Uint8Array, expected: readonly Uint8Array[]): boolean {
  return expected.map((digest) => digest.length === claimed.length && timingSafeEqual(digest, claimed)).includes(true);
}
