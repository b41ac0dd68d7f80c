import type { TenantId, UploadId } from '@crossdesk/contracts';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Keyring, keysIn } from './keys.ts';

/** What ingest found in a file that a person uploaded. */
export interface Attachment {
  readonly tenantId: TenantId;
  readonly uploadId: UploadId;
  /** What the person uploaded it for: a file for colleagues is sent to no buyer. */
  readonly purpose: 'reply' | 'note';
  readonly kind: 'image' | 'video' | 'audio' | 'file';
  readonly mimeType: string;
  readonly bytes: number;
  readonly fileName: string;
  readonly validUntil: Date;
}

/**
 * Names an uploaded file by what it is, signed: who gets such a name knows kind, type and size without asking ingest
 * (ADR 0084).
 */
export interface Attachments {
  nameOf(attachment: Attachment): string;
  /** Null for a name that ingest did not give, of another workspace, or that is no longer valid. */
  read(name: string, tenantId: TenantId, now: Date): Attachment | null;
}

const nameCharactersMax = 2_000;
const signatureBytes = 24;

export function createAttachments(keys: Keyring): Attachments {
  const sign = (text: string, key: Buffer) =>
    createHmac('sha256', key).update(text).digest().subarray(0, signatureBytes).toString('base64url');
  const isOurs = (text: string, signature: string) =>
    keysIn(keys).some((key) => isEqual(Buffer.from(signature), Buffer.from(sign(text, key))));
  return {
    nameOf(attachment) {
      const text = Buffer.from(JSON.stringify(attachment)).toString('base64url');
      return `${text}.${sign(text, keys.current)}`;
    },
    read(name, tenantId, now) {
      const [text = '', signature = ''] = name.length > nameCharactersMax ? [] : name.split('.');
      if (text === '' || !isOurs(text, signature)) return null;
      const attachment = decode(text);
      return attachment.tenantId === tenantId && attachment.validUntil > now ? attachment : null;
    },
  };
}

/** Only what `nameOf` wrote carries the signature. */
function decode(text: string): Attachment {
  const written = JSON.parse(Buffer.from(text, 'base64url').toString()) as Omit<Attachment, 'validUntil'> & {
    readonly validUntil: string;
  };
  return { ...written, validUntil: new Date(written.validUntil) };
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
