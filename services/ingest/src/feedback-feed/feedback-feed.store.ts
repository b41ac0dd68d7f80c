import {
  type ChannelAccountId,
  type FeedbackId,
  newId,
  type PlatformFeedback,
  type TenantId,
} from '@crossdesk/contracts';
import { bytesArray, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { LockedThread } from '../thread/thread.store.ts';

export interface FeedbackToSave {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly feedback: PlatformFeedback;
}

export interface SavedFeedback {
  readonly accountId: ChannelAccountId;
  readonly externalFeedbackId: string;
  readonly id: FeedbackId;
  readonly aggregate: LockedAggregate;
}

/** Saves reported feedback. Returns only what is new or changed; what was erased, or is newer here, stays as it is. */
export async function saveFeedback(trx: Trx, reported: readonly FeedbackToSave[]): Promise<SavedFeedback[]> {
  const { rows } = await sql<Row<'platform_feedback'>>`
    insert into platform_feedback as f (tenant_id, id, account_id, external_feedback_id, external_order_id,
      buyer_external_id, digest, given_at, version)
    select *, 1 from unnest(${reported.map((r) => r.tenantId)}::uuid[], ${reported.map(() => newId())}::uuid[],
      ${reported.map((r) => r.accountId)}::uuid[], ${reported.map((r) => r.feedback.externalFeedbackId)}::text[],
      ${reported.map((r) => r.feedback.externalOrderId)}::text[], ${reported.map((r) => r.feedback.buyerExternalId)}::text[],
      ${bytesArray(reported.map((r) => digestOf(r.feedback)))}::bytea[],
      ${reported.map((r) => r.feedback.givenAt)}::timestamptz[])
      as n (tenant_id, id, account_id, external_feedback_id, external_order_id, buyer_external_id, digest, given_at)
    order by tenant_id, account_id, external_feedback_id
    on conflict (tenant_id, account_id, external_feedback_id) do update set
      external_order_id = coalesce(excluded.external_order_id, f.external_order_id),
      buyer_external_id = coalesce(excluded.buyer_external_id, f.buyer_external_id),
      digest = excluded.digest, given_at = excluded.given_at, version = f.version + 1
    where f.digest <> excluded.digest and f.given_at <= excluded.given_at and f.erased_at is null
    returning *`.execute(trx);
  return rows.map((row) => ({
    accountId: row.account_id,
    externalFeedbackId: row.external_feedback_id,
    id: row.id,
    aggregate: lockedAggregate({ tenantId: row.tenant_id, id: row.id, version: row.version }),
  }));
}

/** The time is left out: a platform that does not tell it gives the time of the call. */
function digestOf(feedback: PlatformFeedback): Buffer {
  const said = { ...feedback, givenAt: null };
  return createHash('sha256').update(JSON.stringify(said)).digest();
}

/** Erases what the buyer of a thread said on the platform, by themselves or about an order of theirs. */
export async function eraseFeedbackOf(
  trx: Trx,
  { tenantId, accountId, buyer }: LockedThread,
  externalOrderIds: readonly string[],
  now: Date,
): Promise<Pick<Row<'platform_feedback'>, 'id' | 'external_feedback_id'>[]> {
  const { rows } = await sql<Pick<Row<'platform_feedback'>, 'id' | 'external_feedback_id'>>`
    update platform_feedback set digest = '', buyer_external_id = null, erased_at = ${now}
    where tenant_id = ${tenantId} and account_id = ${accountId} and erased_at is null
      and (buyer_external_id = ${buyer.commerceId} or external_order_id = any(${externalOrderIds}::text[]))
    returning id, external_feedback_id`.execute(trx);
  return rows;
}
