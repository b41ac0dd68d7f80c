import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { DisputeCount } from './dispute.domain.ts';

/** Cases of these types are disputes. */
const disputeTypes = ['dispute', 'chargeback', 'claim'];

/** The orders placed in a period, by whether a contact came before them, and how many of them a dispute is about. */
export async function countDisputes(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<{ readonly withContact: DisputeCount; readonly withoutContact: DisputeCount }> {
  const { rows } = await sql<DisputeCount & { readonly has_contact: boolean }>`
    select a.contact_at is not null as has_contact, count(*)::int as orders,
      (count(*) filter (where exists (
        select from case_order x
        join customer_case c on c.tenant_id = x.tenant_id and c.case_id = x.case_id
        where x.tenant_id = o.tenant_id and x.order_id = o.order_id and c.type = any(${disputeTypes}::text[]))))::int
        as disputed
    from order_ref o
    left join order_attribution a on a.tenant_id = o.tenant_id and a.order_id = o.order_id
    where o.tenant_id = ${tenantId} and o.placed_at >= ${from} and o.placed_at < ${to}
    group by 1`.execute(trx);
  const countOf = (hasContact: boolean) =>
    rows.find((row) => row.has_contact === hasContact) ?? { orders: 0, disputed: 0 };
  return { withContact: countOf(true), withoutContact: countOf(false) };
}
