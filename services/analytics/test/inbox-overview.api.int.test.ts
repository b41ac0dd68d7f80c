import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask, eventually, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AnalyticsService, openAnalytics } from '../src/app.ts';
import { givenChange } from './given.ts';

let harness: TestHarness;
let analytics: AnalyticsService;

beforeAll(async () => {
  harness = await openHarness();
  analytics = await openAnalytics(harness.deps);
  await analytics.start();
});

afterAll(async () => {
  await analytics.stop(5_000);
  await harness.close();
});

const query = `query ($groupBy: [InboxDimension!]! = [PLATFORM, STORE, STATE]) {
  inboxOverview(groupBy: $groupBy) {
    rows { channel account { id } state conversationCount unreadMessageCount } conversationCount countedUntil
  }
}`;

interface Overview {
  readonly rows: { readonly conversationCount: number }[];
  readonly conversationCount: number;
  readonly countedUntil: string | null;
}

async function overviewOf(tenantId: TenantId, groupBy?: string[]): Promise<Overview> {
  const { data, errors } = await ask(
    analytics.subgraph,
    anAgent(tenantId),
    query,
    groupBy === undefined ? {} : { groupBy },
  );
  expect(errors).toEqual([]);
  return (data as { inboxOverview: Overview }).inboxOverview;
}

test('an inbox without events is empty', async () => {
  expect(await overviewOf(newId<TenantId>())).toEqual({ rows: [], conversationCount: 0, countedUntil: null });
});

test('counts by platform, store and state, and leaves out combinations that became empty', async () => {
  const tenantId = newId<TenantId>();
  const [lisbon, berlin] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const moving = { tenantId, conversationId: newId<ConversationId>(), accountId: lisbon };
  const last = givenChange({
    tenantId,
    version: 1,
    accountId: berlin,
    channel: 'tiktok-shop',
    state: 'pending',
    unreadCount: 0,
  });
  await harness.publish(
    givenChange({ ...moving, version: 1, unreadCount: 2 }),
    givenChange({ ...moving, version: 2, state: 'handled', unreadCount: 0 }),
    givenChange({ tenantId, version: 1, accountId: lisbon, unreadCount: 3, state: 'pending' }),
    last,
  );
  const overview = await eventually(async () => {
    const found = await overviewOf(tenantId);
    expect(found.conversationCount).toBe(3);
    expect(found.rows).toHaveLength(3);
    return found;
  });
  expect(overview.rows).toEqual(
    expect.arrayContaining([
      { channel: 'SHOPEE', account: { id: lisbon }, state: 'HANDLED', conversationCount: 1, unreadMessageCount: 0 },
      { channel: 'SHOPEE', account: { id: lisbon }, state: 'PENDING', conversationCount: 1, unreadMessageCount: 3 },
      {
        channel: 'TIKTOK_SHOP',
        account: { id: berlin },
        state: 'PENDING',
        conversationCount: 1,
        unreadMessageCount: 0,
      },
    ]),
  );
  expect(overview.countedUntil).toMatch(/^\d{4}-/);
  expect((await overviewOf(tenantId, ['STATE'])).rows).toEqual([
    { channel: null, account: null, state: 'HANDLED', conversationCount: 1, unreadMessageCount: 0 },
    { channel: null, account: null, state: 'PENDING', conversationCount: 2, unreadMessageCount: 3 },
  ]);
  expect((await overviewOf(tenantId, [])).rows).toEqual([
    { channel: null, account: null, state: null, conversationCount: 3, unreadMessageCount: 3 },
  ]);
});

test('two workspaces with the same ids are counted apart', async () => {
  const shared = { conversationId: newId<ConversationId>(), accountId: newId<ChannelAccountId>() };
  const [one, other] = [newId<TenantId>(), newId<TenantId>()];
  await harness.publish(
    givenChange({ ...shared, tenantId: one, version: 5, unreadCount: 1 }),
    givenChange({ ...shared, tenantId: other, version: 1, unreadCount: 9, state: 'handled' }),
  );
  await eventually(async () => {
    expect((await overviewOf(one)).rows).toMatchObject([{ state: 'UNREAD', unreadMessageCount: 1 }]);
    expect((await overviewOf(other)).rows).toMatchObject([{ state: 'HANDLED', unreadMessageCount: 9 }]);
  });
});

test('the inbox needs a sign-in, its dead letters need a supervisor', async () => {
  const anonymous = await ask(analytics.subgraph, { kind: 'anonymous' }, query);
  expect(anonymous.errors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  const letters = '{ deadLetters(first: 25) { edges { node { id } } } }';
  expect((await ask(analytics.subgraph, anAgent(newId<TenantId>()), letters)).errors).toMatchObject([
    { code: 'FORBIDDEN' },
  ]);
  const admin = anAgent(newId<TenantId>(), 'admin');
  expect((await ask(analytics.subgraph, admin, letters)).data).toEqual({ deadLetters: { edges: [] } });
  const replay = `mutation { replayDeadLetters(input: {consumer: "analytics.inbox", key: "k"}) { replayedCount errors { code } } }`;
  expect((await ask(analytics.subgraph, admin, replay)).data).toEqual({
    replayDeadLetters: { replayedCount: 0, errors: [] },
  });
});

test('5,000 events of 1,000 conversations are counted exactly', async () => {
  const tenantId = newId<TenantId>();
  const accountIds = [newId<ChannelAccountId>(), newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const conversations = Array.from({ length: 1_000 }, (_, i) => ({
    tenantId,
    conversationId: newId<ConversationId>(),
    accountId: accountIds[i % 3] ?? newId<ChannelAccountId>(),
  }));
  const events = [1, 2, 3, 4, 5].flatMap((version) =>
    conversations.map((one) =>
      givenChange({ ...one, version, state: version === 5 ? 'handled' : 'unread', unreadCount: 5 - version }),
    ),
  );
  const startedAt = performance.now();
  for (let i = 0; i < events.length; i += 500) await harness.publish(...events.slice(i, i + 500));
  await eventually(async () => {
    const { rows } = await overviewOf(tenantId, ['STATE']);
    expect(rows).toEqual([
      { channel: null, account: null, state: 'HANDLED', conversationCount: 1_000, unreadMessageCount: 0 },
    ]);
  });
  process.stdout.write(`analytics: ${Math.round(5_000 / ((performance.now() - startedAt) / 1_000))} events/s\n`);
  expect(await analytics.recount(tenantId)).toEqual([]);
}, 60_000);
