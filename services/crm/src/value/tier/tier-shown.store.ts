import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';

type Trx = Transaction<DB>;

export type StatsRow = Omit<Row<'customer_stats'>, 'rates_from'> & {
  /** YYYY-MM-DD */
  readonly rates_from: string | null;
};

export async function readStats(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<StatsRow[]> {
  const { rows } = await sql<StatsRow>`
    select s.*, to_char(s.rates_from, 'YYYY-MM-DD') as rates_from from customer_stats s
    where s.tenant_id = ${tenantId} and s.customer_id = any(${ids}::uuid[])`.execute(trx);
  return rows;
}

const changesMax = 100;

/** The changes of the tiers of customers and of those who became a part of them, the latest first. */
export async function readTierHistory(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]) {
  type Found = { readonly of_customer: CustomerId } & Row<'tier_history'>;
  const { rows } = await sql<Found>`
    select asked.id as of_customer, h.* from unnest(${ids}::uuid[]) as asked (id)
    cross join lateral (
      select h.* from profile p
      join tier_history h on h.tenant_id = p.tenant_id and h.customer_id = p.id
      where p.tenant_id = ${tenantId} and p.customer_id = asked.id
      order by h.changed_at desc, h.version desc limit ${changesMax}
    ) as h
    order by h.changed_at desc, h.version desc`.execute(trx);
  return rows;
}
