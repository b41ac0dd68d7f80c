import type { ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { CustomerMarks, CustomerTag } from './customer-mark.domain.ts';

type Trx = Transaction<DB>;

/** Until the transaction ends, nobody changes the marks of customers of these workspaces: it changes whose conversations are. */
export async function holdMarks(trx: Trx, tenantIds: readonly TenantId[]): Promise<void> {
  await takeTurn(trx, tenantIds, sql`pg_advisory_xact_lock_shared`);
}

/** Until the transaction ends, nobody changes whose conversations are: it changes the marks of customers. */
export async function holdLinks(trx: Trx, tenantIds: readonly TenantId[]): Promise<void> {
  await takeTurn(trx, tenantIds, sql`pg_advisory_xact_lock`);
}

async function takeTurn(trx: Trx, tenantIds: readonly TenantId[], lock: RawBuilder<unknown>): Promise<void> {
  await sql`
    select ${lock}(hashtextextended('conversation marks ' || tenant_id, 0))
    from (select distinct unnest(${tenantIds}::uuid[])::text as tenant_id order by 1) as t`.execute(trx);
}

interface CustomerKey {
  readonly tenantId: TenantId;
  readonly customerId: CustomerId;
}

export function customerKey({ tenantId, customerId }: CustomerKey): string {
  return `${tenantId}/${customerId}`;
}

/** What is known of customers; those of whom nothing is known are left out. */
export async function marksOfCustomers(
  trx: Trx,
  customers: readonly CustomerKey[],
): Promise<Map<string, CustomerMarks>> {
  const found = await readMarks(
    trx,
    sql`select *, null::uuid from unnest(${customers.map((one) => one.tenantId)}::uuid[],
      ${customers.map((one) => one.customerId)}::uuid[])`,
  );
  return new Map(
    found.map(({ tenant_id: tenantId, customer_id: customerId, tags, tier }) => [
      customerKey({ tenantId, customerId }),
      { tags, tier },
    ]),
  );
}

/** What is known of the customers of conversations; those of whom nothing is known are left out. */
export async function marksOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, CustomerMarks>> {
  if (ids.length === 0) return new Map();
  const found = await readMarks(
    trx,
    sql`select tenant_id, customer_id, conversation_id from conversation_customer
      where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[])`,
  );
  return new Map(found.flatMap(({ id, tags, tier }) => (id === null ? [] : [[id, { tags, tier }]])));
}

interface MarksRow extends CustomerMarks {
  readonly tenant_id: TenantId;
  readonly customer_id: CustomerId;
  readonly id: ConversationId | null;
}

async function readMarks(trx: Trx, asked: RawBuilder<unknown>): Promise<readonly MarksRow[]> {
  const { rows } = await sql<MarksRow>`
    select k.tenant_id, k.customer_id, k.id, r.tier, coalesce(t.tags, '[]') as tags
    from (${asked}) as k (tenant_id, customer_id, id)
    left join customer_tier r on r.tenant_id = k.tenant_id and r.customer_id = k.customer_id
    left join lateral (
      select json_agg(json_build_object('tag', g.tag, 'name', g.name, 'agentId', g.agent_id, 'ruleId', g.rule_id,
        'reason', g.reason) order by g.tag) as tags
      from customer_tag g where g.tenant_id = k.tenant_id and g.customer_id = k.customer_id
    ) t on true
    where t.tags is not null or r.tier is not null`.execute(trx);
  return rows;
}

/** Writes what is known of customers now, instead of what was. */
export async function saveMarks(
  trx: Trx,
  told: readonly (CustomerKey & { readonly marks: CustomerMarks })[],
): Promise<void> {
  await forgetMarks(trx, told);
  const tags = told.flatMap(({ tenantId, customerId, marks }) =>
    marks.tags.map((tag) => tagRow({ tenantId, customerId }, tag)),
  );
  const tiers = told.flatMap(({ tenantId, customerId, marks: { tier } }) =>
    tier === null ? [] : [{ tenant_id: tenantId, customer_id: customerId, tier }],
  );
  await sql`
    insert into customer_tag
    select * from json_populate_recordset(null::customer_tag, ${JSON.stringify(tags)}::json)`.execute(trx);
  await sql`
    insert into customer_tier
    select * from json_populate_recordset(null::customer_tier, ${JSON.stringify(tiers)}::json)`.execute(trx);
}

function tagRow({ tenantId, customerId }: CustomerKey, { tag, name, agentId, ruleId, reason }: CustomerTag) {
  return { tenant_id: tenantId, customer_id: customerId, tag, name, agent_id: agentId, rule_id: ruleId, reason };
}

/** Deletes what is known of customers; how many rows that were. */
export async function forgetMarks(
  trx: Trx,
  customers: readonly CustomerKey[],
): Promise<{ readonly tags: number; readonly tiers: number }> {
  const theirs = sql`(tenant_id, customer_id) in (select * from
    unnest(${customers.map((one) => one.tenantId)}::uuid[], ${customers.map((one) => one.customerId)}::uuid[]))`;
  const tags = await sql`delete from customer_tag where ${theirs}`.execute(trx);
  const tiers = await sql`delete from customer_tier where ${theirs}`.execute(trx);
  return { tags: Number(tags.numAffectedRows ?? 0), tiers: Number(tiers.numAffectedRows ?? 0) };
}

/** Those of conversations that are of another customer than before, where either has marks; as keys of conversations. */
export async function conversationsToMark(
  trx: Trx,
  links: readonly (CustomerKey & { readonly id: ConversationId })[],
): Promise<Set<string>> {
  const isOfEither = sql`m.tenant_id = n.tenant_id and m.customer_id in (n.customer_id, c.customer_id)`;
  const { rows } = await sql<{ tenant_id: TenantId; conversation_id: ConversationId }>`
    select n.tenant_id, n.conversation_id from unnest(${links.map((one) => one.tenantId)}::uuid[],
      ${links.map((one) => one.id)}::uuid[], ${links.map((one) => one.customerId)}::uuid[])
      as n (tenant_id, conversation_id, customer_id)
    left join conversation_customer c on c.tenant_id = n.tenant_id and c.conversation_id = n.conversation_id
    where c.customer_id is distinct from n.customer_id and (
      exists (select from customer_tag m where ${isOfEither}) or exists (select from customer_tier m where ${isOfEither}))`.execute(
    trx,
  );
  return new Set(rows.map((row) => `${row.tenant_id}/${row.conversation_id}`));
}

/** The conversations of customers that are not closed. */
export async function workOfCustomers(
  trx: Trx,
  customers: readonly CustomerKey[],
): Promise<(CustomerKey & { readonly id: ConversationId })[]> {
  const { rows } = await sql<Row<'conversation_customer'>>`
    select o.* from unnest(${customers.map((one) => one.tenantId)}::uuid[],
      ${customers.map((one) => one.customerId)}::uuid[]) as k (tenant_id, customer_id)
    join conversation_customer o on o.tenant_id = k.tenant_id and o.customer_id = k.customer_id
    join conversation c on c.tenant_id = o.tenant_id and c.id = o.conversation_id
      and c.phase in ('open', 'snoozed')`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, customerId: row.customer_id, id: row.conversation_id }));
}

/** The customer of a conversation `c` has one of the tags; never unknown. */
export function hasCustomerTag(tenantId: TenantId, tags: readonly string[], conversationId: RawBuilder<unknown>) {
  return sql`exists (
    select from conversation_customer o
    join customer_tag g on g.tenant_id = o.tenant_id and g.customer_id = o.customer_id
    where o.tenant_id = ${tenantId} and o.conversation_id = ${conversationId} and g.tag = any(${tags}::text[]))`;
}

/** Whether the customer of a conversation is in one of the tiers; NULL if they are in none, or the caller sees none. */
export function isInTier(tenantId: TenantId, tiers: readonly string[], conversationId: RawBuilder<unknown>) {
  return sql`(
    select r.tier = any(${tiers}::text[]) from conversation_customer o
    join customer_tier r on r.tenant_id = o.tenant_id and r.customer_id = o.customer_id
    where o.tenant_id = ${tenantId} and o.conversation_id = ${conversationId})`;
}
