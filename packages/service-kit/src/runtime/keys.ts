import { hkdfSync } from 'node:crypto';
import { ConfigError } from './config.ts';

/** A key, and while the master secret changes also the one before: what that one sealed or signed stays valid. */
export interface Keyring {
  readonly current: Buffer;
  readonly previous: Buffer | null;
}

/**
 * The keys a process may use, by name. Names are paths: who holds `ingest` can derive `ingest/credentials`, but not the
 * other way round, and nothing beside it.
 */
export interface Keys {
  /** @throws ConfigError when this process holds neither the key nor one above it */
  of(name: string): Keyring;
}

const keyBytes = 32;

/** Reads the master secret (base64) that every other key of an installation is derived from. */
export function parseMasterSecret(text: string): Buffer {
  const secret = Buffer.from(text, 'base64');
  if (secret.length < keyBytes)
    throw new ConfigError(
      'CROSSDESK_SECRET must be at least 32 bytes in base64: create one with `openssl rand -base64 32`',
    );
  return secret;
}

/** A 256-bit key for one purpose: it reveals nothing about the key above it or the keys of other purposes. */
export function deriveKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, 'crossdesk', purpose, keyBytes));
}

/** All keys of an installation, for programs that get the master secret: `start`, and the commands of the operator. */
export function keysOf(current: Buffer, previous: Buffer | null = null): Keys {
  return { of: (name) => below({ current, previous }, name.split('/')) };
}

/** The keys that a process was given. */
export function heldKeys(held: ReadonlyMap<string, Keyring>): Keys {
  return {
    of(name) {
      const parts = name.split('/');
      for (let length = parts.length; length > 0; length -= 1) {
        const ring = held.get(parts.slice(0, length).join('/'));
        if (ring !== undefined) return below(ring, parts.slice(length));
      }
      throw new ConfigError(
        `CROSSDESK_KEYS has no key for ${name}: the setup command \`keys\` prints the keys of a process, --embedded-log adds that of the log in Postgres`,
      );
    },
  };
}

function below({ current, previous }: Keyring, path: readonly string[]): Keyring {
  const derived = (key: Buffer) => path.reduce(deriveKey, key);
  return { current: derived(current), previous: previous === null ? null : derived(previous) };
}

/** The keys in the order in which they are tried: the current one first. */
export function keysIn({ current, previous }: Keyring): readonly Buffer[] {
  return previous === null ? [current] : [current, previous];
}
