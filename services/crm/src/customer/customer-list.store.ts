import type { TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql } from 'kysely';
import { everywhere } from './identity.domain.ts';

/** One row `profile c` for each customer whom a text finds, all with an empty one: their oldest profile. Any of their profiles may have the name. */
export function customersMatching(tenantId: TenantId, text: string): RawBuilder<unknown> {
  const all = sql`c.tenant_id = ${tenantId} and c.is_living`;
  if (text === '') return all;
  const begin = sql`lower(normalize(${text}::text, NFKC)) collate "C"`;
  const phone = text.replace(/[\s().-]/g, '');
  return sql`${all} and c.id in (
    select p.customer_id from profile p
    where p.tenant_id = ${tenantId} and p.name_key >= ${begin} and p.name_key < ${begin} || chr(1114111)
    union all
    select i.customer_id from customer_identity i
    where i.tenant_id = ${tenantId} and i.account_id = ${everywhere}::uuid
      and ((i.kind = 'phone' and i.value = ${phone}) or (i.kind = 'email' and i.value = ${text.toLowerCase()})))`;
}
