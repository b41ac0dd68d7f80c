import type { MessageId, TenantId } from '@crossdesk/contracts';
import { type Keyring, keysIn } from '@crossdesk/service-kit';
import { createHmac, timingSafeEqual } from 'node:crypto';

export type MediaPart = 'file' | 'thumbnail';

export interface MediaLink {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly part: MediaPart;
  readonly expiresAt: Date;
}

/** Who has the address of a file may read it until the address expires: no other credential is needed. */
export interface MediaLinks {
  addressOf(link: MediaLink): string;
  /** Null for a token that is not ours or has expired. */
  read(token: string, now: Date): MediaLink | null;
}

/** Addresses change once an hour, so that browsers find a file in their cache, and are valid for one to two hours. */
const stepMs = 3_600_000;

export function linkExpiry(now: Date): Date {
  return new Date((Math.floor(now.getTime() / stepMs) + 2) * stepMs);
}

const parts = ['file', 'thumbnail'] as const;
/** Two ids of 16 bytes, the part, and the expiry in seconds. */
const payloadBytes = 16 + 16 + 1 + 4;
const signatureBytes = 24;
const tokenPattern = /^[\w-]{82}$/;

export function createMediaLinks(keys: Keyring, publicUrl: string): MediaLinks {
  const sign = (payload: Buffer, key = keys.current) =>
    createHmac('sha256', key).update(payload).digest().subarray(0, signatureBytes);
  const isOurs = (payload: Buffer, signature: Buffer) =>
    keysIn(keys).some((key) => timingSafeEqual(signature, sign(payload, key)));
  return {
    addressOf(link) {
      const payload = encode(link);
      return `${publicUrl}/media/${Buffer.concat([payload, sign(payload)]).toString('base64url')}`;
    },
    read(token, now) {
      if (!tokenPattern.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const payload = bytes.subarray(0, payloadBytes);
      if (!isOurs(payload, bytes.subarray(payloadBytes))) return null;
      const link = decode(payload);
      return link !== null && link.expiresAt > now ? link : null;
    },
  };
}

function encode({ tenantId, messageId, part, expiresAt }: MediaLink): Buffer {
  const payload = Buffer.alloc(payloadBytes);
  payload.write(tenantId.replaceAll('-', ''), 0, 'hex');
  payload.write(messageId.replaceAll('-', ''), 16, 'hex');
  payload.writeUInt8(parts.indexOf(part), 32);
  payload.writeUInt32BE(expiresAt.getTime() / 1_000, 33);
  return payload;
}

function decode(payload: Buffer): MediaLink | null {
  const part = parts[payload.readUInt8(32)];
  if (part === undefined) return null;
  return {
    tenantId: uuidOf(payload.subarray(0, 16)) as TenantId,
    messageId: uuidOf(payload.subarray(16, 32)) as MessageId,
    part,
    expiresAt: new Date(payload.readUInt32BE(33) * 1_000),
  };
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
