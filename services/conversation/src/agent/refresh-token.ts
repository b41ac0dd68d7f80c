import { createHash, createHmac, randomBytes } from 'node:crypto';
import { type Keyring, keysIn, type Keys } from '@crossdesk/service-kit';

const secretBytes = 32;

/** The first refresh token of a session. Only its digest is stored. */
export function firstRefreshToken(): string {
  return formatted(randomBytes(secretBytes));
}

/** The key that the following tokens are made with. */
export function refreshKeyOf(keys: Keys): Keyring {
  return keys.of('conversation/refresh-token');
}

/**
 * The token that follows another, by each key: of a token the same one follows always, so that an answer that was lost
 * can be given again although no token is stored. Whoever has a token cannot make the next one without the key.
 */
export function followingTokens(key: Keyring, token: string): readonly string[] {
  return keysIn(key).map((one) => formatted(createHmac('sha256', one).update(token).digest()));
}

export function digestOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function formatted(secret: Buffer): string {
  return `cdr_${secret.toString('base64url')}`;
}
