import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import { leaseEnd } from '../../job/due-rows.store.ts';
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

export async function forgetReprocessings(trx: Trx, before: Date): Promise<void> {
  await trx.deleteFrom('reprocessing').where('requested_at', '<', before).where('state', '!=', 'running').execute();
}
