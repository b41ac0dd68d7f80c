import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { ReprocessingId } from './reprocessing.ts';

type Trx = Transaction<DB>;
export type ReprocessingRow = Row<'reprocessing'>;

export async function insertReprocessing(trx: Trx, row: ReprocessingRow): Promise<void> {
  await trx.insertInto('reprocessing').values(row).execute();
}

export async function reprocessingsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ReprocessingId[],
): Promise<Map<ReprocessingId, ReprocessingRow>> {
  const rows = await trx
    .selectFrom('reprocessing')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether the workspace has one that runs; locks those that it does not have yet. */
export async function isOneRunning(trx: Trx, tenantId: TenantId): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reprocessing ${tenantId}`}, 0))`.execute(trx);
  const { rows } = await sql`
    select from reprocessing where tenant_id = ${tenantId} and state = 'running' limit 1`.execute(trx);
  return rows.length > 0;
}

const leaseMs = 60_000;

/** Takes those that are due; they are due again when the lease ends. */
export async function claimDue(trx: Trx, limit: number, now: Date): Promise<ReprocessingRow[]> {
  const { rows } = await sql<ReprocessingRow>`
    update reprocessing r set due_at = ${leaseEnd(now)}, tries = r.tries + 1
    from (select tenant_id, id from reprocessing where due_at <= ${now} order by due_at limit ${limit}
      for update skip locked) d
    where r.tenant_id = d.tenant_id and r.id = d.id
    returning r.*`.execute(trx);
  return rows;
}

function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + leaseMs);
}

export async function nextDueAt(trx: Trx): Promise<Date | null> {
  const { rows } = await sql<{ due_at: Date | null }>`select min(due_at) as due_at from reprocessing`.execute(trx);
  return rows[0]?.due_at ?? null;
}

type Progress = Pick<ReprocessingRow, 'messages' | 'revised' | 'after_message' | 'state' | 'tries' | 'finished_at'>;

/** Writes how far a claimed one is, or what became of it. False: another worker has it now. */
export async function saveProgress(
  trx: Trx,
  { tenant_id, id, tries }: ReprocessingRow,
  { messages, revised, after_message, state, tries: nextTries, finished_at }: Progress,
  now: Date,
): Promise<boolean> {
  const progress = { messages, revised, after_message, state, tries: nextTries, finished_at };
  const { numUpdatedRows } = await trx
    .updateTable('reprocessing')
    .set({ ...progress, due_at: state === 'running' ? leaseEnd(now) : null })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives a claimed one to the next worker. */
export async function giveBack(trx: Trx, { tenant_id, id, tries }: ReprocessingRow, now: Date): Promise<void> {
  await trx
    .updateTable('reprocessing')
    .set({ due_at: now, tries: tries - 1 })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('state', '=', 'running')
    .execute();
}

export async function forgetReprocessings(trx: Trx, before: Date): Promise<void> {
  await trx.deleteFrom('reprocessing').where('requested_at', '<', before).where('state', '!=', 'running').execute();
}
