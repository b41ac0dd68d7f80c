import { countRows } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { BulkItem, BulkJob, BulkOutcome, ItemResult } from './bulk-job.domain.ts';

type Trx = Transaction<DB>;
type JobKey = Pick<BulkJob, 'tenantId' | 'id'>;
export type BulkItemRow = Row<'bulk_item'>;

/** The next targets of a job. */
export async function nextItems(
  trx: Trx,
  { tenantId, id, nextSeq }: JobKey & Pick<BulkJob, 'nextSeq'>,
  limit: number,
): Promise<BulkItem[]> {
  const rows = await trx
    .selectFrom('bulk_item')
    .select(['seq', 'conversation_id as conversationId'])
    .where('tenant_id', '=', tenantId)
    .where('job_id', '=', id)
    .where('seq', '>=', nextSeq)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows;
}

/** Writes down what targets came to, or in a draft would come to. */
export async function saveResults(
  trx: Trx,
  { tenantId, id, state }: JobKey & Pick<BulkJob, 'state'>,
  results: readonly ItemResult[],
): Promise<void> {
  const set =
    state === 'draft' ? sql`expected = r.outcome, expected_code = r.code` : sql`outcome = r.outcome, code = r.code`;
  await sql`
    update bulk_item i set ${set}
    from unnest(${results.map((one) => one.seq)}::int[], ${results.map((one) => one.outcome)}::text[],
      ${results.map((one) => one.code)}::text[]) as r (seq, outcome, code)
    where i.tenant_id = ${tenantId} and i.job_id = ${id} and i.seq = r.seq`.execute(trx);
}

export interface ItemFilter {
  readonly expected: readonly BulkOutcome[] | null;
  readonly outcomes: readonly BulkOutcome[] | null;
}

/** A page of the targets of a job, in their order, and one more if there are any behind it. */
export async function listItems(
  trx: Trx,
  job: JobKey,
  { filter, first, afterSeq }: { readonly filter: ItemFilter; readonly first: number; readonly afterSeq: number },
): Promise<BulkItemRow[]> {
  const { rows } = await sql<BulkItemRow>`
    select * from bulk_item where ${ofJob(job, filter)} and seq > ${afterSeq} order by seq limit ${first + 1}`.execute(
    trx,
  );
  return rows;
}

export function countItems(trx: Trx, job: JobKey, filter: ItemFilter): Promise<number> {
  return countRows(trx, sql`select 1 from bulk_item where ${ofJob(job, filter)}`);
}

function ofJob({ tenantId, id }: JobKey, { expected, outcomes }: ItemFilter): RawBuilder<unknown> {
  const ofExpected = expected === null ? sql`` : sql`and expected = any(${expected}::text[])`;
  const ofOutcome = outcomes === null ? sql`` : sql`and outcome = any(${outcomes}::text[])`;
  return sql`tenant_id = ${tenantId} and job_id = ${id} ${ofExpected} ${ofOutcome}`;
}
