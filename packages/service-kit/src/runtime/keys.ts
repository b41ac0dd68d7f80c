import { hkdfSync } from 'node:crypto';
import { ConfigError } from './config.ts';

/** The master secret must have at least 256 bits. */
const masterBytesMin = 32;

/** Reads the master secret (base64) that every other key of an installation is derived from. */
export function parseMasterSecret(text: string): Buffer {
  const secret = Buffer.from(text, 'base64');
  if (secret.length < masterBytesMin)
    throw new ConfigError(
      'CROSSDESK_SECRET must be at least 32 bytes in base64: create one with `openssl rand -base64 32`',
    );
  return secret;
}

/** A 256-bit key for one purpose: it reveals nothing about the master secret or the keys of other purposes. */
export function deriveKey(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, 'crossdesk', purpose, 32));
}
