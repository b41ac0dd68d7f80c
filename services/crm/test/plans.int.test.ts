import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentId, type ChannelAccountId, type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import { countRows, openDatabase } from '@crossdesk/service-kit';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import { type KyselyPlugin, QueryNode, RawNode, SelectQueryNode, sql, type Transaction } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { readConsents } from '../src/consent/consent.store.ts';
import { pointsOf } from '../src/contact/contact.store.ts';
import {
  countConversationsOf,
  readConversationsOf,
  readCustomers,
  readIdentities,
} from '../src/customer/customer.store.ts';
import type { DB } from '../src/db.ts';
import { listFollowUps } from '../src/follow-up/follow-up.store.ts';
import { countOrdersOf, readOrdersOf } from '../src/order/order.store.ts';
import { outreachOf } from '../src/outreach/outreach.store.ts';
import { knownParts } from '../src/quality/quality.store.ts';
import { readTimeline } from '../src/timeline/timeline.store.ts';
import { customersIn, listCustomers } from '../src/value/segment/segment.store.ts';
import { readCustomerTags } from '../src/value/tag/tag.store.ts';
import { nextCustomers } from '../src/value/tier/tier-run.store.ts';
import { readStats, readTierHistory } from '../src/value/tier/tier-shown.store.ts';

let harness: TestHarness;
let crm: CrmService;
const tenantId = newId<TenantId>();
const accountId = newId<ChannelAccountId>();
const agentId = newId<AgentId>();

beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
  await fill();
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

/** Two workspaces of 8,000 customers with four orders and a conversation each, and fresh statistics as autovacuum makes them. */
async function fill(): Promise<void> {
  const failOn = (error: Error) => {
    throw error;
  };
  const url = harness.databaseUrl;
  const admin = openDatabase<DB>({ appUrl: url, workerUrl: url, connectionsMax: 1, onConnectionError: failOn });
  await admin.asWorker(async (trx) => {
    await sql`set local search_path to crm`.execute(trx);
    for (const tenant of [tenantId, newId<TenantId>()]) {
      await sql`create temp table seed on commit drop as select n, uuidv7() as id, uuidv7() as thread from generate_series(1, 8000) n`.execute(
        trx,
      );
      await sql`insert into profile (tenant_id, id, customer_id, display_name, profiled_at, first_seen_at)
        select ${tenant}::uuid, id, id, (array['Ana', 'Bruno', '王芳'])[1 + n % 3] || ' ' || n, now(), now() from seed`.execute(
        trx,
      );
      await sql`insert into customer_identity (tenant_id, kind, account_id, value, profile_id, customer_id, first_seen_at, last_seen_on)
        select ${tenant}::uuid, kind, ${accountId}::uuid, 'buyer-' || n, id, id, now(), current_date from seed, (values ('platform'), ('platform_commerce')) k (kind)
        union all select ${tenant}::uuid, 'conversation', '00000000-0000-0000-0000-000000000000', thread::text, id, id, now(), current_date from seed`.execute(
        trx,
      );
      await sql`insert into conversation_link (tenant_id, conversation_id, account_id, customer_id, linked_at, version)
        select ${tenant}::uuid, thread, ${accountId}::uuid, id, now(), 1 from seed`.execute(trx);
      await sql`insert into contact_point (tenant_id, conversation_id, account_id, channel, last_inbound_at)
        select ${tenant}::uuid, thread, ${accountId}::uuid, 'generic', now() from seed`.execute(trx);
      await sql`insert into order_ref (tenant_id, order_id, account_id, external_order_id, reference, order_number, buyer_external_id, placed_at, state, version)
        select ${tenant}::uuid, uuidv7(), ${accountId}::uuid, n || '-' || o, n || '-' || o, n || '-' || o, 'buyer-' || n, now() - o * interval '1 day', 'completed', 1
        from seed, generate_series(1, 4) o`.execute(trx);
      await sql`insert into order_state (tenant_id, order_id, account_id, version, state, at)
        select tenant_id, order_id, account_id, 1, state, placed_at from order_ref where tenant_id = ${tenant}`.execute(
        trx,
      );
      await sql`insert into customer_stats (tenant_id, customer_id, order_count, year_order_count, currency, tier, version)
        select ${tenant}::uuid, id, 4, 4, 'USD', 'REGULAR', 1 from seed`.execute(trx);
      await sql`insert into tier_history (tenant_id, customer_id, version, to_tier, cause, model_version, changed_at)
        select ${tenant}::uuid, id, 1, 'REGULAR', 'order', 0, now() from seed`.execute(trx);
      await sql`insert into customer_tag (tenant_id, customer_id, tag, name, agent_id, since)
        select ${tenant}::uuid, id, 'tag ' || n % 40, 'tag', ${agentId}::uuid, now() from seed`.execute(trx);
      await sql`insert into tag_fact (tenant_id, profile_id, tag, name, is_set, said_by, said_at)
        select ${tenant}::uuid, id, 'tag ' || n % 40, 'tag', true, ${agentId}::uuid, now() from seed`.execute(trx);
      await sql`insert into consent (tenant_id, id, profile_id, purpose, state, basis, recorded_at)
        select ${tenant}::uuid, uuidv7(), id, 'marketing', 'granted', 'opt-in', now() from seed`.execute(trx);
      await sql`insert into follow_up (tenant_id, id, profile_id, owner_id, text, due_at, starts_at, occurrence, state, created_at, version)
        select ${tenant}::uuid, uuidv7(), id, case when n % 100 = 0 then ${agentId}::uuid else gen_random_uuid() end, 'Call', now(), now(), 1, 'open', now(), 1
        from seed`.execute(trx);
      await sql`insert into outreach (tenant_id, id, kind, purpose, subject, profile_id, texts, variables, hold_out_share, zone, planned_at, not_after, state)
        select ${tenant}::uuid, uuidv7(), 'stage-notice', 'service', 'order ' || n, id, '[]', '{}', 0, 'UTC', now(), now(), 'sent' from seed`.execute(
        trx,
      );
      await sql`insert into customer_case (tenant_id, case_id, conversation_id, type, state, opened_at)
        select ${tenant}::uuid, uuidv7(), thread, 'return', 'open', now() from seed`.execute(trx);
      await sql`drop table seed`.execute(trx);
    }
  });
  await sql`analyze`.execute(admin.worker);
  await admin.close();
}

/** The plans of what a piece of work reads, as the role of requests; it gets no rows. */
async function plansOf(read: (trx: Transaction<DB>) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  const explain: KyselyPlugin = {
    transformQuery: ({ node }) =>
      SelectQueryNode.is(node)
        ? QueryNode.cloneWithExplain(node, undefined, sql`analyze, costs off, timing off`)
        : RawNode.create(['explain (analyze, costs off, timing off) ', ''], [node]),
    transformResult: ({ result }) => {
      plans.push(result.rows.map((row) => String(row['QUERY PLAN'])).join('\n'));
      return Promise.resolve({ ...result, rows: [] });
    },
  };
  await crm.runtime.db.forTenant(tenantId, async (trx) => {
    await read(trx.withPlugin(explain));
  });
  return plans.join('\n\n');
}

/** The rows that scans of tables found and threw away, in all loops. */
function rowsExamined(plan: string): number {
  const scans = [...plan.matchAll(/Scan[^\n]* on [^\n]*rows=([\d.]+) loops=(\d+)\)((?:\n(?!.*->).*)*)/g)];
  return scans.reduce((sum, [, rows, loops, details]) => {
    const removed = /Rows Removed by Filter: (\d+)/.exec(details ?? '')?.[1] ?? 0;
    return sum + (Number(rows) + Number(removed)) * Number(loops);
  }, 0);
}

/** A list counts up to 1,000 rows and may look into two more tables for each; a workspace here has 8,000 customers. */
const rowsMax = 4_000;
const page = { first: 25, after: null };
const scope = { tenantId, condition: null, text: '', currency: 'USD', now: new Date() };
const leaf = (field: 'customer.tag' | 'customer.tier', value: string) =>
  ({ kind: 'leaf', field, op: 'in', values: [value] }) as const;

test('lists and views of customers read no table from its first row to its last', async () => {
  const { rows } = await crm.runtime.db.forTenant(tenantId, (trx) =>
    sql<{
      id: CustomerId;
    }>`select id from profile where tenant_id = ${tenantId} order by id limit 30 offset 4000`.execute(trx),
  );
  const ids = rows.map(({ id }) => id);
  const [id] = ids;
  if (id === undefined) throw new Error('there are no customers');
  const after = { at: new Date(), id };
  const reads: Readonly<Record<string, (trx: Transaction<DB>) => Promise<unknown>>> = {
    list: (trx) => listCustomers(trx, scope, page),
    'a later page': (trx) => listCustomers(trx, scope, { first: 25, after }),
    'the count of the list': (trx) => countRows(trx, sql`select 1 ${customersIn(scope)}`),
    'next customers of a run': (trx) => nextCustomers(trx, tenantId, id, 500),
    'search by name': (trx) => listCustomers(trx, { ...scope, text: 'ana 77' }, page),
    'search by phone': (trx) => listCustomers(trx, { ...scope, text: '+55 11 91234-5678' }, page),
    'those with a frequent tag': (trx) =>
      listCustomers(trx, { ...scope, condition: leaf('customer.tag', 'tag 7') }, page),
    'those of a tier': (trx) => listCustomers(trx, { ...scope, condition: leaf('customer.tier', 'REGULAR') }, page),
    customers: (trx) => readCustomers(trx, tenantId, ids),
    identities: (trx) => readIdentities(trx, tenantId, ids),
    orders: (trx) => readOrdersOf(trx, tenantId, ids, page),
    'counts of orders': (trx) => countOrdersOf(trx, tenantId, ids),
    conversations: (trx) => readConversationsOf(trx, tenantId, ids, page),
    'counts of conversations': (trx) => countConversationsOf(trx, tenantId, ids),
    timeline: (trx) => readTimeline(trx, tenantId, id, page),
    completeness: (trx) => knownParts(trx, tenantId, ids),
    tags: (trx) => readCustomerTags(trx, tenantId, ids),
    spend: (trx) => readStats(trx, tenantId, ids),
    'history of tiers': (trx) => readTierHistory(trx, tenantId, ids),
    consents: (trx) => readConsents(trx, tenantId, id),
    'planned messages': (trx) => outreachOf(trx, tenantId, id, 25),
    reachability: (trx) => pointsOf(trx, tenantId, id),
    'follow-ups of a customer': (trx) =>
      listFollowUps(trx, tenantId, { customerId: id, ownerId: null, state: 'open', dueBefore: null }, page),
    'follow-ups of an owner': (trx) =>
      listFollowUps(trx, tenantId, { customerId: null, ownerId: agentId, state: 'open', dueBefore: new Date() }, page),
  };
  const tooMuch: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(reads)) {
    const plan = await plansOf(read);
    expect({ name, plan }).toEqual({ name, plan: expect.stringMatching(/Scan/) });
    const scans = plan.match(/Seq Scan on[^\n]*(?<!never executed\))$/gm) ?? [];
    const examined = rowsExamined(plan);
    if (scans.length > 0 || examined > rowsMax) tooMuch[name] = { scans, examined };
  }
  expect(tooMuch).toEqual({});
});
