import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentId, type ChannelAccountId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  ask,
  eventually,
  type EventLog,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { givenOrder } from './given.ts';

const dayMs = 86_400_000;
let now = new Date('2026-11-30T12:00:00.000Z');
let harness: TestHarness;
let crm: CrmService;
let log: EventLog;
beforeAll(async () => {
  harness = await openHarness({ clock: { now: () => now } });
  crm = await openCrm(harness.deps);
  log = harness.events;
  await crm.start();
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

async function as<Result>(
  tenantId: TenantId,
  query: string,
  variables: object = {},
  { role = 'supervisor', agentId }: { role?: 'agent' | 'supervisor'; agentId?: AgentId } = {},
): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, role, agentId), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const shown = `id displayName tier tags { name by agent { id } rule { id tag } reason { field op values found } }
  tierHistory { from to cause modelVersion scores }
  spend { total { amount currency } lastYear { amount } unconverted { amount currency } ratesFrom orderCount lastYearOrderCount
    recency frequency monetary }`;

interface Shown {
  readonly id: string;
  readonly displayName: string | null;
  readonly tier: string | null;
  readonly tags: readonly {
    readonly name: string;
    readonly by: string;
    readonly agent: { readonly id: string } | null;
    readonly reason: object | null;
  }[];
  readonly tierHistory: readonly object[];
  readonly spend: {
    readonly total: { readonly amount: string; readonly currency: string };
    readonly unconverted: readonly object[];
    readonly orderCount: number;
  } | null;
}

async function customersOf(tenantId: TenantId, filter: object = {}): Promise<Map<string, Shown>> {
  const query = `query($filter: CustomerFilter) { customers(filter: $filter, first: 100) { totalCount edges { node { ${shown} } } } }`;
  const { customers } = await as<{ customers: { edges: { node: Shown }[] } }>(tenantId, query, { filter });
  return new Map(customers.edges.map(({ node }) => [node.displayName ?? '', node]));
}

const money = (amountMinor: number, currency: string) => ({ amountMinor: String(amountMinor), currency });
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs).toISOString();

/** A buyer who wrote, and their orders. */
function aBuyerOf(tenantId: TenantId, accountId: ChannelAccountId, name: string, channel = 'shopee') {
  const buyer = { ...aBuyer, externalId: name, commerceId: name, name };
  return {
    wrote: givenMessage({ tenantId, accountId, channel, buyer }),
    bought: (days: number, total: { amountMinor: string; currency: string }, more: object = {}) =>
      givenOrder({
        ...{ tenantId, accountId, buyerExternalId: name, externalOrderId: `${name}-${days}-${total.amountMinor}` },
        ...{ total, placedAt: daysAgo(days), platformUpdatedAt: daysAgo(days) },
        ...more,
      }),
  };
}

const upsertRule = `mutation($input: UpsertTagRuleInput!) { upsertTagRule(input: $input) {
  rule { id version } errors { code message path } } }`;
const leaf = (field: string, op: string, ...values: string[]) => ({ leaf: { field, op, values } });

async function givenRule(tenantId: TenantId, tag: string, condition: object): Promise<{ id: string; version: number }> {
  const { upsertTagRule } = await as<{
    upsertTagRule: { rule: { id: string; version: number } | null; errors: object[] };
  }>(tenantId, upsertRule, { input: { tag, condition } });
  if (upsertTagRule.rule === null) throw new Error(JSON.stringify(upsertTagRule.errors));
  return upsertTagRule.rule;
}

test('S1-3.1: spend in two currencies tags by a rule with its reason, and a cancelled order takes the tag away', async () => {
  const [tenantId, accountId] = [newId<TenantId>(), newId<ChannelAccountId>()];
  const [ana, bo] = [aBuyerOf(tenantId, accountId, 'Ana'), aBuyerOf(tenantId, accountId, 'Bo')];
  const inReal = ana.bought(40, money(100_000, 'BRL'));
  await harness.publish(
    ana.wrote,
    bo.wrote,
    inReal,
    ana.bought(20, money(40_000, 'USD')),
    bo.bought(9, money(40_000, 'USD')),
  );
  await harness.publish(bo.bought(8, money(5_000_000, 'VND')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Bo')?.spend?.orderCount).toBe(2));
  const rule = await givenRule(tenantId, 'Big  Spender', leaf('spend.year', 'AT_LEAST', '500'));
  await eventually(async () => expect((await customersOf(tenantId)).get('Ana')?.tags).toHaveLength(1));
  const found = await customersOf(tenantId);
  // 1,000 BRL at 5.8283 and 1.0824 for a euro.
  expect(found.get('Ana')).toMatchObject({
    tags: [
      {
        ...{ name: 'Big Spender', by: 'RULE', agent: null, rule: { id: rule.id, tag: 'Big Spender' } },
        reason: { field: 'spend.year', op: 'AT_LEAST', values: ['500'], found: '585.71' },
      },
    ],
    spend: { total: { amount: '585.71', currency: 'USD' }, unconverted: [], ratesFrom: '2024-01-01', orderCount: 2 },
  });
  // What no rate is known for is shown, and in no sum.
  expect(found.get('Bo')).toMatchObject({
    tags: [],
    spend: { total: { amount: '400.00' }, unconverted: [{ amount: '5000000', currency: 'VND' }] },
  });
  const setRate =
    'mutation($input: SetFxRateInput!) { setFxRate(input: $input) { rate { perEur } errors { code path } } }';
  await as(tenantId, setRate, { input: { currency: 'VND', day: '2026-01-01', perEur: '27000' } });
  await eventually(async () => expect((await customersOf(tenantId)).get('Bo')?.tags).toHaveLength(1));
  expect((await customersOf(tenantId)).get('Bo')?.spend?.total.amount).toBe('600.44');

  await harness.publish({ ...givenOrder({ ...inReal.data, tenantId, version: 2, state: 'cancelled' }) });
  await eventually(async () => expect((await customersOf(tenantId)).get('Ana')?.tags).toEqual([]));
  const ofAna = (type: 'crm.customer-tagged' | 'crm.customer-untagged') =>
    log.of(type).filter((event) => event.data.customerId === found.get('Ana')?.id);
  expect(ofAna('crm.customer-tagged').map(({ data }) => data)).toMatchObject([
    { tag: 'big spender', by: 'rule', ruleId: rule.id },
  ]);
  await log.next('crm.customer-untagged', ({ data }) => data.customerId === found.get('Ana')?.id);
  const bad = await as<{ upsertTagRule: { errors: object[] } }>(tenantId, upsertRule, {
    input: { tag: 'x', condition: { all: [leaf('spend.total', 'IN', '5'), leaf('nothing', 'IN', '5')] } },
  });
  expect(bad.upsertTagRule.errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['input', 'condition', 'all', '0', 'leaf', 'op'] },
    { code: 'INVALID_INPUT', path: ['input', 'condition', 'all', '1', 'leaf', 'field'] },
  ]);
});

test('S1-3.2: a tier changes with an order and with time, each with its cause, event and history', async () => {
  const [tenantId, accountId] = [newId<TenantId>(), newId<ChannelAccountId>()];
  const cy = aBuyerOf(tenantId, accountId, 'Cy');
  await harness.publish(cy.wrote, cy.bought(10, money(9_000, 'USD')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Cy')?.tier).toBe('POTENTIAL'));
  await harness.publish(cy.bought(8, money(9_000, 'USD')), cy.bought(7.5, money(90_000, 'USD')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Cy')?.tier).toBe('HIGH_VALUE'));
  const before = now;
  // Half a year and the calm week later they are no longer recent enough.
  now = new Date(now.getTime() + 181 * dayMs);
  try {
    await eventually(async () => expect((await customersOf(tenantId)).get('Cy')?.tier).toBe('LOW_ACTIVE'));
  } finally {
    now = before;
  }
  const cyNow = (await customersOf(tenantId)).get('Cy');
  expect(cyNow?.tierHistory).toMatchObject([
    { from: 'HIGH_VALUE', to: 'LOW_ACTIVE', cause: 'TIME', modelVersion: 0 },
    { from: 'POTENTIAL', to: 'HIGH_VALUE', cause: 'ORDER', scores: [5, 3, 5] },
    { from: null, to: 'POTENTIAL', cause: 'ORDER' },
  ]);
  const told = await log.count('crm.tier-changed', 3, ({ data }) => data.customerId === cyNow?.id);
  expect(told.map(({ data }) => data.to)).toEqual(['POTENTIAL', 'HIGH_VALUE', 'LOW_ACTIVE']);
  expect([...(await customersOf(tenantId, { condition: leaf('customer.tier', 'IN', 'low_active') })).keys()]).toEqual([
    'Cy',
  ]);
});

const runShown = `id state seenCount changedCount moves { from to count } changes { edges { node { from to customer { displayName } } } }`;
interface Run {
  readonly id: string;
  readonly state: string;
}

test('S1-3.7: a dry run of another model shows what would change and changes nothing; applied, just that changes', async () => {
  const [tenantId, accountId] = [newId<TenantId>(), newId<ChannelAccountId>()];
  const [di, ed] = [aBuyerOf(tenantId, accountId, 'Di'), aBuyerOf(tenantId, accountId, 'Ed')];
  await harness.publish(di.wrote, ed.wrote, di.bought(10, money(9_000, 'USD')), ed.bought(100, money(9_000, 'USD')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Ed')?.tier).toBe('REGULAR'));
  const tiers = [{ name: 'gold', recencyMin: 5 }, { name: 'regular', recencyMin: 3 }, { name: 'rest' }];
  const limits = {
    recencyDays: [30, 90, 180, 365],
    frequencyCounts: [2, 3, 5, 10],
    monetaryAmounts: [30, 100, 300, 1000],
  };
  const recompute = `mutation($input: RecomputeSegmentsInput!) { recomputeSegments(input: $input) { run { ${runShown} } errors { code path } } }`;
  const start = async (input: object) =>
    (
      await as<{ recomputeSegments: { run: Run | null; errors: { code: string; path: string[] }[] } }>(
        tenantId,
        recompute,
        { input },
      )
    ).recomputeSegments;
  const refused = await start({ model: { currency: 'USD', ...limits, tiers: [{ name: 'gold', recencyMin: 5 }] } });
  expect(refused).toMatchObject({
    run: null,
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'model', 'tiers', '0'] }],
  });
  expect((await start({ cutPoints: 'FROM_DATA' })).errors).toMatchObject([{ path: ['input', 'cutPoints'] }]);
  const outdated = await start({});
  const begun = await start({ model: { currency: 'USD', ...limits, tiers } });
  const read = (id: string | undefined) =>
    as<{ tierRun: Run }>(tenantId, `query($id: ID!) { tierRun(id: $id) { ${runShown} } }`, { id });
  await eventually(async () => expect((await read(begun.run?.id)).tierRun.state).toBe('READY'));
  expect((await read(begun.run?.id)).tierRun).toMatchObject({
    ...{ seenCount: 2, changedCount: 1, moves: [{ from: 'POTENTIAL', to: 'GOLD', count: 1 }] },
    changes: { edges: [{ node: { from: 'POTENTIAL', to: 'GOLD', customer: { displayName: 'Di' } } }] },
  });
  const unchanged = await customersOf(tenantId);
  expect([unchanged.get('Di')?.tier, unchanged.get('Ed')?.tier]).toEqual(['POTENTIAL', 'REGULAR']);
  expect((await read(outdated.run?.id)).tierRun.state).toBe('OUTDATED');
  const apply =
    'mutation($input: ApplyTierRunInput!) { applyTierRun(input: $input) { run { state } errors { code } } }';
  expect(await as(tenantId, apply, { input: { runId: outdated.run?.id } })).toMatchObject({
    applyTierRun: { run: null, errors: [{ code: 'VERSION_CONFLICT' }] },
  });
  expect(await as(tenantId, apply, { input: { runId: begun.run?.id } })).toMatchObject({
    applyTierRun: { run: { state: 'APPLIED' } },
  });
  await eventually(async () => expect((await customersOf(tenantId)).get('Di')?.tier).toBe('GOLD'));
  const after = await customersOf(tenantId);
  expect(after.get('Di')?.tierHistory[0]).toMatchObject({
    from: 'POTENTIAL',
    to: 'GOLD',
    cause: 'MODEL',
    modelVersion: 1,
  });
  expect(after.get('Ed')?.tierHistory).toHaveLength(1);
});

test('tags by hand have their author, one taken away stays away from its rule, and merged customers have both', async () => {
  const [tenantId, accountId, agentId] = [newId<TenantId>(), newId<ChannelAccountId>(), newId<AgentId>()];
  const aBuyerHere = (name: string) => aBuyerOf(tenantId, accountId, name, 'generic');
  const [fay, gus] = [aBuyerHere('Fay'), aBuyerHere('Gus')];
  await harness.publish(fay.wrote, gus.wrote, fay.bought(5, money(1_000, 'USD')), gus.bought(4, money(2_000, 'USD')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Gus')?.tier).toBe('POTENTIAL'));
  const [fayId, gusId] = [(await customersOf(tenantId)).get('Fay')?.id, (await customersOf(tenantId)).get('Gus')?.id];
  const say = (action: string, customerId: string | undefined, tag: string) =>
    as<Record<string, { customer: { tags: Shown['tags'] } | null; errors: { code: string }[] }>>(
      tenantId,
      `mutation($input: TagCustomerInput!) { ${action}(input: $input) { customer { id tags { name by agent { id } } } errors { code } } }`,
      { input: { customerId, tag } },
      { role: 'agent', agentId },
    );
  await say('tagCustomer', fayId, 'VIP');
  await say('tagCustomer', fayId, ' ｖｉｐ ');
  await say('tagCustomer', gusId, 'price-sensitive');
  expect((await customersOf(tenantId)).get('Fay')?.tags).toMatchObject([
    { name: 'VIP', by: 'AGENT', agent: { id: agentId } },
  ]);
  const tagged = log.of('crm.customer-tagged').filter(({ data }) => data.customerId === fayId);
  expect(tagged.map(({ data, actor }) => [data.tag, data.by, data.agentId, actor.id])).toEqual([
    ['vip', 'agent', agentId, agentId],
  ]);
  expect((await say('tagCustomer', newId(), 'VIP'))['tagCustomer']?.errors).toMatchObject([{ code: 'NOT_FOUND' }]);

  await givenRule(tenantId, 'buyer', leaf('orders.count', 'AT_LEAST', '1'));
  await eventually(async () => expect((await customersOf(tenantId)).get('Gus')?.tags).toHaveLength(2));
  await say('untagCustomer', gusId, 'Buyer');
  await harness.publish(gus.bought(3, money(3_000, 'USD')));
  await eventually(async () => expect((await customersOf(tenantId)).get('Gus')?.spend?.orderCount).toBe(2));
  expect((await customersOf(tenantId)).get('Gus')?.tags.map(({ name }) => name)).toEqual(['price-sensitive']);

  // Both turn out to be one: orders, spend and what people said come together.
  const shared = { phone: '5511987654329' };
  const again = (from: ReturnType<typeof givenMessage>, name: string) =>
    givenMessage({
      ...{ tenantId, accountId, channel: 'generic', conversationId: from.data.conversationId },
      buyer: { ...aBuyer, externalId: name, commerceId: name, name: 'Fay', ...shared },
    });
  await harness.publish(again(fay.wrote, 'Fay'), again(gus.wrote, 'Gus'));
  await eventually(async () => expect((await customersOf(tenantId)).size).toBe(1));
  const one = (await customersOf(tenantId)).get('Fay');
  expect(one?.tags.map(({ name }) => name)).toEqual(['price-sensitive', 'VIP']);
  expect(one?.spend).toMatchObject({ orderCount: 3, total: { amount: '60.00' } });
  // Of who became a part of somebody nothing stays that a timer would look at again and again.
  const { rows: stats } = await sql<{ customer_id: string }>`
    select customer_id from customer_stats where tenant_id = ${tenantId}`.execute(crm.runtime.db.worker);
  expect(stats.map((row) => row.customer_id)).toEqual([one?.id]);
  const changed: EventOf<'crm.customer-changed'>[] = log.of('crm.customer-changed');
  expect(changed.filter(({ data }) => data.customerId === one?.id).at(-1)?.data).toMatchObject({
    tags: ['price-sensitive', 'vip'],
    tier: one?.tier,
  });
});

test('a segment is saved, counted before and listed after, and its conditions are checked', async () => {
  const [tenantId, accountId] = [newId<TenantId>(), newId<ChannelAccountId>()];
  const [hal, ida] = [aBuyerOf(tenantId, accountId, 'Hal'), aBuyerOf(tenantId, accountId, 'Ida')];
  const toBrazil = {
    name: null,
    phone: null,
    fullAddress: null,
    city: null,
    region: 'BR',
    postalCode: null,
    isMasked: false,
  };
  await harness.publish(hal.wrote, ida.wrote, hal.bought(5, money(1_000, 'USD'), { recipient: toBrazil }));
  await eventually(async () => expect((await customersOf(tenantId)).get('Hal')?.tier).toBe('POTENTIAL'));
  const condition = {
    all: [leaf('customer.region', 'IN', 'br'), { not: leaf('orders.daysSinceLast', 'AT_LEAST', '30') }],
  };
  const preview =
    'query($condition: CustomerConditionInput!) { segmentPreview(condition: $condition) { count sample { displayName } } }';
  expect(await as(tenantId, preview, { condition })).toEqual({
    segmentPreview: { count: 1, sample: [{ displayName: 'Hal' }] },
  });
  const never = { not: leaf('orders.count', 'AT_LEAST', '1') };
  expect(await as(tenantId, preview, { condition: never })).toEqual({
    segmentPreview: { count: 1, sample: [{ displayName: 'Ida' }] },
  });
  const upsert = `mutation($input: UpsertSegmentInput!) { upsertSegment(input: $input) {
    segment { id version name condition { all { leaf { field values } not { leaf { field op } } } } customers { totalCount edges { node { displayName } } } }
    errors { code path } } }`;
  const made = await as<{ upsertSegment: { segment: { id: string; version: number } } }>(tenantId, upsert, {
    input: { name: 'Fresh in Brazil', condition },
  });
  expect(made.upsertSegment).toMatchObject({
    segment: {
      condition: {
        all: [{ leaf: { field: 'customer.region', values: ['BR'] } }, { not: { leaf: { op: 'AT_LEAST' } } }],
      },
      customers: { totalCount: 1, edges: [{ node: { displayName: 'Hal' } }] },
    },
  });
  expect([...(await customersOf(tenantId, { segmentId: made.upsertSegment.segment.id })).keys()]).toEqual(['Hal']);
  expect([...(await customersOf(tenantId, { text: 'iD' })).keys()]).toEqual(['Ida']);
  const conflict = { segmentId: made.upsertSegment.segment.id, expectedVersion: 0, name: 'Other', condition };
  expect(await as(tenantId, upsert, { input: conflict })).toMatchObject({
    upsertSegment: { segment: null, errors: [{ code: 'VERSION_CONFLICT' }] },
  });
  const remove =
    'mutation($input: DeleteSegmentInput!) { deleteSegment(input: $input) { segment { name } errors { code } } }';
  expect(await as(tenantId, remove, { input: { segmentId: conflict.segmentId } })).toMatchObject({
    deleteSegment: { errors: [] },
  });
  expect((await customersOf(tenantId, { segmentId: conflict.segmentId })).size).toBe(0);
});
