import type { TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql } from 'kysely';

/** The ids by which orders name a customer, each once: several of their profiles may have the same. */
export function buyerIdsOf(tenantId: TenantId, customerId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select distinct account_id, value from customer_identity
    where tenant_id = ${tenantId} and customer_id = ${customerId} and kind = 'platform_commerce'`;
}
