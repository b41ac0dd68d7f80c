import type { MessageId, TenantId } from '@crossdesk/contracts';
import type { Keyring } from '@crossdesk/service-kit';
import { createPayloadSigner, secondsOf, uuidBytes, uuidOf } from './signed-payload.ts';

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

export function createMediaLinks(keys: Keyring, publicUrl: string): MediaLinks {
  const signer = createPayloadSigner(keys, payloadBytes);
  return {
    addressOf({ tenantId, messageId, part, expiresAt }) {
      const ids = [uuidBytes(tenantId), uuidBytes(messageId)];
      const payload = Buffer.concat([...ids, Buffer.from([parts.indexOf(part)]), secondsOf(expiresAt)]);
      return `${publicUrl}/media/${signer.sign(payload)}`;
    },
    read(token, now) {
      const payload = signer.open(token);
      const link = payload === null ? null : decode(payload);
      return link !== null && link.expiresAt > now ? link : null;
    },
  };
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
