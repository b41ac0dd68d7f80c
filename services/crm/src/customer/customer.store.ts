import { type ConversationId, type CustomerId, parseId, type TenantId } from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { CustomerPlan, CustomerRecord, KnownCustomer } from './customer.domain.ts';
import { everywhere, type Identity, identityKey } from './identity.domain.ts';

type Trx = Transaction<DB>;

type KnownRow = Pick<Row<'customer_identity'>, 'tenant_id' | 'kind' | 'account_id' | 'value'> &
  Pick<Row<'profile'>, 'id' | 'display_name' | 'locale' | 'avatar_url' | 'profiled_at' | 'first_seen_at'>;

/** The customers that identities belong to, by identity. */
export async function readKnown(trx: Trx, identities: readonly Identity[]): Promise<Map<string, KnownCustomer>> {
  const { rows } = await sql<KnownRow>`
    select seen.tenant_id, seen.kind, seen.account_id, seen.value, c.id, c.display_name, c.locale, c.avatar_url,
      c.profiled_at, c.first_seen_at
    from (select distinct * from unnest(${identities.map((i) => i.tenantId)}::uuid[],
      ${identities.map((i) => i.kind)}::text[], ${identities.map((i) => i.accountId ?? everywhere)}::uuid[],
      ${identities.map((i) => i.value)}::text[]) as s (tenant_id, kind, account_id, value)) as seen
    cross join lateral (
      select customer_id from customer_identity
      where tenant_id = seen.tenant_id and kind = seen.kind and account_id = seen.account_id and value = seen.value
      limit 1
    ) as i
    cross join lateral (
      select * from profile where tenant_id = seen.tenant_id and id = i.customer_id limit 1
    ) as c`.execute(trx);
  return new Map(rows.map((row) => [identityKey(identityOf(row)), toKnown(row)]));
}

function identityOf({ tenant_id: tenantId, kind, account_id: accountId, value }: KnownRow): Identity {
  return { tenantId, kind, accountId: accountId === everywhere ? null : accountId, value };
}

function toKnown(row: KnownRow): KnownCustomer {
  return {
    id: row.id,
    displayName: row.display_name,
    locale: row.locale,
    avatarUrl: row.avatar_url,
    profiledAt: row.profiled_at,
    firstSeenAt: row.first_seen_at,
  };
}

/**
 * Writes a plan; the tenants in it must have an exclusive turn. Returns the conversations of the customers that were
 * merged into others.
 */
export async function carryOut(
  trx: Trx,
  plan: CustomerPlan,
): Promise<{ tenantId: TenantId; conversationId: ConversationId }[]> {
  if (plan.created.length > 0) await insertCustomers(trx, plan.created);
  if (plan.added.length > 0) await insertIdentities(trx, plan.added);
  const moved = plan.merged.length > 0 ? await mergeCustomers(trx, plan.merged) : [];
  if (plan.changed.length > 0) await updateProfiles(trx, plan.changed);
  return moved;
}

async function insertCustomers(trx: Trx, customers: readonly CustomerRecord[]): Promise<void> {
  await sql`
    insert into profile (tenant_id, id, customer_id, display_name, locale, avatar_url, profiled_at, first_seen_at)
    select n.tenant_id, n.id, n.id, n.display_name, n.locale, n.avatar_url, n.profiled_at, n.first_seen_at
    from ${recordsOf(customers)}`.execute(trx);
}

async function insertIdentities(trx: Trx, added: CustomerPlan['added']): Promise<void> {
  const identities = added.map(({ identity }) => identity);
  await sql`
    insert into customer_identity (tenant_id, kind, account_id, value, customer_id, first_seen_at)
    select * from unnest(${identities.map((i) => i.tenantId)}::uuid[], ${identities.map((i) => i.kind)}::text[],
      ${identities.map((i) => i.accountId ?? everywhere)}::uuid[], ${identities.map((i) => i.value)}::text[],
      ${added.map((one) => one.customerId)}::uuid[], ${added.map((one) => one.seenAt)}::timestamptz[])`.execute(trx);
}

async function updateProfiles(trx: Trx, customers: readonly CustomerRecord[]): Promise<void> {
  await sql`
    update profile c set display_name = n.display_name, locale = n.locale, avatar_url = n.avatar_url,
      profiled_at = n.profiled_at, first_seen_at = n.first_seen_at
    from ${recordsOf(customers)}
    where c.tenant_id = n.tenant_id and c.id = n.id`.execute(trx);
}

function recordsOf(customers: readonly CustomerRecord[]) {
  return sql`unnest(${customers.map((c) => c.tenantId)}::uuid[], ${customers.map((c) => c.id)}::uuid[],
    ${customers.map((c) => c.displayName)}::text[], ${customers.map((c) => c.locale)}::text[],
    ${customers.map((c) => c.avatarUrl)}::text[], ${customers.map((c) => c.profiledAt)}::timestamptz[],
    ${customers.map((c) => c.firstSeenAt)}::timestamptz[])
    as n (tenant_id, id, display_name, locale, avatar_url, profiled_at, first_seen_at)`;
}

/** Moves everything of the younger customers to the older one. Their ids still lead to it. */
async function mergeCustomers(trx: Trx, merged: CustomerPlan['merged']) {
  const pairs = sql`unnest(${merged.map((m) => m.tenantId)}::uuid[], ${merged.map((m) => m.from)}::uuid[],
    ${merged.map((m) => m.into)}::uuid[]) as m (tenant_id, from_id, into_id)`;
  const { rows: moved } = await sql<Pick<Row<'customer_identity'>, 'tenant_id' | 'kind' | 'value'>>`
    update customer_identity i set customer_id = m.into_id from ${pairs}
    where i.tenant_id = m.tenant_id and i.customer_id = m.from_id
    returning i.tenant_id, i.kind, i.value`.execute(trx);
  await sql`
    update profile p set customer_id = m.into_id from ${pairs}
    where p.tenant_id = m.tenant_id and p.customer_id = m.from_id`.execute(trx);
  return moved.flatMap(({ tenant_id: tenantId, kind, value }) => {
    const conversationId = kind === 'conversation' ? parseId<ConversationId>(value) : null;
    return conversationId === null ? [] : [{ tenantId, conversationId }];
  });
}

/** Customers by id; the id of a merged customer leads to the one it was merged into. */
export async function readCustomers(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]) {
  return trx
    .selectFrom('profile as asked')
    .innerJoin('profile as c', (join) =>
      join.onRef('c.tenant_id', '=', 'asked.tenant_id').onRef('c.id', '=', 'asked.customer_id'),
    )
    .select(['asked.id as asked_id', 'c.id', 'c.display_name', 'c.locale', 'c.avatar_url', 'c.first_seen_at'])
    .where('asked.tenant_id', '=', tenantId)
    .where('asked.id', 'in', ids)
    .execute();
}

/** The identities that people recognise customers by: the commerce id and the conversations are for linking only. */
export async function readIdentities(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  return trx
    .selectFrom('customer_identity')
    .select(['customer_id', 'kind', 'account_id', 'value', 'first_seen_at'])
    .where('tenant_id', '=', tenantId)
    .where('customer_id', 'in', customerIds)
    .where('kind', 'in', ['platform', 'phone', 'email'])
    .$narrowType<{ kind: 'platform' | 'phone' | 'email' }>()
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
