import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey, type Keyring, type Keys, keysIn } from './keys.ts';

/** The place of a sealed value: part of the seal, so that the value opens nowhere else. */
export interface SealedPlace {
  readonly tenantId: string;
  readonly table: string;
  /** Begins like this, so that the values are found when the master secret is changed. */
  readonly column: `sealed_${string}`;
  readonly row: string;
}

const formatVersion = 2;
const keyIdBytes = 8;
const headBytes = 1 + keyIdBytes;
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;
const wrappedBytes = ivBytes + keyBytes + tagBytes;

/**
 * Seals text by envelope encryption: a fresh AES-256-GCM key for the value, itself sealed with the current key.
 * Layout: head (version, id of the current key), sealed key (iv, key, tag), sealed text (iv, text, tag).
 */
export function seal({ current }: Keyring, place: SealedPlace, text: string): Buffer {
  const dataKey = randomBytes(keyBytes);
  const about = placeOf(place);
  return Buffer.concat([headOf(current), encrypt(current, about, dataKey), encrypt(dataKey, about, Buffer.from(text))]);
}

/** Opens the result of `seal`. @throws Error when the key, the place or a single bit differs */
export function unseal(keys: Keyring, place: SealedPlace, sealed: Buffer): string {
  if (sealed[0] !== formatVersion) throw new Error('sealed value has an unknown format');
  const head = sealed.subarray(0, headBytes);
  const key = keysIn(keys).find((one) => headOf(one).equals(head));
  if (key === undefined) throw new Error('sealed value needs another key');
  const about = placeOf(place);
  const dataKey = decrypt(key, about, sealed.subarray(headBytes, headBytes + wrappedBytes));
  return decrypt(dataKey, about, sealed.subarray(headBytes + wrappedBytes)).toString();
}

/** The key that a service seals with. */
export function sealingKeyOf(keys: Keys, service: string): Keyring {
  return keys.of(`${service}/sealed`);
}

/** How every value begins that is sealed with this key. */
export function headOf(key: Buffer): Buffer {
  return Buffer.concat([Buffer.from([formatVersion]), deriveKey(key, 'id').subarray(0, keyIdBytes)]);
}

/** The first bytes of a sealed value, to be compared with `headOf`. */
export const sealedHeadBytes = headBytes;

function placeOf({ tenantId, table, column, row }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([tenantId, table, column, row]));
}

function encrypt(key: Buffer, about: Buffer, plain: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(about);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, body, cipher.getAuthTag()]);
}

function decrypt(key: Buffer, about: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(about);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes)), decipher.final()]);
}
