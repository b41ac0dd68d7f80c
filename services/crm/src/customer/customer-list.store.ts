import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { everywhere } from './identity.domain.ts';

type Trx = Transaction<DB>;
type Listed = Pick<Row<'profile'>, 'id' | 'display_name' | 'locale' | 'avatar_url' | 'first_seen_at'> & {
  readonly asked_id: CustomerId;
};

/** A page of customers, those who came last first, and one more if there are any behind it. An empty text finds all. */
export async function listCustomers(
  trx: Trx,
  tenantId: TenantId,
  text: string,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<Listed[]> {
  const behind = after === null ? sql`` : sql`and c.id < ${after.id}::uuid`;
  const { rows } = await sql<Listed>`
    select c.id as asked_id, c.id, c.display_name, c.locale, c.avatar_url, c.first_seen_at
    from profile c where ${matching(tenantId, text)} ${behind} order by c.id desc limit ${first + 1}`.execute(trx);
  return rows;
}

/** How many there are, counted up to a bound. */
export function countCustomers(trx: Trx, tenantId: TenantId, text: string): Promise<number> {
  return countRows(trx, sql`select 1 from profile c where ${matching(tenantId, text)}`);
}

/** One row for each customer: their oldest profile. Any of their profiles may have the name. */
function matching(tenantId: TenantId, text: string): RawBuilder<unknown> {
  const all = sql`c.tenant_id = ${tenantId} and c.customer_id = c.id`;
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
