import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
import { channels } from '@crossdesk/channels';
import { callHandlers } from '@crossdesk/service-kit';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type AnalyticsService, openAnalytics } from '../src/app.ts';
import { onConversation } from '../src/consumers/on-conversation.ts';
import { readCounters } from '../src/inbox/inbox.store.ts';
import { recountAll } from '../src/inbox/recount.commands.ts';
import { givenChange } from './given.ts';

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

type Change = EventOf<'conversation.changed'>;

/**
 * Handles one batch of a partition without marking events as consumed: the counting itself has to tolerate repetition.
 */
function applyBatch(events: readonly Change[]): Promise<void> {
  return analytics.runtime.db.asWorker((trx) =>
    callHandlers(
      onConversation,
      trx,
      events.map((event) => ({ event, traceparent: null })),
    ),
  );
}

async function countersOf(tenantId: TenantId): Promise<Record<string, string>> {
  const rows = await analytics.runtime.db.asWorker((trx) => readCounters(trx, tenantId));
  return Object.fromEntries(
    rows
      .filter((row) => row.conversation_count !== '0' || row.unread_message_count !== '0')
      .map((row) => [
        `${row.account_id} ${row.channel} ${row.state}`,
        `${row.conversation_count}/${row.unread_message_count}`,
      ]),
  );
}

/** The expected counters: counted from the latest snapshot of each conversation. */
function expectedFrom(events: readonly Change[]): Record<string, string> {
  const latest = new Map<string, Change>();
  for (const event of events) {
    const known = latest.get(event.aggregateId);
    if (known === undefined || known.aggregateVersion < event.aggregateVersion) latest.set(event.aggregateId, event);
  }
  const cells = new Map<string, { conversations: number; messages: number }>();
  for (const { data } of latest.values()) {
    const { accountId, channel, state, unreadCount } = data.conversation;
    const cell = cells.get(`${accountId} ${channel} ${state}`) ?? { conversations: 0, messages: 0 };
    cells.set(`${accountId} ${channel} ${state}`, {
      conversations: cell.conversations + 1,
      messages: cell.messages + unreadCount,
    });
  }
  return Object.fromEntries([...cells].map(([key, cell]) => [key, `${cell.conversations}/${cell.messages}`]));
}

const accounts = [newId<ChannelAccountId>(), newId<ChannelAccountId>()] as const;
const state = fc.constantFrom('unread', 'pending', 'handled', 'transferred');
const step = fc.record({ state, unreadCount: fc.nat(5) });
const history = fc.record({
  account: fc.constantFrom(...accounts),
  channel: fc.constantFrom(...channels),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
});

function eventsOf(
  tenantId: TenantId,
  one: {
    account: ChannelAccountId;
    channel: Change['data']['conversation']['channel'];
    steps: { state: Change['data']['conversation']['state']; unreadCount: number }[];
  },
) {
  const conversationId = newId<ConversationId>();
  return one.steps.map(({ state: next, unreadCount }, index) =>
    givenChange({
      tenantId,
      conversationId,
      accountId: one.account,
      channel: one.channel,
      state: next,
      unreadCount,
      version: index + 1,
    }),
  );
}

test('events in any order, repeated, and in batches of any size give the same counts as a recount', async () => {
  const property = fc.asyncProperty(
    fc.array(history, { minLength: 1, maxLength: 8 }),
    fc.infiniteStream(fc.nat()),
    fc.integer({ min: 1, max: 9 }),
    async (histories, numbers, batchSize) => {
      const tenantId = newId<TenantId>();
      const events = histories.flatMap((one) => eventsOf(tenantId, one));
      const repeated = [...events, ...events.filter(() => (numbers.next().value ?? 0) % 2 === 0)];
      const shuffled = repeated
        .map((event) => ({ event, place: numbers.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      for (let i = 0; i < shuffled.length; i += batchSize) await applyBatch(shuffled.slice(i, i + batchSize));
      expect(await countersOf(tenantId)).toEqual(expectedFrom(events));
      expect(await analytics.recount(tenantId)).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

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
  const event = givenChange({ tenantId, version: 1, unreadCount: 3 });
  const { accountId } = event.data.conversation;
  await applyBatch([event]);
  await sql`update inbox_counter set conversation_count = 7, unread_message_count = 0
    where tenant_id = ${tenantId}`.execute(analytics.runtime.db.worker);
  await sql`insert into inbox_counter values (${tenantId}, ${accountId}, 'shopee', 'handled', 1, 1)`.execute(
    analytics.runtime.db.worker,
  );
  const [first, second] = await Promise.all([analytics.recount(tenantId), analytics.recount(tenantId)]);
  const found = first.length > 0 ? first : second;
  expect(found).toEqual([
    { tenantId, accountId, channel: 'shopee', state: 'handled', conversationCount: -1, unreadMessageCount: -1 },
    { tenantId, accountId, channel: 'shopee', state: 'unread', conversationCount: -6, unreadMessageCount: 3 },
  ]);
  expect(first.length + second.length).toBe(2);
  expect(await countersOf(tenantId)).toEqual(expectedFrom([event]));
});

test('the nightly job corrects every tenant and logs an error for each that was wrong', async () => {
  const [right, wrong] = [newId<TenantId>(), newId<TenantId>()];
  await applyBatch([givenChange({ tenantId: right, version: 1 }), givenChange({ tenantId: wrong, version: 1 })]);
  await sql`delete from inbox_counter where tenant_id = ${wrong}`.execute(analytics.runtime.db.worker);
  const errors: unknown[] = [];
  const log = analytics.runtime.log.child({});
  log.error = (entry: unknown) => errors.push(entry);
  await recountAll({ db: analytics.runtime.db, log });
  expect(errors).toMatchObject([{ tenantId: wrong, missing: [{ conversationCount: 1 }] }]);
  expect(await analytics.recount(wrong)).toEqual([]);
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
