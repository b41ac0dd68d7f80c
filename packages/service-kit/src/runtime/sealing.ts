import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The place of a sealed value: part of the seal, so that the value opens nowhere else. */
export interface SealedPlace {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

const formatVersion = 1;
const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;
const wrappedBytes = ivBytes + keyBytes + tagBytes;

/**
 * Seals text by envelope encryption: a fresh AES-256-GCM key for the value, itself sealed with the installation's key.
 * Layout: version, sealed key (iv, key, tag), sealed text (iv, text, tag).
 */
export function seal(key: Buffer, place: SealedPlace, text: string): Buffer {
  const dataKey = randomBytes(keyBytes);
  const about = placeOf(place);
  return Buffer.concat([
    Buffer.from([formatVersion]),
    encrypt(key, about, dataKey),
    encrypt(dataKey, about, Buffer.from(text)),
  ]);
}

/** Opens the result of `seal`. @throws Error when the key, the place or a single bit differs */
export function unseal(key: Buffer, place: SealedPlace, sealed: Buffer): string {
  if (sealed[0] !== formatVersion) throw new Error('sealed value has an unknown format');
  const about = placeOf(place);
  const dataKey = decrypt(key, about, sealed.subarray(1, 1 + wrappedBytes));
  return decrypt(dataKey, about, sealed.subarray(1 + wrappedBytes)).toString();
}

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
