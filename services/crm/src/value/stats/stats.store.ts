import type { AgentId, ChannelAccountId, CustomerId, TagRuleId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { buyerIdsOf } from '../../customer/buyer-ids.ts';
import { faceOf } from '../../customer/face.ts';
import type { DB, Row } from '../../db.ts';
import type { Amount } from '../rate/rate.domain.ts';
import type { TierCause } from '../tier/tier-model.domain.ts';
import type { CustomerTag, TagFact, TagReason } from '../tag/tag.domain.ts';
import type { OrderWorth, Worth } from './worth.domain.ts';

type Trx = Transaction<DB>;

/** What a customer was worth when it was last computed. */
export interface StoredStats {
  readonly customerId: CustomerId;
  readonly tier: string | null;
  readonly version: number;
}

/**
 * The customers that these profiles belong to, each with its row, locked in the order of their ids. Somebody who was a part of
 * another goes on after the last change of their tier.
 */
export async function lockStats(
  trx: Trx,
  tenantId: TenantId,
  profileIds: readonly CustomerId[],
): Promise<StoredStats[]> {
  const living = sql`select distinct p.customer_id from profile p
    where p.tenant_id = ${tenantId} and p.id = any(${profileIds}::uuid[])`;
  await sql`
    insert into customer_stats (tenant_id, customer_id, version)
    select ${tenantId}::uuid, living.customer_id, coalesce((select max(h.version) from tier_history h
      where h.tenant_id = ${tenantId} and h.customer_id = living.customer_id), 0)
    from (${living} order by 1) as living
    where not exists (select from customer_stats s where s.tenant_id = ${tenantId} and s.customer_id = living.customer_id)
    on conflict do nothing`.execute(trx);
  const { rows } = await sql<Pick<Row<'customer_stats'>, 'customer_id' | 'tier' | 'version'>>`
    select customer_id, tier, version from customer_stats
    where tenant_id = ${tenantId} and customer_id in (${living})
    order by customer_id for update`.execute(trx);
  return rows.map(({ customer_id: customerId, tier, version }) => ({ customerId, tier, version }));
}

/** The derived rows of customers that became a part of others. */
export async function forgetMerged(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<void> {
  const gone = sql`tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[])`;
  await sql`delete from customer_tag where ${gone}`.execute(trx);
  await sql`delete from customer_stats where ${gone}`.execute(trx);
}

/** Everything that the worth and the tags of a customer are derived from. */
export interface CustomerSource {
  readonly customerId: CustomerId;
  readonly locale: string | null;
  readonly accountIds: readonly string[];
  readonly orders: readonly OrderWorth[];
  readonly said: readonly TagFact[];
  readonly tags: readonly CustomerTag[];
}

export async function readSources(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<CustomerSource[]> {
  const { rows } = await sql<Pick<Row<'profile'>, 'id' | 'locale'> & { readonly account_ids: string[] }>`
    select p.id, face.locale, array(select distinct i.account_id::text from customer_identity i
      where i.tenant_id = p.tenant_id and i.customer_id = p.id and i.kind in ('platform', 'platform_commerce')) as account_ids
    from profile p cross join lateral (${faceOf(sql`p`)}) as face
    where p.tenant_id = ${tenantId} and p.id = any(${customerIds}::uuid[])`.execute(trx);
  const orders = await readOrderWorths(trx, tenantId, customerIds);
  const said = await readTagFacts(trx, tenantId, customerIds);
  const tags = await readTags(trx, tenantId, customerIds);
  return rows.map((row) => ({
    customerId: row.id,
    locale: row.locale,
    accountIds: row.account_ids,
    orders: orders.get(row.id) ?? [],
    said: said.get(row.id) ?? [],
    tags: tags.get(row.id) ?? [],
  }));
}

async function readOrderWorths(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<Map<CustomerId, OrderWorth[]>> {
  type Found = { readonly customer_id: CustomerId } & Pick<
    Row<'order_ref'>,
    'placed_at' | 'state' | 'currency' | 'total_minor' | 'region' | 'skus'
  >;
  const { rows } = await sql<Found>`
    select asked.customer_id, o.placed_at, o.state, o.currency, o.total_minor, o.region, o.skus
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select o.* from (${buyerIdsOf(tenantId, sql`asked.customer_id`)}) as i
      join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
    ) as o`.execute(trx);
  const worths = Map.groupBy(rows, (row) => row.customer_id);
  return new Map([...worths].map(([id, found]) => [id, found.map(toOrderWorth)]));
}

function toOrderWorth(
  row: Pick<Row<'order_ref'>, 'placed_at' | 'state' | 'currency' | 'total_minor' | 'region' | 'skus'>,
): OrderWorth {
  const { total_minor: minor, currency } = row;
  return {
    placedAt: row.placed_at,
    state: row.state,
    total: minor === null || currency === null ? null : { minor: BigInt(minor), currency },
    region: row.region,
    skus: row.skus,
  };
}

async function readTagFacts(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  type Found = { readonly customer_id: CustomerId } & Pick<
    Row<'tag_fact'>,
    'tag' | 'name' | 'is_set' | 'said_by' | 'said_at'
  >;
  const { rows } = await sql<Found>`
    select p.customer_id, f.tag, f.name, f.is_set, f.said_by, f.said_at
    from profile p join tag_fact f on f.tenant_id = p.tenant_id and f.profile_id = p.id
    where p.tenant_id = ${tenantId} and p.customer_id = any(${customerIds}::uuid[])`.execute(trx);
  const facts = Map.groupBy(rows, (row) => row.customer_id);
  return new Map([...facts].map(([id, found]) => [id, found.map(toTagFact)]));
}

function toTagFact(row: Pick<Row<'tag_fact'>, 'tag' | 'name' | 'is_set' | 'said_by' | 'said_at'>): TagFact {
  return { tag: row.tag, name: row.name, isSet: row.is_set, saidBy: row.said_by, saidAt: row.said_at };
}

async function readTags(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  const rows = await trx
    .selectFrom('customer_tag')
    .select(['customer_id', 'tag', 'name', 'agent_id', 'rule_id', 'reason'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`customer_id = any(${customerIds}::uuid[])`)
    .execute();
  const tags = Map.groupBy(rows, (row) => row.customer_id);
  return new Map([...tags].map(([id, found]) => [id, found.map(toTag)]));
}

function toTag(row: {
  readonly tag: string;
  readonly name: string;
  readonly agent_id: AgentId | null;
  readonly rule_id: TagRuleId | null;
  readonly reason: TagReason | null;
}): CustomerTag {
  return { tag: row.tag, name: row.name, agentId: row.agent_id, ruleId: row.rule_id, reason: row.reason };
}

/** What changes for a customer. */
export interface StatsChange {
  readonly customerId: CustomerId;
  readonly worth: Worth;
  readonly modelVersion: number;
  readonly nextChangeAt: Date | null;
  readonly version: number;
  readonly tags: { readonly added: readonly CustomerTag[]; readonly gone: readonly CustomerTag[] };
  readonly tierChange: { readonly from: string | null; readonly cause: TierCause } | null;
}

export async function saveStats(
  trx: Trx,
  tenantId: TenantId,
  changes: readonly StatsChange[],
  now: Date,
): Promise<void> {
  const worths = changes.map(({ worth }) => worth);
  const texts = (amounts: readonly Amount[]) =>
    JSON.stringify(amounts.map(({ currency, minor }) => ({ currency, amountMinor: String(minor) })));
  await sql`
    update customer_stats s set order_count = n.order_count, year_order_count = n.year_order_count,
      currency = n.currency, spent_minor = n.spent_minor, year_spent_minor = n.year_spent_minor,
      unconverted = n.unconverted, rates_from = n.rates_from, first_order_at = n.first_order_at,
      last_order_at = n.last_order_at, regions = array(select jsonb_array_elements_text(n.regions)),
      skus = array(select jsonb_array_elements_text(n.skus)), recency = n.recency, frequency = n.frequency,
      monetary = n.monetary, tier = n.tier, model_version = n.model_version, next_change_at = n.next_change_at,
      computed_at = ${now}::timestamptz, version = n.version
    from unnest(${changes.map((one) => one.customerId)}::uuid[], ${worths.map((one) => one.orderCount)}::int[],
      ${worths.map((one) => one.yearOrderCount)}::int[], ${worths.map((one) => one.currency)}::text[],
      ${worths.map((one) => String(one.spentMinor))}::bigint[], ${worths.map((one) => String(one.yearSpentMinor))}::bigint[],
      ${worths.map((one) => texts(one.unconverted))}::jsonb[], ${worths.map((one) => one.ratesFrom)}::date[],
      ${worths.map((one) => one.firstOrderAt)}::timestamptz[], ${worths.map((one) => one.lastOrderAt)}::timestamptz[],
      ${worths.map((one) => JSON.stringify(one.regions))}::jsonb[], ${worths.map((one) => JSON.stringify(one.skus))}::jsonb[],
      ${worths.map((one) => one.scores?.recency ?? null)}::smallint[],
      ${worths.map((one) => one.scores?.frequency ?? null)}::smallint[],
      ${worths.map((one) => one.scores?.monetary ?? null)}::smallint[], ${worths.map((one) => one.tier)}::text[],
      ${changes.map((one) => one.modelVersion)}::int[], ${changes.map((one) => one.nextChangeAt)}::timestamptz[],
      ${changes.map((one) => one.version)}::int[])
      as n (customer_id, order_count, year_order_count, currency, spent_minor, year_spent_minor, unconverted, rates_from,
        first_order_at, last_order_at, regions, skus, recency, frequency, monetary, tier, model_version, next_change_at,
        version)
    where s.tenant_id = ${tenantId} and s.customer_id = n.customer_id`.execute(trx);
  await saveTagChanges(trx, tenantId, changes, now);
  await saveHistory(trx, tenantId, changes, now);
}

async function saveTagChanges(trx: Trx, tenantId: TenantId, changes: readonly StatsChange[], now: Date): Promise<void> {
  const gone = changes.flatMap(({ customerId, tags }) => tags.gone.map(({ tag }) => ({ customerId, tag })));
  if (gone.length > 0) {
    await sql`
      delete from customer_tag t using unnest(${gone.map((one) => one.customerId)}::uuid[],
        ${gone.map((one) => one.tag)}::text[]) as g (customer_id, tag)
      where t.tenant_id = ${tenantId} and t.customer_id = g.customer_id and t.tag = g.tag`.execute(trx);
  }
  const added = changes.flatMap(({ customerId, tags }) => tags.added.map((tag) => ({ customerId, ...tag })));
  if (added.length === 0) return;
  await sql`
    insert into customer_tag as t (tenant_id, customer_id, tag, name, agent_id, rule_id, reason, since)
    select ${tenantId}::uuid, n.*, ${now}::timestamptz from unnest(${added.map((one) => one.customerId)}::uuid[],
      ${added.map((one) => one.tag)}::text[], ${added.map((one) => one.name)}::text[],
      ${added.map((one) => one.agentId)}::uuid[], ${added.map((one) => one.ruleId)}::uuid[],
      ${added.map((one) => (one.reason === null ? null : JSON.stringify(one.reason)))}::jsonb[])
      as n (customer_id, tag, name, agent_id, rule_id, reason)
    order by n.customer_id, n.tag
    on conflict (tenant_id, customer_id, tag) do update
    set name = excluded.name, agent_id = excluded.agent_id, rule_id = excluded.rule_id, reason = excluded.reason`.execute(
    trx,
  );
}

async function saveHistory(trx: Trx, tenantId: TenantId, changes: readonly StatsChange[], now: Date): Promise<void> {
  const rows = changes.flatMap(({ customerId, worth, modelVersion, version, tierChange }) =>
    tierChange === null
      ? []
      : {
          tenant_id: tenantId,
          customer_id: customerId,
          version,
          from_tier: tierChange.from,
          to_tier: worth.tier,
          cause: tierChange.cause,
          model_version: modelVersion,
          recency: worth.scores?.recency ?? null,
          frequency: worth.scores?.frequency ?? null,
          monetary: worth.scores?.monetary ?? null,
          changed_at: now,
        },
  );
  if (rows.length > 0) await trx.insertInto('tier_history').values(rows).execute();
}

/** A buyer as orders name them. */
export interface BuyerName {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly buyerExternalId: string;
}

/** The customers whose buyers are named by orders. */
export async function customersOfBuyers(
  trx: Trx,
  buyers: readonly BuyerName[],
): Promise<{ tenantId: TenantId; customerId: CustomerId }[]> {
  const { rows } = await sql<Pick<Row<'customer_identity'>, 'tenant_id' | 'customer_id'>>`
    select distinct i.tenant_id, i.customer_id
    from unnest(${buyers.map((one) => one.tenantId)}::uuid[], ${buyers.map((one) => one.accountId)}::uuid[],
      ${buyers.map((one) => one.buyerExternalId)}::text[]) as b (tenant_id, account_id, value)
    join customer_identity i on i.tenant_id = b.tenant_id and i.kind = 'platform_commerce'
      and i.account_id = b.account_id and i.value = b.value`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, customerId: row.customer_id }));
}
