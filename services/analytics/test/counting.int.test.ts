import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type MessageId,
  newId,
  type TeamId,
  type TenantId,
} from '@crossdesk/contracts';
import { channels } from '@crossdesk/channels';
import { callHandlers } from '@crossdesk/service-kit';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type AnalyticsService, openAnalytics } from '../src/app.ts';
import { onConversation } from '../src/consumers/on-conversation.ts';
import { recountAll } from '../src/inbox/recount.commands.ts';
import { type Counted, givenChange, givenDelivery, givenMessage } from './given.ts';

let harness: TestHarness;
let analytics: AnalyticsService;

beforeAll(async () => {
  harness = await openHarness();
  analytics = await openAnalytics(harness.deps);
});

afterAll(async () => {
  await analytics.stop(5_000);
  await harness.close();
});

/**
 * Handles one batch of a partition without marking events as consumed: the counting itself has to tolerate repetition.
 */
function applyBatch(events: readonly Counted[]): Promise<void> {
  return analytics.runtime.db.asWorker((trx) =>
    callHandlers(
      onConversation,
      trx,
      events.map((event) => ({ event, traceparent: null })),
    ),
  );
}

/** The counters that are not at zero. */
async function countersOf(tenantId: TenantId): Promise<Record<string, string>> {
  const { rows } = await sql<Record<'cell' | 'counts', string>>`
    select concat_ws(' ', account_id, channel, state, phase, assignee_id, team_id, enquiry_type, marks) as cell,
      concat_ws('/', conversation_count, unread_message_count, unprocessed_message_count, replied_message_count,
        abnormal_message_count) as counts
    from inbox_counter where tenant_id = ${tenantId}`.execute(analytics.runtime.db.worker);
  return Object.fromEntries(rows.flatMap(({ cell, counts }) => (counts === '0/0/0/0/0' ? [] : [[cell, counts]])));
}

/** The expected counters: each conversation is looked at on its own, with all that was ever told of it. */
function expectedFrom(events: readonly Counted[]): Record<string, string> {
  const cells = new Map<string, number[]>();
  for (const own of Map.groupBy(events, ({ aggregateId }) => aggregateId).values()) {
    const story = [...new Map(own.map((event) => [event.aggregateVersion, event])).values()];
    const { cell, counts } = recounted(story.toSorted((a, b) => a.aggregateVersion - b.aggregateVersion));
    if (counts !== null)
      cells.set(
        cell,
        counts.map((count, at) => count + (cells.get(cell)?.[at] ?? 0)),
      );
  }
  return Object.fromEntries([...cells].map(([cell, counts]) => [cell, counts.join('/')]));
}

function isSettledBy(event: Counted, before: Counted | undefined): boolean {
  if (event.data.conversation.state !== 'handled') return false;
  return isAnswer(event) || (before !== undefined && before.data.conversation.state !== 'handled');
}

function isAnswer(event: Counted): boolean {
  return event.type === 'conversation.message-added' && event.data.author === 'agent';
}

function inboundIn(event: Counted | undefined): number {
  return event?.data.conversation.inboundCount ?? 0;
}

function recounted(story: readonly Counted[]) {
  const now = story.at(-1)?.data.conversation;
  if (now === undefined) throw new Error('a story without events');
  const marks = [
    now.waitingSince === null ? '' : 'awaiting-reply',
    now.overdueSince === undefined ? '' : 'overdue',
    ...(now.marks ?? []),
  ];
  const nobody = '00000000-0000-0000-0000-000000000000';
  const whose = `${now.assigneeId ?? nobody} ${now.teamId ?? nobody} ${now.enquiryType ?? ''}`;
  const cell = `${now.accountId} ${now.channel} ${now.state} ${now.phase ?? 'open'} ${whose} ${marks.filter(Boolean).join()}`;
  if (now.joinedInto !== undefined) return { cell, counts: null };
  const inbound = inboundIn(story.at(-1));
  const settled = story.findLast(({ data }) => data.conversation.state === 'handled');
  const owed = now.state === 'handled' ? 0 : Math.min(inbound, Math.max(1, inbound - inboundIn(settled)));
  const answer = story.findLast((event) => isAnswer(event) && event.data.conversation.state === 'handled');
  const since = story.findLastIndex((event, at) => isSettledBy(event, story[at - 1]));
  const deliveries = new Map<string, string>();
  for (const event of story.slice(Math.max(since, 0))) {
    if (event.type === 'conversation.delivery-changed') deliveries.set(event.data.messageId, event.data.status);
  }
  const abnormal = [...deliveries.values()].filter((status) => status === 'failed' || status === 'unknown').length;
  return { cell, counts: [1, now.unreadCount, owed, Math.min(inboundIn(answer), inbound - owed), abnormal] };
}

const accounts = [newId<ChannelAccountId>(), newId<ChannelAccountId>()] as const;
const agents = [newId<AgentId>(), newId<AgentId>()] as const;
const teams = [newId<TeamId>(), newId<TeamId>()] as const;
const messages = [newId<MessageId>(), newId<MessageId>()] as const;
const at = '2026-01-02T03:04:05.678Z';

/** Something that happens to a conversation. */
const step = fc.record({
  what: fc.constantFrom('buyer', 'agent', 'bot', 'changed', 'delivery', 'joined'),
  state: fc.constantFrom('unread', 'pending', 'handled', 'transferred'),
  phase: fc.constantFrom('open', 'snoozed', 'closed'),
  assigneeId: fc.constantFrom(null, ...agents),
  teamId: fc.constantFrom(null, ...teams),
  enquiryType: fc.constantFrom(null, 'refund', 'logistics'),
  isOverdue: fc.boolean(),
  marks: fc.subarray<'complaint' | 'risk'>(['complaint', 'risk']),
  unreadCount: fc.nat(5),
  messageId: fc.constantFrom(...messages),
  status: fc.constantFrom('sent', 'failed', 'unknown'),
});
const history = fc.record({
  accountId: fc.constantFrom(...accounts),
  channel: fc.constantFrom(...channels),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});
type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

/** The events of a conversation. A join may be undone by what happens next. */
function eventsOf(tenantId: TenantId, { steps, ...of }: History): Counted[] {
  const conversationId = newId<ConversationId>();
  let inboundCount = 0;
  return steps.map(({ what, isOverdue, messageId, status, ...told }, index) => {
    if (what === 'buyer') inboundCount += 1;
    const state = what === 'agent' ? 'handled' : told.state;
    const event = {
      ...{ ...of, ...told, state, tenantId, conversationId, inboundCount, version: index + 1 },
      waitingSince: state === 'handled' ? null : at,
      ...(isOverdue ? { overdueSince: at } : {}),
      ...(what === 'joined' ? { joinedInto: newId<ConversationId>() } : {}),
    } as const;
    if (what === 'delivery') return givenDelivery(event, { messageId, status });
    return what === 'changed' || what === 'joined' ? givenChange(event) : givenMessage(event, what);
  });
}

const histories = fc.array(history, { minLength: 1, maxLength: 8 });

test('S1-1.2: what happens to conversations, in their order, repeated, in batches of any size: a recount finds the same', async () => {
  const property = fc.asyncProperty(
    histories,
    fc.infiniteStream(fc.nat()),
    fc.integer({ min: 1, max: 9 }),
    async (given, numbers, batchSize) => {
      const tenantId = newId<TenantId>();
      const waiting = given.map((one) => eventsOf(tenantId, one));
      const all = waiting.flat();
      const events: Counted[] = [];
      const number = () => numbers.next().value ?? 0;
      while (waiting.some((own) => own.length > 0)) {
        const own = waiting[number() % waiting.length]?.splice(0, 1 + (number() % 3)) ?? [];
        events.push(...own, ...(number() % 4 === 0 ? own : []));
      }
      for (let i = 0; i < events.length; i += batchSize) await applyBatch(events.slice(i, i + batchSize));
      expect(await countersOf(tenantId)).toEqual(expectedFrom(all));
      expect(await analytics.recount(tenantId)).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 80 });
});

test('events in any order, repeated, and in batches of any size give the same counts as a recount', async () => {
  const property = fc.asyncProperty(
    histories,
    fc.infiniteStream(fc.nat()),
    fc.integer({ min: 1, max: 9 }),
    async (given, numbers, batchSize) => {
      const tenantId = newId<TenantId>();
      const events = given.flatMap((one) => eventsOf(tenantId, one));
      const repeated = [...events, ...events.filter(() => (numbers.next().value ?? 0) % 2 === 0)];
      const shuffled = repeated
        .map((event) => ({ event, place: numbers.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      for (let i = 0; i < shuffled.length; i += batchSize) await applyBatch(shuffled.slice(i, i + batchSize));
      // What is counted over events depends on their order, which the log keeps; what a snapshot tells does not.
      expect(snapshotsIn(await countersOf(tenantId))).toEqual(snapshotsIn(expectedFrom(events)));
      expect(await analytics.recount(tenantId)).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

/** Conversations and unread messages. */
function snapshotsIn(counters: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counters).map(([cell, counts]) => [cell, counts.split('/').slice(0, 2).join('/')]),
  );
}

test('batches of several partitions at once, all on the same counters, stay exact', async () => {
  const tenantId = newId<TenantId>();
  const other = newId<TenantId>();
  const states = ['unread', 'pending', 'handled', 'transferred'] as const;
  const partitions = Array.from({ length: 6 }, (_, partition) =>
    Array.from({ length: 60 }, (__, i) => {
      const conversationId = newId<ConversationId>();
      return [1, 2, 3].map((version) =>
        givenChange({
          tenantId: i % 5 === 0 ? other : tenantId,
          conversationId,
          accountId: accounts[(i + partition) % 2] ?? accounts[0],
          channel: channels[(i * 7 + partition) % channels.length] ?? 'generic',
          state: states[(i + version + partition) % 4] ?? 'unread',
          unreadCount: (i + version) % 4,
          version,
        }),
      );
    }).flat(),
  );
  await Promise.all(
    partitions.map(async (events, partition) => {
      // Every partition changes the counters in another order.
      const turned = [...events.slice(partition * 20), ...events.slice(0, partition * 20)];
      for (let i = 0; i < turned.length; i += 15) await applyBatch(turned.slice(i, i + 15));
    }),
  );
  for (const one of [tenantId, other]) {
    expect(await countersOf(one)).toEqual(expectedFrom(partitions.flat().filter((event) => event.tenantId === one)));
    expect(await analytics.recount(one)).toEqual([]);
  }
});

test('the same batch twice at once counts once', async () => {
  const tenantId = newId<TenantId>();
  const events = Array.from({ length: 40 }, () => givenChange({ tenantId, version: 1 }));
  await Promise.all([applyBatch(events), applyBatch([...events].reverse()), applyBatch(events)]);
  expect(await countersOf(tenantId)).toEqual(expectedFrom(events));
});

test('a recount finds and corrects wrong counters, and finds nothing the next time', async () => {
  const tenantId = newId<TenantId>();
  const event = givenChange({ tenantId, version: 1, unreadCount: 3, inboundCount: 3, phase: 'open' });
  const { accountId } = event.data.conversation;
  await applyBatch([event]);
  await sql`update inbox_counter set conversation_count = 7, unread_message_count = 0
    where tenant_id = ${tenantId}`.execute(analytics.runtime.db.worker);
  await sql`insert into inbox_counter select tenant_id, account_id, channel, 'handled', phase, assignee_id, team_id,
      enquiry_type, 'overdue', 1, 1, 0, 0, 0 from inbox_counter where tenant_id = ${tenantId}`.execute(
    analytics.runtime.db.worker,
  );
  const [first, second] = await Promise.all([analytics.recount(tenantId), analytics.recount(tenantId)]);
  const found = first.length > 0 ? first : second;
  const cell = { tenantId, accountId, channel: 'shopee', assigneeId: null, teamId: null, enquiryType: null };
  const none = { unprocessedCount: 0, repliedCount: 0, abnormalCount: 0 };
  expect(found).toEqual([
    { ...cell, phase: 'open', state: 'handled', marks: ['overdue'], conversationCount: -1, unreadCount: -1, ...none },
    { ...cell, phase: 'open', state: 'unread', marks: [], conversationCount: -6, unreadCount: 3, ...none },
  ]);
  expect(first.length + second.length).toBe(2);
  expect(await countersOf(tenantId)).toEqual(expectedFrom([event]));
});

test('the nightly job corrects every tenant, tells what was wrong, and removes what counts nothing', async () => {
  const [right, wrong] = [newId<TenantId>(), newId<TenantId>()];
  const conversationId = newId<ConversationId>();
  await applyBatch([givenChange({ tenantId: right, conversationId, version: 1 })]);
  await applyBatch([
    givenChange({ tenantId: right, conversationId, version: 2, state: 'handled' }),
    givenChange({ tenantId: wrong, version: 1 }),
  ]);
  await sql`delete from inbox_counter where tenant_id = ${wrong}`.execute(analytics.runtime.db.worker);
  const errors: unknown[] = [];
  const log = analytics.runtime.log.child({});
  log.error = (entry: unknown) => errors.push(entry);
  await recountAll({ ...analytics.runtime, log });
  expect(errors).toMatchObject([{ tenantId: wrong, missing: [{ conversationCount: 1 }] }]);
  expect(await analytics.recount(wrong)).toEqual([]);
  const { rows } = await sql`select from inbox_counter where tenant_id = ${right}`.execute(analytics.runtime.db.worker);
  expect(rows).toHaveLength(1);
  const { registry } = analytics.runtime.metrics;
  const before = Number(
    (await registry.getSingleMetric('crossdesk_inbox_wrong_counters_total')?.get())?.values[0]?.value,
  );
  expect(before).toBeGreaterThanOrEqual(1);
});

test('a recount while batches commit loses none of their changes', async () => {
  const tenantId = newId<TenantId>();
  const batches = Array.from({ length: 30 }, () =>
    Array.from({ length: 10 }, () => givenChange({ tenantId, accountId: accounts[0], version: 1 })),
  );
  const found: unknown[] = [];
  await Promise.all([
    (async () => {
      for (const batch of batches) await applyBatch(batch);
    })(),
    (async () => {
      for (let i = 0; i < 30; i += 1) found.push(...(await analytics.recount(tenantId)));
    })(),
  ]);
  expect(found).toEqual([]);
  expect(await countersOf(tenantId)).toEqual(expectedFrom(batches.flat()));
});
