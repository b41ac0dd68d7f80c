import type { CustomerId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
import type { DB } from '../db.ts';
import type { Outreach } from './outreach.domain.ts';
import { type Place, placeOf } from './place.domain.ts';

/** Where a customer is, by their last order with a country, or their phone number. */
export async function readPlace(
  trx: Transaction<DB>,
  { tenantId, zone }: Pick<Outreach, 'tenantId' | 'zone'>,
  customerId: CustomerId,
): Promise<Place> {
  const { rows } = await sql<{ region: string | null; phone: string | null }>`
    select
      (select o.region from (${buyerIdsOf(tenantId, sql`${customerId}::uuid`)}) as i
        join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
        where o.region is not null order by o.placed_at desc, o.order_id limit 1) as region,
      (select min(i.value) from customer_identity i
        where i.tenant_id = ${tenantId} and i.customer_id = ${customerId} and i.kind = 'phone') as phone`.execute(trx);
  return placeOf({ region: rows[0]?.region ?? null, phone: rows[0]?.phone ?? null, zone });
}
