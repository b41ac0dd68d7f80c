import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1 (128 MiB, about 0.3 s). */
const recommendedCost = 2 ** 17;
const blockSize = 8;
const keyBytes = 32;
const saltBytes = 16;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long without a stored hash as with one, so that the time does not show which addresses are known. */
  matches(password: string, stored: string | null): Promise<boolean>;
}

export function createPasswords(cost: number = recommendedCost): Passwords {
  const nobody = { cost, salt: randomBytes(saltBytes), key: randomBytes(keyBytes) };
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const key = await derive(password, salt, cost);
      return ['scrypt', cost, salt.toString('base64url'), key.toString('base64url')].join('$');
    },
    async matches(password, stored) {
      const { cost: storedCost, salt, key } = stored === null ? nobody : parse(stored);
      const isEqual = timingSafeEqual(await derive(password, salt, storedCost), key);
      return isEqual && stored !== null;
    },
  };
}

function parse(stored: string) {
  const [scheme, cost, salt, key] = stored.split('$');
  if (scheme !== 'scrypt' || cost === undefined || salt === undefined || key === undefined) {
    throw new Error('a stored password hash has an unknown format: set the password of the agent again');
  }
  return { cost: Number(cost), salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const options = { N: cost, r: blockSize, p: 1, maxmem: 256 * cost * blockSize };
  return new Promise((resolve, reject) => {
    // Composed form, so that an accent typed on another keyboard is equal.
    scrypt(password.normalize('NFC'), salt, keyBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
