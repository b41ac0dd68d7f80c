import type { AgentId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import type { Rate } from './rate.domain.ts';

/** The rates that a workspace has set, the latest day of each currency first. */
export async function readStoredRates(trx: Transaction<DB>, tenantId: TenantId): Promise<Rate[]> {
  const { rows } = await sql<Rate>`
    select currency, to_char(day, 'YYYY-MM-DD') as day, trim_scale(per_eur)::text as "perEur" from fx_rate
    where tenant_id = ${tenantId} order by currency, day desc`.execute(trx);
  return rows;
}

export async function countRates(trx: Transaction<DB>, tenantId: TenantId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from fx_rate where tenant_id = ${tenantId}`.execute(trx);
  return rows[0]?.count ?? 0;
}

export async function saveRate(
  trx: Transaction<DB>,
  { currency, day, perEur }: Rate,
  { tenantId, setBy, now }: { readonly tenantId: TenantId; readonly setBy: AgentId; readonly now: Date },
): Promise<void> {
  await sql`
    insert into fx_rate (tenant_id, currency, day, per_eur, set_by, set_at)
    values (${tenantId}, ${currency}, ${day}::date, ${perEur}::numeric, ${setBy}, ${now})
    on conflict (tenant_id, currency, day) do update
    set per_eur = excluded.per_eur, set_by = excluded.set_by, set_at = excluded.set_at`.execute(trx);
}
