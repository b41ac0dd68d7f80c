import type { Client } from 'pg';

export interface SeededStore {
  readonly tenantId: string;
  readonly accountId: string;
  readonly customers: number;
}

const chunkCustomers = 50_000;
const firstNames = [
  'Ana',
  'Bruno',
  'Chiara',
  'Dewi',
  'Emre',
  'Fatima',
  'Günther',
  'Hiroko',
  'Ivan',
  '王芳',
  'สมชาย',
  'ليلى',
];
const lastNames = [
  'Silva',
  'Rossi',
  'Wijaya',
  'Yılmaz',
  'Haddad',
  'Schmidt',
  'Tanaka',
  'Petrova',
  'Kim',
  'Nguyễn',
  'Souza',
];

/**
 * Customers as crm has them after years, written by the database itself: every twentieth has 24 orders and the others 4,
 * half of them a conversation, a tenth two profiles. Names repeat as names do. Only the size of the tables and what is
 * frequent in them matter, not how they were filled.
 */
export async function seedCustomers(database: Client, store: SeededStore): Promise<void> {
  const { tenantId, accountId, customers } = store;
  const startedAt = performance.now();
  await database.query('create temp table if not exists seed (n integer primary key, id uuid, twin uuid, thread uuid)');
  for (let made = 0; made < customers; made += chunkCustomers) {
    const range = [made + 1, Math.min(customers, made + chunkCustomers)];
    await database.query('truncate seed');
    await database.query(
      `insert into seed select n, uuidv7(), case when n % 10 = 0 then uuidv7() end, case when n % 2 = 0 then uuidv7() end
       from generate_series($1::int, $2::int) n`,
      range,
    );
    await database.query('analyze seed');
    await database.query(profiles, [tenantId, accountId, firstNames, lastNames]);
    await database.query(identities, [tenantId, accountId]);
    await database.query(conversations, [tenantId, accountId]);
    await database.query(orders, [tenantId, accountId]);
    // Without statistics the orders of each customer are looked for among all of the workspace.
    await database.query('analyze crm.order_ref');
    await database.query(worth, [tenantId, accountId]);
    await database.query(words, [tenantId]);
  }
  await database.query('vacuum analyze');
  console.log(`  ${customers} customers loaded in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}

/** What the owners of these orders and conversations have of them: without it a view has nothing to show. */
export async function seedOwners(database: Client, { tenantId, accountId }: SeededStore): Promise<void> {
  await database.query(ownersOrders, [tenantId, accountId]);
  await database.query(ownersConversations, [tenantId, accountId]);
  await database.query('vacuum analyze ingest.customer_order, conversation.conversation, conversation.message');
}

const profiles = `
  insert into crm.profile (tenant_id, id, account_id, channel, customer_id, display_name, locale, profiled_at, first_seen_at)
  select $1, p.id, p.account_id, 'generic', s.id, ($3::text[])[1 + s.n % 12] || ' ' || ($4::text[])[1 + s.n / 12 % 11],
    (array['pt-BR', 'en', 'id-ID', 'de', 'zh-CN', null])[1 + s.n % 6], seen.at, seen.at
  from seed s cross join lateral (values (s.id, $2::uuid), (s.twin, md5($2::text)::uuid)) p (id, account_id)
  cross join lateral (select now() - (s.n % 1000) * interval '1 day' as at) seen
  where p.id is not null`;

const identities = `
  insert into crm.customer_identity (tenant_id, kind, account_id, value, profile_id, customer_id, first_seen_at, last_seen_on)
  select $1::uuid, k.kind, $2::uuid, 'buyer-' || s.n, s.id, s.id, now(), current_date from seed s cross join (values ('platform'), ('platform_commerce')) k (kind)
  union all
  select $1::uuid, 'phone', '00000000-0000-0000-0000-000000000000', '+5511' || (900000000 + s.n), s.id, s.id, now(), current_date from seed s where s.n % 3 = 0
  union all
  select $1::uuid, 'platform', md5($2::text)::uuid, '+5511' || (900000000 + s.n), s.twin, s.id, now(), current_date from seed s where s.twin is not null
  union all
  select $1::uuid, 'conversation', '00000000-0000-0000-0000-000000000000', s.thread::text, s.id, s.id, now(), current_date from seed s where s.thread is not null`;

const conversations = `
  with link as (
    insert into crm.conversation_link (tenant_id, conversation_id, account_id, customer_id, linked_at, version)
    select $1, thread, $2, id, now(), 1 from seed where thread is not null
  )
  insert into crm.contact_point (tenant_id, conversation_id, account_id, channel, last_inbound_at)
  select $1, thread, $2, 'generic', now() - (n % 90) * interval '1 day' from seed where thread is not null`;

const orders = `
  with bought as (
    insert into crm.order_ref (tenant_id, order_id, account_id, external_order_id, reference, order_number, buyer_external_id,
      placed_at, state, currency, total_minor, region, skus, version)
    select $1, uuidv7(), $2, 'O-' || s.n || '-' || o, 'O-' || s.n || '-' || o, 'O' || s.n || o, 'buyer-' || s.n,
      now() - (s.n * 7 + o * 37) % 900 * interval '1 day' - interval '1 hour', (array['completed', 'shipped', 'cancelled'])[1 + o % 3],
      (array['USD', 'EUR', 'BRL', 'JPY'])[1 + s.n % 4], 500 + (s.n * 31 + o * 977) % 20000,
      (array['BR', 'DE', 'ID', 'US', 'JP'])[1 + s.n % 5], array['sku-' || (s.n + o) % 500, 'sku-' || (s.n * o) % 40], 1
    from seed s cross join lateral generate_series(1, case when s.n % 20 = 0 then 24 else 4 end) o
    returning tenant_id, order_id, account_id, version, state, placed_at
  )
  insert into crm.order_state (tenant_id, order_id, account_id, version, state, at)
  select tenant_id, order_id, account_id, version, state, placed_at from bought`;

/** What is derived, near enough to what the orders amount to. Nobody is due again during a run. */
const worth = `
  with sum as materialized (
    select s.n, s.id, count(*)::int as orders, (count(*) filter (where o.placed_at > now() - interval '1 year'))::int as year_orders,
      sum(o.total_minor)::bigint as spent, coalesce(sum(o.total_minor) filter (where o.placed_at > now() - interval '1 year'), 0)::bigint as year_spent,
      min(o.placed_at) as first_at, max(o.placed_at) as last_at, array_agg(distinct o.region) as regions,
      array(select distinct sku from crm.order_ref x, unnest(x.skus) sku where x.tenant_id = $1 and x.account_id = $2 and x.buyer_external_id = 'buyer-' || s.n) as skus
    from seed s join crm.order_ref o on o.tenant_id = $1 and o.account_id = $2 and o.buyer_external_id = 'buyer-' || s.n
    where o.state <> 'cancelled' group by s.n, s.id
  ), tiered as (
    select *, case when n % 20 = 0 then 'HIGH_VALUE' when last_at > now() - interval '60 days' then 'POTENTIAL'
      when last_at > now() - interval '180 days' then 'REGULAR' else 'LOW_ACTIVE' end as tier from sum
  ), stats as (
    insert into crm.customer_stats (tenant_id, customer_id, order_count, year_order_count, currency, spent_minor, year_spent_minor,
      rates_from, first_order_at, last_order_at, regions, skus, recency, frequency, monetary, tier, next_change_at, computed_at, version)
    select $1, id, orders, year_orders, 'USD', spent, year_spent, current_date - 300, first_at, last_at, regions, skus, 3, 3, 3, tier,
      now() + (1 + n % 300) * interval '1 day', now(), 1 from tiered
  )
  insert into crm.tier_history (tenant_id, customer_id, version, from_tier, to_tier, cause, model_version, recency, frequency, monetary, changed_at)
  select $1, id, 1, null, tier, 'order', 0, 3, 3, 3, last_at from tiered`;

/** What people said and promised: tags, consents, follow-ups. */
const words = `
  with said as materialized (
    select s.id, t.tag, t.agent_id from seed s
    join (values (4, 'price-sensitive', gen_random_uuid()), (25, 'gift buyer', gen_random_uuid()), (1000, 'press', gen_random_uuid()))
      t (share, tag, agent_id) on s.n % t.share = 0
  ), fact as (
    insert into crm.tag_fact (tenant_id, profile_id, tag, name, is_set, said_by, said_at) select $1, id, tag, tag, true, agent_id, now() from said
  ), tag as (
    insert into crm.customer_tag (tenant_id, customer_id, tag, name, agent_id, since) select $1, id, tag, tag, agent_id, now() from said
  ), consent as (
    insert into crm.consent (tenant_id, id, profile_id, purpose, state, basis, wording, recorded_at)
    select $1, uuidv7(), id, 'marketing', 'granted', 'opt-in', 'Yes, write to me', now() from seed where n % 5 = 0
  )
  insert into crm.follow_up (tenant_id, id, profile_id, owner_id, text, due_at, starts_at, occurrence, state, created_at, version)
  select $1, uuidv7(), id, gen_random_uuid(), 'Ask how it went', now() + n * interval '1 minute', now(), 1, 'open', now(), 1 from seed where n % 50 = 0`;

const ownersOrders = `
  insert into ingest.customer_order (tenant_id, order_id, account_id, channel, external_order_id, snapshot, version, placed_at,
    platform_updated_at, refreshed_at)
  select tenant_id, order_id, account_id, 'generic', external_order_id, jsonb_build_object('externalOrderId', external_order_id,
      'state', state, 'platformState', state, 'buyerExternalId', buyer_external_id, 'buyerName', null,
      'total', jsonb_build_object('amountMinor', total_minor::text, 'currency', currency), 'recipient', null,
      'items', jsonb_build_array(jsonb_build_object('externalItemId', '1', 'sku', skus[1], 'title', 'Travel mug', 'variant', null,
        'imageUrl', null, 'quantity', 1, 'unitPrice', null)),
      'shipments', '[]'::jsonb, 'placedAt', to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'platformUpdatedAt', to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    1, placed_at, placed_at, placed_at
  from crm.order_ref where tenant_id = $1 and account_id = $2`;

const ownersConversations = `
  with made as (
    insert into conversation.conversation (tenant_id, id, number, account_id, channel, external_thread_id, buyer_name, state,
      unread_count, last_message_at, last_message_preview, last_inbound_at, version, revision, created_at)
    select tenant_id, conversation_id, row_number() over (order by conversation_id), $2, 'generic', 'seed-' || conversation_id, 'Buyer',
      'handled', 0, linked_at, 'Where is my parcel?', linked_at, 1, 1, linked_at
    from crm.conversation_link where tenant_id = $1
    returning tenant_id, id, last_message_at
  )
  insert into conversation.message (tenant_id, id, conversation_id, direction, author, content, thread_position, occurred_at, received_at, recorded_at)
  select tenant_id, uuidv7(), id, 'inbound', 'buyer', jsonb_build_object('kind', 'text', 'text', 'Where is my parcel?'), 0,
    last_message_at, last_message_at, last_message_at from made`;
