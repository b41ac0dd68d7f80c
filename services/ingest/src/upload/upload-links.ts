import type { TenantId, UploadId } from '@crossdesk/contracts';
import type { Keyring } from '@crossdesk/service-kit';
import { createPayloadSigner, secondsOf, uuidBytes, uuidOf } from '../media/signed-payload.ts';

interface UploadLink {
  readonly tenantId: TenantId;
  readonly uploadId: UploadId;
  readonly expiresAt: Date;
}

/** Who has the address may put the bytes of one upload there, until it expires. */
export interface UploadLinks {
  addressOf(link: UploadLink): string;
  /** Null for a token that is not ours or has expired. */
  read(token: string, now: Date): UploadLink | null;
}

/** Two ids of 16 bytes, and the expiry in seconds. */
const payloadBytes = 16 + 16 + 4;

export function createUploadLinks(keys: Keyring, publicUrl: string): UploadLinks {
  const signer = createPayloadSigner(keys, payloadBytes);
  return {
    addressOf({ tenantId, uploadId, expiresAt }) {
      const payload = Buffer.concat([uuidBytes(tenantId), uuidBytes(uploadId), secondsOf(expiresAt)]);
      return `${publicUrl}/uploads/${signer.sign(payload)}`;
    },
    read(token, now) {
      const payload = signer.open(token);
      if (payload === null) return null;
      const expiresAt = new Date(payload.readUInt32BE(32) * 1_000);
      if (expiresAt <= now) return null;
      const tenantId = uuidOf(payload.subarray(0, 16)) as TenantId;
      return { tenantId, uploadId: uuidOf(payload.subarray(16, 32)) as UploadId, expiresAt };
    },
  };
}
