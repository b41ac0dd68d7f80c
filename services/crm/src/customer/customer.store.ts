import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { faceOf } from './face.ts';

type Trx = Transaction<DB>;

type ShownCustomer = Pick<Row<'profile'>, 'id' | 'display_name' | 'locale' | 'avatar_url' | 'first_seen_at'> & {
  readonly asked_id: CustomerId;
};

/** Customers by the id of any of their profiles. */
export async function readCustomers(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<ShownCustomer[]> {
  const { rows } = await sql<ShownCustomer>`
    select asked.id as asked_id, asked.customer_id as id, face.*
    from profile asked cross join lateral (${faceOf(sql`asked`)}) as face
    where asked.tenant_id = ${tenantId} and asked.id = any(${ids}::uuid[])`.execute(trx);
  return rows;
}

/** The identities that people recognise customers by: the commerce id and the conversations are for linking only. */
export async function readIdentities(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  return trx
    .selectFrom('customer_identity')
    .select(['customer_id', 'kind', 'account_id', 'value'])
    .select(({ fn }) => fn.min('first_seen_at').as('first_seen_at'))
    .where('tenant_id', '=', tenantId)
    .where('customer_id', 'in', customerIds)
    .where('kind', 'in', ['platform', 'phone', 'email'])
    .$narrowType<{ kind: 'platform' | 'phone' | 'email' }>()
    .groupBy(['customer_id', 'kind', 'account_id', 'value'])
    .orderBy('first_seen_at')
    .orderBy('kind')
    .orderBy('value')
    .execute();
}

/** A page of the conversations of each customer, latest first, and one more. */
export async function readConversationsOf(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
  { first, after }: { readonly first: number; readonly after: Keyset | null },
) {
  const behind = after === null ? sql`` : sql`and conversation_id < ${after.id}::uuid`;
  const { rows } = await sql<
    { customer_id: CustomerId } & Pick<Row<'conversation_link'>, 'conversation_id' | 'linked_at'>
  >`
    select l.customer_id, l.conversation_id, l.linked_at
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select customer_id, conversation_id, linked_at from conversation_link
      where tenant_id = ${tenantId} and customer_id = asked.customer_id ${behind}
      order by conversation_id desc limit ${first + 1}
    ) as l`.execute(trx);
  return rows.map(({ customer_id, conversation_id: id, linked_at: at }) => ({ customer_id, id, at }));
}

export async function countConversationsOf(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  const { rows } = await sql<{ customer_id: CustomerId; count: number }>`
    select asked.customer_id, l.count
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select count(*)::int as count from (
        select 1 from conversation_link
        where tenant_id = ${tenantId} and customer_id = asked.customer_id limit ${countMax + 1}) as counted
    ) as l`.execute(trx);
  return rows;
}
