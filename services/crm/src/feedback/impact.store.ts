import type { FeedbackId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** How much the same trouble affects. */
export interface Impact {
  readonly orders: number;
  readonly customers: number;
  readonly skus: number;
}

/** Before and after: whoever looks at the first of a wave sees what came since. */
const days = 30;

/**
 * What feedback of the same type about one of the same goods affects, within 30 days, itself included. Counted when it is
 * asked for: customers who turned out to be one count once.
 */
export async function impactsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly FeedbackId[],
): Promise<Map<FeedbackId, Impact>> {
  const { rows } = await sql<Impact & { id: FeedbackId }>`
    select f.id, n.orders, n.customers, n.skus from feedback f
    cross join lateral (
      select count(distinct coalesce(o.account_id || ' ' || o.external_order_id, o.order_id::text))::int as orders,
        count(distinct coalesce(p.customer_id::text, o.account_id || ' ' || o.buyer_external_id))::int as customers,
        count(distinct s.sku)::int as skus
      from (
        select f.id union select same.feedback_id from feedback_sku own
        join feedback_sku same on same.tenant_id = own.tenant_id and same.sku = own.sku
        where own.tenant_id = f.tenant_id and own.feedback_id = f.id) as a (id)
      join feedback o on o.tenant_id = f.tenant_id and o.id = a.id and o.type = f.type
        and o.given_at between f.given_at - make_interval(days => ${days}) and f.given_at + make_interval(days => ${days})
      left join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
      left join feedback_sku s on s.tenant_id = o.tenant_id and s.feedback_id = o.id) n
    where f.tenant_id = ${tenantId} and f.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map(({ id, ...impact }) => [id, impact]));
}
