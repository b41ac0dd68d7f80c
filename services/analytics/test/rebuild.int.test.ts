import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type MessageId,
  newId,
  type TeamId,
  type TenantId,
  topicOf,
} from '@crossdesk/contracts';
import { channels } from '@crossdesk/channels';
import { rebuildProjection, type Rebuilt, type ServiceRuntime } from '@crossdesk/service-kit';
import { anAgent, eventually, openHarness, type TestHarness, testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Client } from 'pg';
import { type AnalyticsService, openAnalytics } from '../src/app.ts';
import { onConversation } from '../src/consumers/on-conversation.ts';
import { inboxProjection } from '../src/consumers/inbox.projection.ts';
import { type Counted, givenChange, givenDelivery, givenMessage } from './given.ts';

let harness: TestHarness;
let analytics: AnalyticsService;
let admin: Client;

beforeAll(async () => {
  harness = await openHarness();
  analytics = await openAnalytics(harness.deps);
  await analytics.start();
  admin = new Client({ connectionString: harness.databaseUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await analytics.stop(5_000);
  await harness.close();
});

/** Writes events into the history of the conversations; with `isPublished`, as the relay leaves them. */
async function write(events: readonly Counted[], isPublished = true): Promise<void> {
  await admin.query(
    `insert into conversation.outbox_event (event_id, tenant_id, topic, key, envelope, published_at)
     select (e->>'id')::uuid, (e->>'tenantId')::uuid, $2, (e->>'aggregateId')::uuid, e, case when $3 then now() end
     from unnest($1::jsonb[]) with ordinality as events (e, position) order by position`,
    [events.map((event) => JSON.stringify(event)), topicOf('conversation.changed'), isPublished],
  );
}

/** As in operation: into the history and onto the log. */
async function happen(...events: Counted[]): Promise<void> {
  await write(events);
  await harness.publish(...events);
}

async function digest(): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, meaningful = 'true' } of inboxProjection.tables) {
    const { rows } = await admin.query<{ row: string }>(
      `select t::text as row from analytics.${name} t where ${meaningful} order by 1`,
    );
    for (const { row } of rows) hash.update(`${name} ${row}\n`);
  }
  return hash.digest('hex');
}

async function takenCount(): Promise<number> {
  const { rows } = await admin.query<{ n: number }>('select count(*)::int as n from analytics.consumed_event');
  return rows[0]?.n ?? 0;
}

const consumed = (count: number) => eventually(async () => expect(await takenCount()).toBe(count));

const rebuild = (projection = inboxProjection): Promise<Rebuilt> =>
  rebuildProjection(
    { databaseUrl: harness.databaseUrl, historyDatabaseUrl: harness.databaseUrl, keys: testKeys },
    projection,
  );

const tenants = [newId<TenantId>(), newId<TenantId>()] as const;
const accounts = [newId<ChannelAccountId>(), newId<ChannelAccountId>()] as const;
const states = ['unread', 'pending', 'handled', 'transferred'] as const;

const agents = [newId<AgentId>(), null] as const;
const teams = [null, newId<TeamId>(), newId<TeamId>()] as const;
const messageId = newId<MessageId>();

/** The events of some conversations, in the order in which they happen. */
function lives(conversations: number, changes: number): Counted[] {
  const ids = Array.from({ length: conversations }, () => newId<ConversationId>());
  return Array.from({ length: conversations * changes }, (_, n) => {
    const which = n % conversations;
    const conversationId = ids[which] ?? newId<ConversationId>();
    const version = Math.floor(n / conversations) + 1;
    const one = {
      tenantId: tenants[which % 2] ?? tenants[0],
      conversationId,
      accountId: accounts[which % 2] ?? accounts[0],
      channel: channels[which % channels.length] ?? 'shopee',
      state: states[(n * 7) % 4] ?? 'unread',
      assigneeId: agents[n % 2] ?? null,
      teamId: teams[n % 3] ?? null,
      unreadCount: n % 3,
      inboundCount: version,
      version,
    };
    if (n % 5 === 0) return givenMessage(one, n % 2 === 0 ? 'buyer' : 'agent');
    return n % 5 === 1 ? givenDelivery(one, { messageId, status: 'failed' }) : givenChange(one);
  });
}

test('a rebuild changes nothing in correct tables, repairs tampered ones, and counts nothing twice', async () => {
  const events = lives(40, 12);
  await happen(...events);
  await consumed(events.length);
  const before = await digest();
  expect(await rebuild()).toEqual({ eventCount: events.length, differenceCount: 0, lockedMs: expect.any(Number) });
  expect(await digest()).toBe(before);

  await admin.query(`
    update analytics.inbox_counter set conversation_count = conversation_count + 5 where state = 'handled';
    delete from analytics.conversation_fact where conversation_id in (select conversation_id from analytics.conversation_fact limit 3);
    insert into analytics.inbox_counter select gen_random_uuid(), account_id, channel, state, phase, assignee_id, team_id,
      enquiry_type, marks, 9, 9, 9, 9, 9 from analytics.inbox_counter limit 1`);
  expect(await digest()).not.toBe(before);
  expect((await rebuild()).differenceCount).toBeGreaterThanOrEqual(5);
  expect(await digest()).toBe(before);
  // The log may bring the same events again.
  await harness.publish(...events);
  const [next] = lives(1, 1);
  if (next === undefined) throw new Error('no event');
  await happen(next);
  await consumed(events.length + 1);
  expect((await rebuild()).differenceCount).toBe(0);
});

test('live consumption goes on during a rebuild, and afterwards every event is counted once', async () => {
  const start = await takenCount();
  const events = lives(60, 20);
  const half = events.length / 2;
  await happen(...events.slice(0, half));
  let isRunning = true;
  const running = rebuild().finally(() => (isRunning = false));
  let sent = half;
  while (isRunning && sent < events.length) {
    await happen(...events.slice(sent, sent + 10));
    sent += 10;
  }
  await running;
  await happen(...events.slice(sent));
  await consumed(start + events.length);
  expect((await analytics.recount(tenants[0])).concat(await analytics.recount(tenants[1]))).toEqual([]);
  expect((await rebuild()).differenceCount).toBe(0);
});

test('events consumed before the relay marks them are kept, those not on the log yet are counted later', async () => {
  const start = await takenCount();
  const [early, late] = [lives(1, 1)[0], lives(1, 1)[0]];
  if (early === undefined || late === undefined) throw new Error('no events');
  await write([early, late], false);
  await harness.publish(early);
  await consumed(start + 1);
  expect((await rebuild()).differenceCount).toBe(0);
  await harness.publish(early, late);
  await consumed(start + 2);
  await admin.query('update conversation.outbox_event set published_at = clock_timestamp() where published_at is null');
  expect((await rebuild()).differenceCount).toBe(0);
});

test('a parked event stays parked through a rebuild, and is counted when it is replayed', async () => {
  const [parked] = lives(1, 1);
  if (parked === undefined) throw new Error('no event');
  await write([parked]);
  await admin.query(
    `insert into analytics.dead_letter (id, tenant_id, consumer, event_id, key, topic, is_blocking, raw, reason, attempts)
     values (gen_random_uuid(), $1, $2, $3, $4, $5, true, $6, 'planted', 6)`,
    [parked.tenantId, onConversation.name, parked.id, parked.aggregateId, topicOf(parked.type), JSON.stringify(parked)],
  );
  const before = await digest();
  expect((await rebuild()).differenceCount).toBe(0);
  expect(await digest()).toBe(before);
  const { replay }: Pick<ServiceRuntime<unknown>, 'replay'> = analytics.runtime;
  const caller = anAgent(parked.tenantId, 'admin');
  expect(await replay({ caller }, onConversation.name, parked.aggregateId)).toMatchObject({ replayedCount: 1 });
  expect(await digest()).not.toBe(before);
  expect((await rebuild()).differenceCount).toBe(0);
});

test('a handler that fails does not change the live tables, and neither does a second rebuild at the same time', async () => {
  const before = await digest();
  const failing = {
    ...inboxProjection,
    consumer: {
      ...onConversation,
      on: { 'conversation.changed': () => Promise.reject(new Error('a bug of today')) },
    },
  };
  await expect(rebuild(failing)).rejects.toThrow('a bug of today');
  const outcomes = await Promise.allSettled([rebuild(), rebuild()]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await digest()).toBe(before);
  const { rows } = await sql`select from pg_namespace where nspname = 'analytics_rebuild'`.execute(
    analytics.runtime.db.worker,
  );
  expect(rows).toEqual([]);
});
