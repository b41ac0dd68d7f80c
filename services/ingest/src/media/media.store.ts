import type { ChannelAccountId, ConversationId, MediaFailure, MessageId, TenantId } from '@crossdesk/contracts';
import { afterCommit } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { Inspection } from './inspection.domain.ts';
import type { MediaSource, MediaToFetch } from './media.domain.ts';

export type MediaRow = Omit<Row<'media'>, 'leased_until' | 'stored_at'>;
export type MediaKey = Pick<MediaRow, 'tenant_id' | 'message_id'>;
export type MediaFile = MediaKey & Pick<MediaRow, 'upload_id'>;
/** A row with the claim of this worker: it may change the row as long as the claim is the latest. */
export type ClaimedMedia = MediaRow;

/** The columns of a `MediaRow`. */
export const mediaColumns = sql`tenant_id, message_id, conversation_id, account_id, kind, source, file_name, state, failure, mime_type,
  bytes, width, height, duration_ms, thumbnail_type, claims, tries, due_at, created_at, upload_id, note_id`;

export interface MediaToInsert extends MediaToFetch {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
}

/** Records the files of new messages, and lets the worker look for them when that is committed. */
export async function insertMedia(nudge: () => void, trx: Trx, media: readonly MediaToInsert[]): Promise<void> {
  if (media.length === 0) return;
  afterCommit(trx, nudge);
  await sql`
    insert into media (tenant_id, message_id, conversation_id, account_id, kind, source, file_name)
    select * from unnest(${media.map((m) => m.tenantId)}::uuid[], ${media.map((m) => m.messageId)}::uuid[],
      ${media.map((m) => m.conversationId)}::uuid[], ${media.map((m) => m.accountId)}::uuid[],
      ${media.map((m) => m.kind)}::text[], ${media.map((m) => JSON.stringify(m.source))}::jsonb[],
      ${media.map((m) => m.fileName)}::text[])
    on conflict do nothing`.execute(trx);
}

/** Takes files that have to be fetched or removed, with a lease. */
export async function claimMedia(trx: Trx, limit: number, leaseMs: number): Promise<ClaimedMedia[]> {
  const { rows } = await sql<ClaimedMedia>`
    update media set claims = claims + 1, tries = tries + 1, due_at = now() + ${leaseMs} * interval '1 millisecond',
      leased_until = now() + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, message_id) in (
      select tenant_id, message_id from media where due_at <= now() order by due_at limit ${limit} for update skip locked
    )
    returning ${mediaColumns}`.execute(trx);
  return rows;
}

/** How long nothing is due; null if nothing will be. */
export async function nextMediaInMs(trx: Trx): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(due_at) - now()) * 1000)::float as ms from media where due_at is not null`.execute(
    trx,
  );
  return rows[0]?.ms ?? null;
}

/** Locks the row of a claim. False when the file was erased meanwhile, or another worker has the claim. */
export async function lockClaim(trx: Trx, { tenant_id, message_id, claims }: ClaimedMedia): Promise<boolean> {
  const { rows } = await sql`
    select 1 from media where tenant_id = ${tenant_id} and message_id = ${message_id} and claims = ${claims}
      and state = 'pending' for update`.execute(trx);
  return rows.length > 0;
}

/** Ends a claim whose row changed meanwhile: what has to be done now is due at once. */
export async function release(trx: Trx, { tenant_id, message_id, claims }: ClaimedMedia): Promise<void> {
  await sql`
    update media set leased_until = null, due_at = case when due_at is null then null else now() end
    where tenant_id = ${tenant_id} and message_id = ${message_id} and claims = ${claims}`.execute(trx);
}

export interface StoredMedia extends Omit<Inspection, 'mimeType'> {
  readonly mimeType: string;
  readonly bytes: number;
  readonly thumbnailType: string | null;
}

/** Records that the bytes are stored. The claim is locked. */
export async function markReady(trx: Trx, key: MediaKey, stored: StoredMedia): Promise<MediaRow> {
  const { rows } = await sql<MediaRow>`
    update media set state = 'ready', failure = null, mime_type = ${stored.mimeType}, bytes = ${stored.bytes},
      width = ${stored.width}, height = ${stored.height}, duration_ms = ${stored.durationMs},
      thumbnail_type = ${stored.thumbnailType}, due_at = null, leased_until = null, stored_at = now()
    where tenant_id = ${key.tenant_id} and message_id = ${key.message_id}
    returning ${mediaColumns}`.execute(trx);
  return theRow(rows);
}

/** Ends the tries. What an earlier try may have stored is due to be removed. The claim is locked. */
export async function markFailed(trx: Trx, key: MediaKey, failure: MediaFailure): Promise<MediaRow> {
  const { rows } = await sql<MediaRow>`
    update media set state = 'failed', failure = ${failure}, due_at = now(), leased_until = null
    where tenant_id = ${key.tenant_id} and message_id = ${key.message_id}
    returning ${mediaColumns}`.execute(trx);
  return theRow(rows);
}

function theRow([row]: readonly MediaRow[]): MediaRow {
  if (row === undefined) throw new Error('the file of a message disappeared while it was locked');
  return row;
}

/** Ends a try; the next one is due after the pause. `isTry` false: it does not count. */
export async function postpone(trx: Trx, claimed: ClaimedMedia, pauseMs: number, isTry: boolean): Promise<void> {
  await sql`
    update media set due_at = case when state = 'pending' then now() + ${pauseMs} * interval '1 millisecond' else now() end,
      tries = tries - ${isTry ? 0 : 1}, leased_until = null
    where tenant_id = ${claimed.tenant_id} and message_id = ${claimed.message_id} and claims = ${claimed.claims}`.execute(
    trx,
  );
}

/** Records that no bytes are stored any more. */
export async function markRemoved(trx: Trx, claimed: ClaimedMedia): Promise<void> {
  const { numAffectedRows } = await sql`
    update media set due_at = null, leased_until = null
    where tenant_id = ${claimed.tenant_id} and message_id = ${claimed.message_id} and claims = ${claimed.claims}
      and state in ('failed', 'erased')`.execute(trx);
  if (numAffectedRows === 0n) await release(trx, claimed);
}

/** Takes a failed file up again; the lease of a worker that still removes its bytes ends first. */
export async function markPending(trx: Trx, { tenant_id, message_id }: MediaKey): Promise<MediaRow> {
  const { rows } = await sql<MediaRow>`
    update media set state = 'pending', failure = null, tries = 0, created_at = now(),
      due_at = greatest(now(), leased_until)
    where tenant_id = ${tenant_id} and message_id = ${message_id}
    returning ${mediaColumns}`.execute(trx);
  return theRow(rows);
}

/** Makes the files that wait for an account due now. */
export async function makeMediaDue(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<void> {
  await sql`
    update media set due_at = now() where tenant_id = ${tenantId} and account_id = ${accountId} and state = 'pending'
      and leased_until is null`.execute(trx);
}

export async function findMedia(trx: Trx, tenantId: TenantId, messageIds: readonly string[]): Promise<MediaRow[]> {
  const { rows } = await sql<MediaRow>`
    select ${mediaColumns} from media where tenant_id = ${tenantId} and message_id = any(${messageIds}::uuid[])`.execute(
    trx,
  );
  return rows;
}

/** Adds to what the workspace stores; false when that would be more than it may. */
export async function takeSpace(trx: Trx, tenantId: TenantId, bytes: number, bytesMax: number | null) {
  const { numAffectedRows } = await sql`
    insert into media_usage as u (tenant_id, bytes) select ${tenantId}::uuid, ${bytes}::bigint
    where ${bytesMax}::bigint is null or ${bytes}::bigint <= ${bytesMax}::bigint
    on conflict (tenant_id) do update set bytes = u.bytes + excluded.bytes
      where ${bytesMax}::bigint is null or u.bytes + excluded.bytes <= ${bytesMax}::bigint`.execute(trx);
  return numAffectedRows === 1n;
}

const noSource: MediaSource = { url: null, mediaId: null, thumbnailUrl: null };

/** Which files of a conversation are erased. */
export type ErasedMedia = 'all' | 'notes' | { readonly messageIds: readonly MessageId[] };

/**
 * Erases files of a conversation: their bytes are due to be removed as soon as no worker is at them. An uploaded file
 * stays while its reply is on its way: that goes out as it was accepted.
 */
export async function eraseMedia(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
  which: ErasedMedia,
): Promise<number> {
  const chosen =
    which === 'all'
      ? sql`true`
      : which === 'notes'
        ? sql`note_id is not null`
        : sql`message_id = any(${which.messageIds}::uuid[])`;
  const { rows } = await sql<{ count: number }>`
    with gone as (
      update media set state = 'erased', failure = null, source = ${JSON.stringify(noSource)}::jsonb, file_name = null, bytes = null,
        due_at = greatest(now(), leased_until)
      where tenant_id = ${tenantId} and conversation_id = ${conversationId} and state <> 'erased' and ${chosen}
        and not (upload_id is not null and exists (
          select from delivery_intent i where i.tenant_id = media.tenant_id and i.message_id = media.message_id
            and i.status in ('queued', 'sending', 'unknown') and not (i.status = 'unknown' and i.needs_person)))
      returning case when old.state = 'ready' and upload_id is null then old.bytes else 0 end as freed
    ), usage as (
      update media_usage set bytes = bytes - (select coalesce(sum(freed), 0) from gone) where tenant_id = ${tenantId}
    )
    select count(*)::int as count from gone`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** Ends the time of keeping: the bytes of files stored before an instant are due to be removed. */
export async function expireMedia(trx: Trx, before: Date): Promise<void> {
  await sql`
    with gone as (
      update media set state = 'failed', failure = 'EXPIRED', bytes = null, due_at = now()
      where state = 'ready' and stored_at < ${before}
      returning tenant_id, case when upload_id is null then old.bytes else 0 end as freed
    )
    update media_usage u set bytes = u.bytes - g.freed
    from (select tenant_id, sum(freed) as freed from gone group by tenant_id) g where u.tenant_id = g.tenant_id`.execute(
    trx,
  );
}

/** The files of notes, in the order in which they were attached. */
export async function findMediaOfNotes(trx: Trx, tenantId: TenantId, noteIds: readonly string[]): Promise<MediaRow[]> {
  const { rows } = await sql<MediaRow>`
    select ${mediaColumns} from media where tenant_id = ${tenantId} and note_id = any(${noteIds}::uuid[]) and state <> 'erased'
    order by message_id`.execute(trx);
  return rows;
}
