import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Tables of jobs that people ask for and a worker does: running ones have the time when their lease ends as `due_at`. */
type JobTable = 'simulation' | 'reprocessing';

/** A job that a worker has taken: `tries` tells its lease from that of the next worker. */
interface Taken {
  readonly tenant_id: TenantId;
  readonly id: string;
  readonly tries: number;
}

const leaseMs = 60_000;

export function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + leaseMs);
}

/** Takes jobs that are due; they are due again when the lease ends. */
export async function claimJobs<Job>(trx: Transaction<DB>, table: JobTable, limit: number, now: Date): Promise<Job[]> {
  const { rows } = await sql<Job>`
    update ${sql.table(table)} j set due_at = ${leaseEnd(now)}, tries = j.tries + 1
    from (select tenant_id, id from ${sql.table(table)} where due_at <= ${now} order by due_at limit ${limit}
      for update skip locked) d
    where j.tenant_id = d.tenant_id and j.id = d.id
    returning j.*`.execute(trx);
  return rows;
}

/** Gives a job to the next worker. */
export async function giveBack(
  trx: Transaction<DB>,
  table: JobTable,
  { tenant_id, id, tries }: Taken,
  now: Date,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set due_at = ${now}, tries = ${tries - 1}
    where tenant_id = ${tenant_id} and id = ${id} and tries = ${tries} and state = 'running'`.execute(trx);
}

/** The milliseconds until a row of a table is due; null if none is. */
export async function nextDueInMs(
  trx: Transaction<DB>,
  table: JobTable | 'rule_timer' | 'turn',
  now: Date,
): Promise<number | null> {
  const { rows } = await sql<{ due_at: Date | null }>`
    select min(due_at) as due_at from ${sql.table(table)} where due_at is not null`.execute(trx);
  const dueAt = rows[0]?.due_at ?? null;
  return dueAt === null ? null : dueAt.getTime() - now.getTime();
}
