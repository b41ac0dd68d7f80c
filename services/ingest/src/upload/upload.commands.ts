import { newId, type UploadId } from '@crossdesk/contracts';
import { accept, afterCommit, type CommandCall, makeOnce, type Outcome } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { takeSpace } from '../media/media.store.ts';
import { decideAnnounced, keptUnusedMs, type UploadPurpose } from './upload.domain.ts';
import { findUploads, freeBytes, insertUpload, type UploadRow } from './upload.store.ts';

export interface CreateUploadInput {
  readonly clientMutationId: string;
  readonly name: string;
  readonly bytes: number;
  readonly purpose: UploadPurpose;
}

type Refusal = 'CLIENT_ID_REUSED' | 'FILE_TOO_LARGE' | 'INVALID_INPUT' | 'QUOTA_EXCEEDED' | 'TYPE_NOT_ALLOWED';

/** Announces a file and takes its space, so that nobody sends bytes in vain. */
export function createUpload(
  { runtime, media, nudgeUploads }: Pick<IngestDeps, 'runtime' | 'media' | 'nudgeUploads'>,
  call: CommandCall<DB>,
  { clientMutationId, name, bytes, purpose }: CreateUploadInput,
): Promise<Outcome<UploadRow, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  return makeOnce<DB, UploadRow, Refusal>(
    call,
    { kind: 'upload', clientMutationId, content: [name, String(bytes), purpose] },
    {
      find: async (id) => (await findUploads(trx, tenantId, [id]))[0] ?? null,
      decide: async () => {
        const { bytesMax, tenantBytesMax } = media;
        const limits = { bytesMax, freeBytes: await freeBytes(trx, tenantId, tenantBytesMax) };
        const announced = decideAnnounced({ name, bytes }, limits);
        if (!announced.ok) return announced;
        const id = newId<UploadId>();
        const createdAt = runtime.clock.now();
        const dueAt = new Date(createdAt.getTime() + keptUnusedMs);
        const made = waiting({
          tenant_id: tenantId,
          id,
          purpose,
          file_name: announced.value,
          bytes,
          created_at: createdAt,
        });
        const record = async () => {
          await takeSpace(trx, tenantId, bytes, tenantBytesMax);
          await insertUpload(trx, { tenantId, id, purpose, fileName: announced.value, bytes, createdAt, dueAt });
          afterCommit(trx, nudgeUploads);
        };
        return accept({ made, record });
      },
    },
  );
}

type Announced = Pick<UploadRow, 'tenant_id' | 'id' | 'purpose' | 'file_name' | 'bytes' | 'created_at'>;

function waiting(announced: Announced): UploadRow {
  const unknown = { kind: null, mime_type: null, width: null, height: null, duration_ms: null, thumbnail_type: null };
  const none = { refusal: null, refusal_message: null, sha256: null, claims: 0 };
  return { ...announced, ...unknown, ...none, state: 'waiting' };
}
