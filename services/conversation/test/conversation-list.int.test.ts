import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { openDatabase } from '@crossdesk/service-kit';
import { anEvent, ask, eventually, givenMessage } from '@crossdesk/testkit';
import { sql } from 'kysely';
import {
  type ConversationFilter,
  conversationListQuery,
  type ConversationPage,
} from '../src/conversation/conversation-list.store.ts';
import type { ViewCondition } from '../src/view/view-field.domain.ts';
import { attributeQuery, windowQuery } from '../src/view/view-list.store.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, send, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 0, second));

/** Makes fresh statistics, as autovacuum does; the roles of the service may not do it. */
async function analyze(adminUrl: string): Promise<void> {
  const failOn = (error: Error) => {
    throw error;
  };
  const admin = openDatabase<unknown>({
    appUrl: adminUrl,
    workerUrl: adminUrl,
    connectionsMax: 1,
    onConnectionError: failOn,
  });
  await sql`analyze conversation.conversation, conversation.conversation_customer`.execute(admin.worker);
  await admin.close();
}

async function list({ agent }: Workspace, variables: Record<string, unknown>) {
  const query = `query ($first: Int! = 25, $after: String, $filter: ConversationFilter, $orderBy: ConversationOrder! = LAST_MESSAGE_DESC) {
    conversations(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges { node { number messages(first: 1) { edges { node { text } } } } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
  const { edges, pageInfo } = dataOf(await ask(bench.service.subgraph, agent, query, variables)).conversations;
  return {
    numbers: edges.map((edge) => edge.node.number),
    texts: edges.map((edge) => edge.node.messages.edges[0]?.node.text),
    pageInfo,
  };
}

test('pages have no gaps or duplicates, even if conversations share an instant', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId } = workspace;
  await bench.harness.publish(
    ...Array.from({ length: 7 }, (_, i) =>
      givenMessage({ tenantId, occurredAt: at(Math.floor(i / 3)), content: { kind: 'text', text: `t${i}` } }),
    ),
  );
  await bench.harness.events.count('conversation.message-added', 7, (event) => event.tenantId === tenantId);
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { texts, pageInfo } = await list(workspace, { first: 2, after });
    seen.push(...texts.map(String));
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(seen.toSorted()).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6']);
  expect(seen.map((text) => Math.floor(Number(text.slice(1)) / 3))).toEqual([2, 1, 1, 1, 0, 0, 0]);
});

test('filters narrow the list one by one and together, and unknown ids match nothing', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent, agentId } = workspace;
  const shop = newId<ChannelAccountId>();
  const one = await givenInbound(bench, { tenantId, accountId: shop, occurredAt: at(1) });
  await givenInbound(bench, { tenantId, accountId: shop, occurredAt: at(2), channel: 'whatsapp' });
  const three = await givenInbound(bench, { tenantId, occurredAt: at(3) });
  await send(bench, agent, { conversationId: three.conversationId, text: 'done' });
  const assign =
    'mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { errors { code } } }';
  await ask(bench.service.subgraph, agent, assign, {
    input: { conversationId: one.conversationId, agentId, expectedVersion: 1 },
  });
  const numbers = async (filter: Record<string, unknown>, orderBy = 'LAST_MESSAGE_DESC') =>
    (await list(workspace, { filter, orderBy })).numbers;
  expect(await numbers({})).toEqual([3, 2, 1]);
  expect(await numbers({ states: ['UNREAD'] })).toEqual([2, 1]);
  expect(await numbers({ states: ['HANDLED', 'UNREAD'] })).toEqual([3, 2, 1]);
  expect(await numbers({ accountIds: [shop, shop] })).toEqual([2, 1]);
  expect(await numbers({ channels: ['WHATSAPP', 'WHATSAPP'] })).toEqual([2]);
  expect(await numbers({ assigneeId: agentId })).toEqual([1]);
  expect(await numbers({ isUnassigned: true })).toEqual([3, 2]);
  expect(await numbers({ isUnassigned: false })).toEqual([1]);
  expect(await numbers({ isUnassigned: true, accountIds: [shop], states: ['UNREAD'] })).toEqual([2]);
  expect(await numbers({ isUnread: true })).toEqual([2, 1]);
  expect(await numbers({ isUnread: false })).toEqual([3]);
  expect(await numbers({ lastMessageFrom: at(2).toISOString() })).toEqual([3, 2]);
  expect(await numbers({ lastMessageBefore: at(2).toISOString() })).toEqual([1]);
  const counted = async (filter: Record<string, unknown>, orderBy = 'LAST_MESSAGE_DESC') => {
    const query = `query ($filter: ConversationFilter, $orderBy: ConversationOrder!) {
      conversations(first: 1, filter: $filter, orderBy: $orderBy) { totalCount isTotalCountExact } }`;
    return dataOf(await ask(bench.service.subgraph, agent, query, { filter, orderBy })).conversations;
  };
  expect(await counted({})).toEqual({ totalCount: 3, isTotalCountExact: true });
  expect(await counted({ accountIds: [shop], isUnread: true })).toEqual({ totalCount: 2, isTotalCountExact: true });
  expect(await counted({}, 'WAITING_LONGEST')).toEqual({ totalCount: 2, isTotalCountExact: true });
  expect(await numbers({ states: [] })).toEqual([]);
  expect(await numbers({ accountIds: ['nonsense'] })).toEqual([]);
  expect(await numbers({ assigneeId: 'nonsense' })).toEqual([]);
  expect(await numbers({ assigneeId: newId() })).toEqual([]);
  expect(await numbers({}, 'WAITING_LONGEST')).toEqual([1, 2]);
  expect(await numbers({ channels: ['WHATSAPP'] }, 'WAITING_LONGEST')).toEqual([2]);
  expect(await numbers({ assigneeId: 'nonsense' }, 'WAITING_LONGEST')).toEqual([]);
});

const linkedTo = (tenantId: TenantId, conversationId: ConversationId, customerId: CustomerId) =>
  anEvent(
    'crm.conversation-linked',
    { conversationId, customerId, order: null },
    { tenantId, aggregateId: conversationId },
  );

test('the conversations of a customer are a filter, also once customers are merged; other workspaces see none', async () => {
  const workspace = await givenWorkspace(bench);
  const stranger = await givenWorkspace(bench);
  const { tenantId } = workspace;
  const [kept, merged, first] = [newId<CustomerId>(), newId<CustomerId>(), newId<CustomerId>()];
  const later = newId<ConversationId>();
  // The link of a conversation may come before its first message.
  await bench.harness.publish(linkedTo(tenantId, later, kept));
  const one = await givenInbound(bench, { tenantId, occurredAt: at(1) });
  const two = await givenInbound(bench, { tenantId, occurredAt: at(2), channel: 'whatsapp' });
  await givenInbound(bench, { tenantId, occurredAt: at(3), conversationId: later });
  await givenInbound(bench, { tenantId, occurredAt: at(4) });
  await givenInbound(bench, { tenantId: stranger.tenantId, occurredAt: at(1) });
  await bench.harness.publish(
    linkedTo(tenantId, one.conversationId, kept),
    linkedTo(tenantId, two.conversationId, first),
    linkedTo(tenantId, two.conversationId, merged),
  );
  const numbers = async (customerId: string, filter: Record<string, unknown> = {}, orderBy = 'LAST_MESSAGE_DESC') =>
    (await list(workspace, { filter: { customerId, ...filter }, orderBy })).numbers;
  await eventually(async () => expect([await numbers(kept), await numbers(merged)]).toEqual([[3, 1], [2]]));
  // An order was found for one of them, then both customers turned out to be one.
  await bench.harness.publish(
    linkedTo(tenantId, two.conversationId, merged),
    linkedTo(tenantId, two.conversationId, kept),
  );
  await eventually(async () => expect(await numbers(kept)).toEqual([3, 2, 1]));
  // The ids of before lead to the one that is left.
  expect([await numbers(merged), await numbers(first)]).toEqual([
    [3, 2, 1],
    [3, 2, 1],
  ]);
  expect(await numbers(kept, { channels: ['WHATSAPP'] })).toEqual([2]);
  expect(await numbers(kept, { states: ['HANDLED'] })).toEqual([]);
  expect(await numbers(kept, {}, 'WAITING_LONGEST')).toEqual([1, 2, 3]);
  expect([await numbers('nonsense'), await numbers(newId())]).toEqual([[], []]);
  for (const customerId of [kept, merged])
    expect((await list(stranger, { filter: { customerId } })).numbers).toEqual([]);
});

test('the list of longest waiting buyers continues after its cursor', async () => {
  const workspace = await givenWorkspace(bench);
  for (const second of [3, 1, 2]) await givenInbound(bench, { tenantId: workspace.tenantId, occurredAt: at(second) });
  const first = await list(workspace, { first: 2, orderBy: 'WAITING_LONGEST' });
  const rest = await list(workspace, { first: 2, orderBy: 'WAITING_LONGEST', after: first.pageInfo.endCursor });
  expect([first.numbers, rest.numbers]).toEqual([[2, 3], [1]]);
});

test.each([0, 101, -1])('a page of %i is refused', async (first) => {
  const { agent } = await givenWorkspace(bench);
  const { errors } = await ask(
    bench.service.subgraph,
    agent,
    `{ conversations(first: ${first}) { edges { cursor } } }`,
  );
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

/** The rows that scans of the table returned, and those they discarded. */
function rowsExamined(plan: string): number {
  const scans = [...plan.matchAll(/Scan[^\n]* on conversation[^\n]*rows=([\d.]+) loops=(\d+)\)((?:\n(?!.*->).*)*)/g)];
  return scans.reduce((sum, [, rows, loops, details]) => {
    const removed = /Rows Removed by Filter: (\d+)/.exec(details ?? '')?.[1] ?? 0;
    return sum + (Number(rows) + Number(removed)) * Number(loops);
  }, 0);
}

test('among 50,000 conversations every list reads index ranges, never the table', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agentId } = workspace;
  const db = bench.service.runtime.db;
  const accounts = Array.from({ length: 20 }, () => newId<ChannelAccountId>());
  await sql`
    insert into conversation (tenant_id, id, number, account_id, channel, external_thread_id, state, assignee_id, unread_count, waiting_since,
      last_message_at, version, revision, created_at, priority)
    select ${tenantId}, gen_random_uuid(), i, (${accounts}::uuid[])[1 + i % 20], (array['shopee', 'whatsapp'])[1 + i % 2], 'thread-' || i,
      (array['handled', 'handled', 'unread', 'pending'])[1 + i % 4], case when i % 3 = 0 then ${agentId}::uuid end, case when i % 4 = 2 then 1 else 0 end,
      case when i % 4 >= 2 then now() - i * interval '1 minute' end, now() - i * interval '1 minute', 1, 1, now(),
      case when i % 500 = 0 then 'urgent' when i % 90 = 0 then 'high' else 'normal' end
    from generate_series(1, 50000) as i`.execute(db.worker);
  await sql`
    update conversation set overdue_since = waiting_since, is_complaint = true, is_risk = number % 2000 = 2 where tenant_id = ${tenantId} and number % 1000 = 2`.execute(
    db.worker,
  );
  await sql`
    insert into sla_state (tenant_id, conversation_id, clocks, due_at)
    select tenant_id, id, '[]', waiting_since from conversation
    where tenant_id = ${tenantId} and waiting_since is not null`.execute(db.worker);
  // A customer of 25 conversations, and all others of one.
  const customer = newId<CustomerId>();
  await sql`
    insert into conversation_customer (tenant_id, conversation_id, customer_id)
    select tenant_id, id, case when number % 2000 = 0 then ${customer}::uuid else gen_random_uuid() end
    from conversation where tenant_id = ${tenantId}`.execute(db.worker);
  // Every conversation has a size and a day; few are large.
  await sql`
    insert into attribute_definition
    select ${tenantId}::uuid, gen_random_uuid(), k, k, k, t, '[]', true, false, 1, now()
    from unnest(array['size', 'day', 'kind'], array['number', 'date', 'text']) as d (k, t)`.execute(db.worker);
  await sql`
    insert into attribute_value
    select tenant_id, id, 'size', null, number, null from conversation where tenant_id = ${tenantId}
    union all
    select tenant_id, id, 'day', null, null, date '2026-01-01' + number from conversation where tenant_id = ${tenantId}
    union all
    select tenant_id, id, 'kind', 'k' || number % 1000, null, null from conversation where tenant_id = ${tenantId}`.execute(
    db.worker,
  );
  await sql`insert into conversation_counter (tenant_id, last_number) values (${tenantId}, 50000)`.execute(db.worker);
  await analyze(bench.harness.databaseUrl);
  const anything: ConversationFilter = {
    ids: null,
    states: null,
    priorities: null,
    accountIds: null,
    channels: null,
    assigneeId: null,
    teamIds: null,
    phases: null,
    enquiryTypes: null,
    customerId: null,
    isUnassigned: null,
    isUnread: null,
    watched: null,
    isOverdue: null,
    marks: null,
    hasTag: null,
    customerTags: null,
    customerTiers: null,
    lastMessageFrom: null,
    lastMessageBefore: null,
  };
  const filters: Partial<ConversationFilter>[] = [
    {},
    { states: ['transferred'] },
    { states: ['unread', 'pending'] },
    { accountIds: accounts.slice(0, 3) },
    { channels: ['whatsapp'] },
    { priorities: ['high', 'urgent'] },
    { assigneeId: agentId },
    { customerId: customer },
    { customerId: customer, accountIds: accounts.slice(0, 1), states: ['unread'] },
    { isUnassigned: true },
    { isOverdue: true },
    { marks: ['complaint', 'overdue'] },
    { marks: ['risk'], states: ['unread'] },
    { isUnassigned: true, states: ['unread'], accountIds: accounts.slice(0, 1) },
  ];
  const after = { at: new Date(Date.now() - 20_000 * 60_000), id: newId() };
  const pages = filters.flatMap((filter): ConversationPage[] => {
    const common = { filter: { ...anything, ...filter }, first: 25 };
    return [
      { ...common, order: 'LAST_MESSAGE_DESC', after: null },
      { ...common, order: 'LAST_MESSAGE_DESC', after },
    ];
  });
  pages.push({ filter: anything, first: 25, order: 'WAITING_LONGEST', after: null });
  pages.push({ filter: anything, first: 25, order: 'DUE_FIRST', after: null });
  for (const page of pages) {
    const { rows } = await db.forTenant(tenantId, (trx) =>
      sql<{
        'QUERY PLAN': string;
      }>`explain (analyze, costs off, timing off) ${conversationListQuery(tenantId, page)}`.execute(trx),
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index (Only )?Scan[^\n]* on conversation/);
    // Few customers were merged: how that table is read makes no difference.
    expect(plan).not.toMatch(/Seq Scan on conversation|Bitmap \w+ Scan on (?!merged_customer)/);
    // At most 12 ranges with a page and a row each.
    expect(rowsExamined(plan)).toBeLessThanOrEqual(12 * 26);
  }
  // The values of attributes are looked for in the index of their type, as the role that callers have.
  for (const leaf of [
    { field: 'attribute.size', op: 'at-least', values: ['49990'] },
    { field: 'attribute.size', op: 'at-most', values: ['-3'] },
    { field: 'attribute.day', op: 'at-least', values: ['2162-11-01'] },
    { field: 'attribute.kind', op: 'in', values: ['k7', 'k8'] },
  ] as const) {
    const condition = { kind: 'all', of: [{ kind: 'leaf', ...leaf }] } as const;
    const query = attributeQuery({ tenantId, condition, now: new Date() });
    const { rows, ids } = await db.forTenant(tenantId, async (trx) => ({
      ...(await sql<{ 'QUERY PLAN': string }>`explain (analyze, costs off, timing off) ${query}`.execute(trx)),
      ids: (await query?.execute(trx))?.rows.map((row) => row.conversation_id) ?? [],
    }));
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    const column = leaf.field === 'attribute.kind' ? 'text' : leaf.field === 'attribute.day' ? 'date' : 'number';
    expect(plan).toMatch(new RegExp(`Scan (?:using|on) attribute_value_${column}`));
    expect(plan).not.toMatch(/Seq Scan on (?:attribute_value|conversation\b)/);
    expect(rowsExamined(plan)).toBeLessThanOrEqual(2 * 110);
    const page = { filter: { ...anything, ids }, first: 25, order: 'LAST_MESSAGE_DESC', after: null } as const;
    const list = await db.forTenant(tenantId, (trx) =>
      sql<{ 'QUERY PLAN': string }>`explain (costs off) ${conversationListQuery(tenantId, page)}`.execute(trx),
    );
    expect(list.rows.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on conversation\b(?!_)/);
  }
  // Views look at windows of the same ranges, and judge each row.
  const isOpen = { kind: 'leaf', field: 'conversation.phase', op: 'in', values: ['open'] } as const;
  const ofAgent = { kind: 'leaf', field: 'conversation.assignee', op: 'in', values: [agentId] } as const;
  const tagged = { kind: 'leaf', field: 'conversation.tags', op: 'in', values: ['gift'] } as const;
  for (const condition of [isOpen, ofAgent, { kind: 'all', of: [isOpen, tagged] }] satisfies ViewCondition[]) {
    for (const order of ['LAST_MESSAGE_DESC', 'WAITING_LONGEST'] as const) {
      const seen = { tenantId, condition, now: new Date() };
      const window = { order, after: null, size: 1_000, wanted: 26, ids: null };
      const { rows } = await db.forTenant(tenantId, (trx) =>
        sql<{ 'QUERY PLAN': string }>`explain (costs off) ${windowQuery(seen, window)}`.execute(trx),
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toMatch(/Seq Scan on conversation\b(?!_)/);
    }
  }
});
