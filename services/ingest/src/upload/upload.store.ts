import type { TenantId, UploadId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { Inspection } from '../media/inspection.domain.ts';
import type { FileType } from './file-types.domain.ts';
import type { UploadPurpose, UploadRefusal } from './upload.domain.ts';

export type UploadRow = Omit<Row<'upload'>, 'leased_until' | 'due_at'>;
export type UploadKey = Pick<UploadRow, 'tenant_id' | 'id'>;

const columns = sql`tenant_id, id, purpose, file_name, bytes, state, refusal, refusal_message, kind, mime_type, width, height,
  duration_ms, thumbnail_type, sha256, created_at, claims`;

export interface UploadToInsert {
  readonly tenantId: TenantId;
  readonly id: UploadId;
  readonly purpose: UploadPurpose;
  readonly fileName: string;
  readonly bytes: number;
  readonly createdAt: Date;
  readonly dueAt: Date;
}

export async function insertUpload(trx: Trx, upload: UploadToInsert): Promise<void> {
  await sql`
    insert into upload (tenant_id, id, purpose, file_name, bytes, created_at, due_at)
    values (${upload.tenantId}, ${upload.id}, ${upload.purpose}, ${upload.fileName}, ${upload.bytes}, ${upload.createdAt},
      ${upload.dueAt})`.execute(trx);
}

export async function findUploads(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<UploadRow[]> {
  const { rows } = await sql<UploadRow>`
    select ${columns} from upload where tenant_id = ${tenantId} and id = any(${ids}::uuid[]) and state <> 'dropping'`.execute(
    trx,
  );
  return rows;
}

/** Takes an upload for one request that brings the bytes. Null when it has them already, or another request is at it. */
export async function claimUpload(
  trx: Trx,
  tenantId: TenantId,
  id: UploadId,
  leaseMs: number,
): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    update upload set state = 'storing', claims = claims + 1, leased_until = now() + ${leaseMs} * interval '1 millisecond'
    where tenant_id = ${tenantId} and id = ${id} and (state = 'waiting' or (state = 'storing' and leased_until < now()))
    returning ${columns}`.execute(trx);
  return rows[0] ?? null;
}

type Claimed = Pick<UploadRow, 'tenant_id' | 'id' | 'claims'>;

const isClaimed = ({ tenant_id, id, claims }: Claimed) =>
  sql`tenant_id = ${tenant_id} and id = ${id} and claims = ${claims} and state = 'storing'`;

/** The bytes did not come: another request may bring them. */
export async function releaseUpload(trx: Trx, claimed: Claimed): Promise<void> {
  await sql`update upload set state = 'waiting', leased_until = null where ${isClaimed(claimed)}`.execute(trx);
}

export interface AcceptedFile extends Omit<Inspection, 'mimeType'> {
  readonly type: FileType;
  readonly fileName: string;
  readonly sha256: Buffer;
  readonly thumbnailType: string | null;
}

/** Null when the claim ended meanwhile. */
export async function markUploaded(trx: Trx, claimed: Claimed, file: AcceptedFile): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    update upload set state = 'ready', leased_until = null, file_name = ${file.fileName}, kind = ${file.type.kind},
      mime_type = ${file.type.mimeType}, width = ${file.width}, height = ${file.height}, duration_ms = ${file.durationMs},
      thumbnail_type = ${file.thumbnailType}, sha256 = ${file.sha256}
    where ${isClaimed(claimed)}
    returning ${columns}`.execute(trx);
  return rows[0] ?? null;
}

/** Gives the space of the upload back. Null when the claim ended meanwhile. */
export async function markRefused(
  trx: Trx,
  claimed: Claimed,
  refusal: UploadRefusal,
  message: string,
): Promise<UploadRow | null> {
  const { rows } = await sql<UploadRow>`
    update upload set state = 'refused', leased_until = null, refusal = ${refusal}, refusal_message = ${message}
    where ${isClaimed(claimed)}
    returning ${columns}`.execute(trx);
  const [row] = rows;
  if (row !== undefined) await giveSpace(trx, row.tenant_id, row.bytes);
  return row ?? null;
}

/** Takes uploads that may have to be dropped. */
export async function claimUnused(trx: Trx, limit: number, leaseMs: number): Promise<UploadKey[]> {
  const { rows } = await sql<UploadKey>`
    update upload set due_at = now() + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, id) in (
      select tenant_id, id from upload where due_at <= now() and (leased_until is null or leased_until < now())
      order by due_at limit ${limit} for update skip locked)
    returning tenant_id, id`.execute(trx);
  return rows;
}

/** How long nothing is due; null if nothing will be. */
export async function nextDropInMs(trx: Trx): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(due_at) - now()) * 1000)::float as ms from upload where due_at is not null`.execute(
    trx,
  );
  return rows[0]?.ms ?? null;
}

/**
 * Begins to drop an upload that nothing has any more. False when something has it: then it is looked at again when
 * that gives it up.
 */
export async function beginDrop(trx: Trx, { tenant_id, id }: UploadKey): Promise<boolean> {
  const { rows } = await sql<Pick<UploadRow, 'state'>>`
    select state from upload where tenant_id = ${tenant_id} and id = ${id} for update`.execute(trx);
  if (rows.length === 0) return false;
  const { rows: uses } = await sql`
    select 1 from media where tenant_id = ${tenant_id} and upload_id = ${id} and state = 'ready' limit 1`.execute(trx);
  const isUsed = uses.length > 0;
  await sql`
    update upload set state = case when ${isUsed} then state else 'dropping' end,
      due_at = case when ${isUsed} then null else coalesce(due_at, now()) end
    where tenant_id = ${tenant_id} and id = ${id}`.execute(trx);
  return !isUsed;
}

/** Ends the drop once the bytes are removed. */
export async function endDrop(trx: Trx, { tenant_id, id }: UploadKey): Promise<void> {
  const { rows } = await sql<Pick<UploadRow, 'bytes' | 'refusal'>>`
    delete from upload where tenant_id = ${tenant_id} and id = ${id} and state = 'dropping'
    returning bytes, refusal`.execute(trx);
  for (const { bytes, refusal } of rows) if (refusal === null) await giveSpace(trx, tenant_id, bytes);
}

async function giveSpace(trx: Trx, tenantId: TenantId, bytes: number): Promise<void> {
  await sql`update media_usage set bytes = bytes - ${bytes} where tenant_id = ${tenantId}`.execute(trx);
}

/** What the workspace may still store; null = any. Locks the count until the end of the transaction. */
export async function freeBytes(trx: Trx, tenantId: TenantId, bytesMax: number | null): Promise<number | null> {
  if (bytesMax === null) return null;
  const { rows } = await sql<{ bytes: string }>`
    select bytes from media_usage where tenant_id = ${tenantId} for update`.execute(trx);
  return bytesMax - Number(rows[0]?.bytes ?? 0);
}
