import { type Keyring, keysIn } from '@crossdesk/service-kit';
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs payloads of one length for addresses. */
export interface PayloadSigner {
  sign(payload: Buffer): string;
  /** Null for a token that is not ours. */
  open(token: string): Buffer | null;
}

const signatureBytes = 24;

export function createPayloadSigner(keys: Keyring, payloadBytes: number): PayloadSigner {
  const tokenCharacters = Math.ceil(((payloadBytes + signatureBytes) * 4) / 3);
  const signatureOf = (payload: Buffer, key: Buffer) =>
    createHmac('sha256', key).update(payload).digest().subarray(0, signatureBytes);
  return {
    sign: (payload) => Buffer.concat([payload, signatureOf(payload, keys.current)]).toString('base64url'),
    open(token) {
      if (token.length !== tokenCharacters || !/^[\w-]+$/.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const payload = bytes.subarray(0, payloadBytes);
      const signature = bytes.subarray(payloadBytes);
      return keysIn(keys).some((key) => timingSafeEqual(signature, signatureOf(payload, key))) ? payload : null;
    },
  };
}

export function uuidBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function secondsOf(instant: Date): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.floor(instant.getTime() / 1_000));
  return bytes;
}
