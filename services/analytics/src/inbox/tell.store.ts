import type { EventId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate, readEvents } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Workspaces whose counters have changed, and that were not told of within the pause. By the clock of the database. */
export async function changedTenants(
  trx: Transaction<DB>,
  { pauseMs, limit }: { readonly pauseMs: number; readonly limit: number },
): Promise<TenantId[]> {
  const { rows } = await sql<{ tenant_id: TenantId }>`
    select distinct c.tenant_id from inbox_change c
    left join inbox_told t on t.tenant_id = c.tenant_id
    where t.told_at is null or t.told_at <= clock_timestamp() - ${pauseMs} * interval '1 millisecond'
    limit ${limit}`.execute(trx);
  return rows.map((row) => row.tenant_id);
}

/**
 * Takes the changes of a workspace, to tell of them as one. What commits later is told the next time. Null if another
 * process has told within the pause.
 */
export async function takeChanges(
  trx: Transaction<DB>,
  tenantId: TenantId,
  pauseMs: number,
): Promise<{ readonly aggregate: LockedAggregate; readonly countedUntil: Date } | null> {
  const { rows } = await sql<{ version: number }>`
    insert into inbox_told as t (tenant_id, version, told_at) values (${tenantId}, 1, clock_timestamp())
    on conflict (tenant_id) do update set version = t.version + 1, told_at = excluded.told_at
    where t.told_at <= excluded.told_at - ${pauseMs} * interval '1 millisecond'
    returning version`.execute(trx);
  const [told] = rows;
  if (told === undefined) return null;
  // After the lock, so that it sees what committed before.
  const { numAffectedRows } = await sql`delete from inbox_change where tenant_id = ${tenantId}`.execute(trx);
  const progress = await trx
    .selectFrom('inbox_progress')
    .select('counted_until')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (progress === undefined || numAffectedRows === 0n) return null;
  const aggregate = lockedAggregate({ tenantId, id: tenantId, version: told.version });
  return { aggregate, countedUntil: progress.counted_until };
}

/** Those of the events that told this workspace of a change. */
export async function changesTold(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly EventId[],
): Promise<ReadonlySet<EventId>> {
  const events = await readEvents(trx, tenantId, ids);
  return new Set(events.flatMap(({ type, id }) => (type === 'analytics.overview-changed' ? [id] : [])));
}
