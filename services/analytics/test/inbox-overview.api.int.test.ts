import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  newId,
  type TeamId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Access, Caller } from '@crossdesk/service-kit';
import { anAgent, ask, eventually, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AnalyticsService, openAnalytics } from '../src/app.ts';
import { givenChange, givenDelivery, givenMessage } from './given.ts';

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

const counts = 'conversationCount unreadMessageCount unprocessedMessageCount repliedMessageCount abnormalMessageCount';
const query = `query ($groupBy: [InboxDimension!]! = [PLATFORM, STORE, STATE], $filter: InboxOverviewFilter) {
  inboxOverview(groupBy: $groupBy, filter: $filter) {
    rows { channel account { id } state phase agent { id } team { id } enquiryType mark ${counts} } ${counts} countedUntil
  }
}`;

interface Counts {
  readonly conversationCount: number;
  readonly unreadMessageCount: number;
  readonly unprocessedMessageCount: number;
  readonly repliedMessageCount: number;
  readonly abnormalMessageCount: number;
}

type Row = Counts &
  Readonly<Record<'channel' | 'state' | 'phase' | 'enquiryType' | 'mark', string | null>> & {
    readonly account: { readonly id: string } | null;
    readonly agent: { readonly id: string } | null;
    readonly team: { readonly id: string } | null;
  };

interface Overview extends Counts {
  readonly rows: Row[];
  readonly countedUntil: string | null;
}

async function overviewFor(caller: Caller, variables: Record<string, unknown> = {}): Promise<Overview> {
  const { data, errors } = await ask(analytics.subgraph, caller, query, variables);
  expect(errors).toEqual([]);
  return (data as { inboxOverview: Overview }).inboxOverview;
}

const overviewOf = (tenantId: TenantId, groupBy?: string[]) =>
  overviewFor(anAgent(tenantId), groupBy === undefined ? {} : { groupBy });

/** What each row is about, with its conversations. */
function told({ rows }: Overview, of: (row: Row) => string | null | undefined): Record<string, number> {
  return Object.fromEntries(rows.map((row) => [of(row) ?? 'none', row.conversationCount]));
}

test('the overview counts by platform, store and state, and leaves out combinations that became empty', async () => {
  const tenantId = newId<TenantId>();
  const [lisbon, berlin] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const moving = { tenantId, conversationId: newId<ConversationId>(), accountId: lisbon };
  await harness.publish(
    givenMessage({ ...moving, version: 1, unreadCount: 2, inboundCount: 2 }, 'buyer'),
    givenMessage({ ...moving, version: 2, state: 'handled', unreadCount: 0, inboundCount: 2 }, 'agent'),
    givenChange({ tenantId, version: 1, accountId: lisbon, unreadCount: 3, inboundCount: 4, state: 'pending' }),
    givenChange({ tenantId, version: 1, accountId: berlin, channel: 'tiktok-shop', state: 'pending', unreadCount: 0 }),
  );
  const overview = await eventually(async () => {
    const found = await overviewOf(tenantId);
    expect(found.conversationCount).toBe(3);
    expect(found.rows).toHaveLength(3);
    return found;
  });
  const [shopee, tiktok] = [
    { channel: 'SHOPEE', account: { id: lisbon } },
    { channel: 'TIKTOK_SHOP', account: { id: berlin } },
  ];
  const none = { unreadMessageCount: 0, unprocessedMessageCount: 0, repliedMessageCount: 0, abnormalMessageCount: 0 };
  const pending = { ...none, unreadMessageCount: 3, unprocessedMessageCount: 4 };
  const isTold = expect.arrayContaining([
    expect.objectContaining({ ...shopee, state: 'HANDLED', conversationCount: 1, ...none, repliedMessageCount: 2 }),
    expect.objectContaining({ ...shopee, state: 'PENDING', conversationCount: 1, ...pending }),
    expect.objectContaining({ ...tiktok, state: 'PENDING', conversationCount: 1, ...none }),
  ]);
  expect(overview.rows).toEqual(isTold);
  expect(overview).toMatchObject({ ...pending, repliedMessageCount: 2 });
  expect(overview.countedUntil).toMatch(/^\d{4}-/);
  expect((await overviewOf(tenantId, ['STATE'])).rows).toMatchObject([
    { channel: null, account: null, state: 'HANDLED', conversationCount: 1, unreadMessageCount: 0 },
    { channel: null, account: null, state: 'PENDING', conversationCount: 2, unreadMessageCount: 3 },
  ]);
  expect((await overviewOf(tenantId, [])).rows).toMatchObject([
    { channel: null, account: null, state: null, conversationCount: 3, unreadMessageCount: 3 },
  ]);
});

test('S1-1.2: it counts by assignee, team, type, phase and mark, within a filter and the role of the caller', async () => {
  const tenantId = newId<TenantId>();
  const [lisbon, berlin] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const [li, wang] = [newId<AgentId>(), newId<AgentId>()];
  const [portuguese, german] = [newId<TeamId>(), newId<TeamId>()];
  const since = '2026-01-02T03:04:05.678Z';
  const failing = { tenantId, version: 2, accountId: berlin, phase: 'open', state: 'pending', unreadCount: 0 } as const;
  await harness.publish(
    givenChange({
      ...{ tenantId, version: 1, accountId: lisbon, assigneeId: li, teamId: portuguese, enquiryType: 'refund' },
      ...{ phase: 'open', waitingSince: since, overdueSince: since, inboundCount: 2 },
    }),
    givenChange({
      ...{ tenantId, version: 1, accountId: lisbon, teamId: portuguese, phase: 'snoozed', state: 'handled' },
    }),
    givenChange({ tenantId, version: 1, accountId: berlin, assigneeId: wang, phase: 'closed', state: 'handled' }),
    givenDelivery({ ...failing, teamId: german, waitingSince: since }, { messageId: newId(), status: 'failed' }),
    givenChange({ tenantId, version: 1, accountId: berlin, phase: 'merged', joinedInto: newId<ConversationId>() }),
  );
  const supervisor = anAgent(tenantId, 'supervisor');
  await eventually(async () => expect((await overviewFor(supervisor)).conversationCount).toBe(4));
  const by = (groupBy: string, filter: Record<string, unknown> = {}, caller: Caller = supervisor) =>
    overviewFor(caller, { groupBy: [groupBy], filter });
  expect(told(await by('AGENT'), ({ agent }) => agent?.id)).toEqual({ [li]: 1, [wang]: 1, none: 2 });
  expect(told(await by('TEAM'), ({ team }) => team?.id)).toEqual({ [portuguese]: 2, [german]: 1, none: 1 });
  expect(told(await by('TYPE'), ({ enquiryType }) => enquiryType)).toEqual({ REFUND: 1, none: 3 });
  expect(told(await by('PHASE'), ({ phase }) => phase)).toEqual({ OPEN: 2, SNOOZED: 1, CLOSED: 1 });
  const marks = await by('MARK');
  expect(told(marks, ({ mark }) => mark)).toEqual({ AWAITING_REPLY: 2, OVERDUE: 1, none: 2 });
  expect(marks).toMatchObject({ conversationCount: 4, unprocessedMessageCount: 2, abnormalMessageCount: 1 });
  const counted = async (filter: Record<string, unknown>) => (await by('STORE', filter)).conversationCount;
  expect(await counted({ accountIds: [berlin] })).toBe(2);
  expect(await counted({ teamIds: [portuguese], phases: ['OPEN'] })).toBe(1);
  expect(await counted({ agentIds: [wang], states: ['UNREAD'] })).toBe(0);
  expect(await counted({ agentIds: [li, wang] })).toBe(2);
  expect(await counted({ teamIds: ['nothing'] })).toBe(0);
  expect(await counted({ states: [] })).toBe(0);
  const limited = (access: Access, agentId: AgentId = newId<AgentId>()): Caller => ({
    ...{ kind: 'agent', tenantId, agentId, role: 'agent', authenticatedAtMs: Date.now() },
    access,
  });
  const all: Access = { stores: null, reach: 'all', teams: [] };
  const seen = async (caller: Caller) => (await by('STORE', {}, caller)).conversationCount;
  expect(await seen(limited({ ...all, stores: [lisbon] }))).toBe(2);
  expect(await seen(limited({ ...all, reach: 'own' }, li))).toBe(1);
  expect(await seen(limited({ ...all, reach: 'teams', teams: [german] }, wang))).toBe(2);
  expect(await seen(limited({ ...all, stores: [lisbon], reach: 'own' }, wang))).toBe(0);

  const board = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Team { inbox { ...Load } }
    ... on Agent { inbox { ...Load } } } }
    fragment Load on InboxLoad { openCount awaitingReplyCount overdueCount unreadMessageCount unprocessedMessageCount }`;
  const of = [
    ...[portuguese, german].map((id) => ({ __typename: 'Team', id })),
    ...[li, wang].map((id) => ({ __typename: 'Agent', id })),
  ];
  const loads = async (caller: Caller) =>
    (
      (await ask(analytics.subgraph, caller, board, { of })).data as { _entities: { inbox: Record<string, number> }[] }
    )._entities.map(({ inbox }) => Object.values(inbox));
  const [idle, lis] = [
    [0, 0, 0, 0, 0],
    [1, 1, 1, 1, 2],
  ];
  expect(await loads(supervisor)).toEqual([lis, [1, 1, 0, 0, 0], lis, idle]);
  expect(await loads(limited({ ...all, reach: 'own' }, wang))).toEqual([idle, idle, idle, idle]);
});

test('a change of the numbers is told as one for all that happened, and answers with the numbers of now', async () => {
  const tenantId = newId<TenantId>();
  const accountId = newId<ChannelAccountId>();
  await harness.publish(...Array.from({ length: 50 }, () => givenChange({ tenantId, accountId, version: 1 })));
  const changes = () => ask(analytics.subgraph, anAgent(tenantId), byIds, { ids: told.map(({ id }) => id) });
  const byIds = `query ($ids: [ID!]!) { inboxOverviewChangesByIds(ids: $ids) { id cursor overview(groupBy: [STORE]) {
    conversationCount } } }`;
  let told: readonly { id: string; aggregateVersion: number }[] = [];
  await eventually(async () => {
    told = await harness.events.count('analytics.overview-changed', 1, (event) => event.tenantId === tenantId);
    expect((await overviewOf(tenantId)).conversationCount).toBe(50);
  });
  await harness.publish(givenChange({ tenantId, accountId, version: 1 }));
  const before = told.length;
  told = await harness.events.count('analytics.overview-changed', before + 1, (event) => event.tenantId === tenantId);
  expect(told.map(({ aggregateVersion }) => aggregateVersion)).toEqual(told.map((_, index) => index + 1));
  // 51 conversations, of which each alone would have been news.
  expect(told.length).toBeLessThan(51);
  const shown = told.map(({ id }) => ({ id, cursor: null, overview: { conversationCount: 51 } }));
  await eventually(async () => expect((await changes()).data).toEqual({ inboxOverviewChangesByIds: shown }));
  // Nothing of it exists for others.
  const stranger = await ask(analytics.subgraph, anAgent(newId<TenantId>()), byIds, { ids: [told[0]?.id, 'x'] });
  expect(stranger.data).toEqual({ inboxOverviewChangesByIds: [null, null] });
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
    expect(rows).toMatchObject([{ state: 'HANDLED', conversationCount: 1_000, unreadMessageCount: 0 }]);
  });
  process.stdout.write(`analytics: ${Math.round(5_000 / ((performance.now() - startedAt) / 1_000))} events/s\n`);
  expect(await analytics.recount(tenantId)).toEqual([]);
}, 60_000);
