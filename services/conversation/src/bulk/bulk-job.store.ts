import type { BulkJobId, ConversationId, TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type BulkJob, leaseEnd } from './bulk-job.domain.ts';

type Trx = Transaction<DB>;

export async function insertJob(trx: Trx, job: BulkJob, targets: readonly ConversationId[]): Promise<void> {
  await trx.insertInto('bulk_job').values(toRow(job)).execute();
  await sql`
    insert into bulk_item (tenant_id, job_id, seq, conversation_id)
    select ${job.tenantId}, ${job.id}, seq, id
    from unnest(${targets}::uuid[]) with ordinality as t (id, seq)`.execute(trx);
}

/** Takes a job that is due; it is due again when the lease ends. */
export async function claimJobs(trx: Trx, limit: number, now: Date): Promise<BulkJob[]> {
  const { rows } = await sql<Row<'bulk_job'>>`
    update bulk_job j set due_at = ${leaseEnd(now)}
    from (select tenant_id, id from bulk_job where due_at <= ${now} order by due_at limit ${limit}
      for update skip locked) d
    where j.tenant_id = d.tenant_id and j.id = d.id
    returning j.*`.execute(trx);
  return rows.map(toJob);
}

/** Gives a claimed job to the next worker before the lease ends. */
export async function giveBack(trx: Trx, { tenantId, id }: BulkJob, now: Date): Promise<void> {
  await trx
    .updateTable('bulk_job')
    .set({ due_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('due_at', 'is not', null)
    .execute();
}

/** The milliseconds until a job is due; null if none is. */
export async function nextJobInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ due_at: Date | null }>`
    select min(due_at) as due_at from bulk_job where due_at is not null`.execute(trx);
  const dueAt = rows[0]?.due_at ?? null;
  return dueAt === null ? null : dueAt.getTime() - now.getTime();
}

export async function lockJob(trx: Trx, tenantId: TenantId, id: BulkJobId): Promise<BulkJob | null> {
  const row = await trx
    .selectFrom('bulk_job')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toJob(row);
}

/** The lock for appending events of a job, which must be new or locked in this transaction. */
export function jobAggregate(job: BulkJob): LockedAggregate {
  return lockedAggregate(job);
}

/** Writes the changes of a job, which must be locked in this transaction. */
export async function saveJob(trx: Trx, job: BulkJob): Promise<void> {
  const { state, next_seq, expected, settled, problem, due_at, started_at, finished_at, version } = toRow(job);
  await trx
    .updateTable('bulk_job')
    .set({ state, next_seq, expected, settled, problem, due_at, started_at, finished_at, version })
    .where('tenant_id', '=', job.tenantId)
    .where('id', '=', job.id)
    .execute();
}

export async function jobsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly BulkJobId[],
): Promise<Map<BulkJobId, BulkJob>> {
  const rows = await trx
    .selectFrom('bulk_job')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, toJob(row)]));
}

/** A page of the jobs of a workspace, the newest first, and one more if there are any behind it. */
export async function listJobs(
  trx: Trx,
  tenantId: TenantId,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<BulkJob[]> {
  const behind = after === null ? sql`` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<Row<'bulk_job'>>`
    select * from bulk_job where tenant_id = ${tenantId} ${behind} order by id desc limit ${first + 1}`.execute(trx);
  return rows.map(toJob);
}

export function countJobs(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from bulk_job where tenant_id = ${tenantId}`);
}

const keptDays = 90;

/** Deletes jobs that ended long ago, with their targets. */
export async function forgetOldJobs(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('bulk_job')
    .where('finished_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}

function toJob(row: Row<'bulk_job'>): BulkJob {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    action: row.action,
    state: row.state,
    agentId: row.agent_id,
    targetCount: row.target_count,
    nextSeq: row.next_seq,
    expected: row.expected,
    settled: row.settled,
    problem: row.problem,
    dueAt: row.due_at,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    version: row.version,
  };
}

function toRow(job: BulkJob) {
  return {
    tenant_id: job.tenantId,
    id: job.id,
    action: JSON.stringify(job.action),
    state: job.state,
    agent_id: job.agentId,
    target_count: job.targetCount,
    next_seq: job.nextSeq,
    expected: JSON.stringify(job.expected),
    settled: JSON.stringify(job.settled),
    problem: job.problem,
    due_at: job.dueAt,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    version: job.version,
  };
}
