import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type EventData,
  type FollowUpId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Caller, Delivered } from '@crossdesk/service-kit';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { tellPeople } from '../src/consumers/notify.consumer.ts';
import { createAgent } from '../src/index.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, password, readConversation } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Input = Record<string, unknown>;

async function told(caller: Caller, isUnread: boolean | null = null) {
  const query = `query ($isUnread: Boolean) { notifications(first: 50, isUnread: $isUnread) {
    totalCount edges { node { id kind conversation { id } bulkJob { id } account { id } readAt } } } }`;
  const { edges } = dataOf(await ask(bench.service.subgraph, caller, query, { isUnread })).notifications;
  return edges.map(({ node }) => node);
}

/** Waits until the consumer has seen everything that was published so far. */
async function everythingSeen(): Promise<void> {
  const topics = ['conversation.conversation', 'conversation.work', 'ingest.account'] as const;
  await eventually(async () => {
    const { rows } = await bench.service.runtime.db.asWorker((trx) =>
      sql`select from outbox_event where published_at is null limit 1`.execute(trx),
    );
    expect([rows.length, await bench.harness.broker.lag('conversation.notify', topics)]).toEqual([0, 0n]);
  });
}

async function assign(caller: Caller, conversationId: string, agentId: string | null) {
  const { version: expectedVersion } = await readConversation(bench, caller, conversationId);
  const query = 'mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { errors { code } } }';
  const input = { conversationId, agentId, expectedVersion };
  expect(dataOf(await ask(bench.service.subgraph, caller, query, { input })).assignConversation.errors).toEqual([]);
}

async function choose(caller: Caller, input: Input) {
  const query = `mutation ($input: SetNotificationPreferencesInput!) { setNotificationPreferences(input: $input) {
    preferences { version zone quietHours { from until } ways { kind way } } errors { code path } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).setNotificationPreferences;
}

/** The ids of notifications that were pushed to somebody. */
async function pushedTo(tenantId: TenantId, agentId: string): Promise<string[]> {
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ id: string }>`
      select envelope -> 'data' ->> 'notificationId' as id from outbox_event
      where tenant_id = ${tenantId} and topic = 'conversation.notification'
        and envelope -> 'data' ->> 'agentId' = ${agentId} order by event_id desc`.execute(trx),
  );
  return rows.map(({ id }) => id);
}

async function eventsOf(caller: Caller, ids: readonly string[]) {
  const query = `query ($ids: [ID!]!) { notificationEventsByIds(ids: $ids) { id notification { kind } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { ids })).notificationEventsByIds;
}

test('S2-3.3: an assignee is told of the assignment by others and of each new message, once, and nobody else is', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const first = await givenInbound(bench, { tenantId });
  const { conversationId } = first;
  await assign(agent, conversationId, agentId);
  await assign(admin, conversationId, null);
  await assign(admin, conversationId, agentId);
  await givenInbound(bench, { ...first, tenantId, messageId: newId(), externalMessageId: newId() });
  await everythingSeen();
  const mine = await told(agent);
  expect(mine.map(({ kind, conversation }) => [kind, conversation.id])).toEqual([
    ['MESSAGE', conversationId],
    ['ASSIGNED', conversationId],
  ]);
  expect(await told(admin)).toEqual([]);
  expect(await pushedTo(tenantId, agentId)).toEqual(mine.map(({ id }) => id));

  const mark =
    'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { markedCount } }';
  const marked = async (input: Input) =>
    dataOf(await ask(bench.service.subgraph, agent, mark, { input })).markNotificationsRead.markedCount;
  expect(await marked({ ids: [mine[0]?.id] })).toBe(1);
  expect((await told(agent, true)).map(({ kind }) => kind)).toEqual(['ASSIGNED']);
  expect([await marked({}), await marked({})]).toEqual([1, 0]);
});

test('S2-7.1: of a conversation that a person no longer sees they are neither shown nor counted what they were told', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  await assign(admin, conversationId, agentId);
  await everythingSeen();
  const [pushed] = await bench.harness.events.count(
    'conversation.agent-notified',
    1,
    (event) => event.tenantId === tenantId,
  );
  const access = { stores: null, reach: 'own' as const, teams: [] };
  const limited = { ...anAgent(tenantId, 'agent', agentId), access };
  const seen = async (caller: Caller) => {
    const { notifications } = dataOf(await ask(bench.service.subgraph, caller, '{ notifications { totalCount } }'));
    const events = await eventsOf(caller, [pushed?.id ?? '']);
    return [(await told(caller)).length, notifications.totalCount, events[0]?.notification.kind ?? null];
  };
  expect(await seen(limited)).toEqual([1, 1, 'ASSIGNED']);
  await assign(admin, conversationId, null);
  expect(await seen(limited)).toEqual([0, 0, null]);
  expect(await seen(agent)).toEqual([1, 1, 'ASSIGNED']);
});

test('S1-3.4: the owner of a follow-up is told that it is due, once, also when it is told again', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const [followUpId, customerId] = [newId<FollowUpId>(), newId<CustomerId>()];
  const data: EventData<'crm.follow-up-due'> = {
    ...{ followUpId, customerId, profileId: customerId, conversationId, ownerId: agentId, occurrence: 1 },
    dueAt: new Date().toISOString(),
  };
  const due = anEvent('crm.follow-up-due', data, { tenantId, aggregateId: customerId });
  await bench.harness.publish(due, due);
  const shown = `{ notifications(first: 5) { edges { node { kind conversation { id } followUp { id } } } } }`;
  await eventually(async () => {
    const { notifications } = dataOf(await ask(bench.service.subgraph, agent, shown));
    expect(notifications.edges.map(({ node }) => node)).toEqual([
      { kind: 'FOLLOW_UP_DUE', conversation: { id: conversationId }, followUp: { id: followUpId } },
    ]);
  });
  const [pushed] = await bench.harness.events.count(
    'conversation.agent-notified',
    1,
    (event) => event.tenantId === tenantId,
  );
  expect(pushed?.data).toMatchObject({ agentId, kind: 'follow-up-due', followUpId });
  expect(await told(admin)).toEqual([]);
});

test('S2-3.3: people switch kinds off and have quiet hours, in which nothing is pushed', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const always = { quietHours: { from: '00:00', until: '23:59' }, zone: 'UTC' };
  const { preferences } = await choose(agent, { ...always, expectedVersion: 0 });
  expect(preferences).toMatchObject({ version: 1, quietHours: { from: '00:00', until: '23:59' } });
  expect((await choose(agent, { ...always, expectedVersion: 0 })).errors[0]?.code).toBe('VERSION_CONFLICT');
  expect((await choose(agent, { zone: 'Mars/Base', expectedVersion: 1 })).errors[0]?.path).toEqual(['input', 'zone']);
  const first = await givenInbound(bench, { tenantId });
  await assign(agent, first.conversationId, agentId);
  const next = () => givenInbound(bench, { ...first, tenantId, messageId: newId(), externalMessageId: newId() });
  await next();
  await everythingSeen();
  expect([(await told(agent)).length, await pushedTo(tenantId, agentId)]).toEqual([1, []]);

  await choose(agent, { ways: [{ kind: 'MESSAGE', way: 'OFF' }], expectedVersion: 1 });
  await next();
  await everythingSeen();
  expect(await told(agent)).toHaveLength(1);
});

test('S1-1.7: a service level that is nearly over is told to the assignee, one that is over also to the leads, each once', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  const at = new Date().toISOString();
  const clock: EventData<'conversation.sla-warned'> = {
    conversation: {
      conversationId,
      accountId,
      channel: 'shopee',
      state: 'unread',
      priority: 'normal',
      assigneeId: agentId,
      unreadCount: 1,
      waitingSince: at,
      lastMessageAt: at,
    },
    clockId: newId(),
    metric: 'first-response',
    origin: 'platform',
    cycle: 1,
    policyId: null,
    policyVersion: null,
    calendarId: null,
    calendarVersion: null,
    budgetMinutes: 30,
    startedAt: at,
    dueAt: at,
    metAt: null,
  };
  const about = { tenantId, aggregateId: conversationId };
  const warned = anEvent('conversation.sla-warned', clock, about);
  const breached = anEvent('conversation.sla-breached', clock, { ...about, aggregateVersion: 2 });
  await bench.harness.publish(warned, breached, warned, breached);
  await everythingSeen();
  expect((await told(agent)).map(({ kind }) => kind)).toEqual(['SLA_BREACHED', 'SLA_WARNED']);
  expect((await told(admin)).map(({ kind }) => kind)).toEqual(['SLA_BREACHED']);
});

test('what is told again tells nobody again, and what was pushed is read by its reader only', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  await assign(admin, conversationId, agentId);
  await everythingSeen();
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ envelope: Delivered<'conversation.changed'>['event'] }>`
      select envelope from outbox_event where tenant_id = ${tenantId} and envelope ->> 'type' = 'conversation.changed'`.execute(
      trx,
    ),
  );
  const again = rows.map(({ envelope: event }) => ({ event, traceparent: null }));
  expect(again).toHaveLength(1);
  await bench.service.runtime.db.asWorker((trx) => tellPeople(bench.service.runtime, trx, again));
  expect([(await told(agent)).length, (await pushedTo(tenantId, agentId)).length]).toEqual([1, 1]);

  const { rows: events } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ event_id: string }>`
      select event_id from outbox_event where tenant_id = ${tenantId} and topic = 'conversation.notification'`.execute(
      trx,
    ),
  );
  const ids = events.map(({ event_id: id }) => id);
  expect(await eventsOf(agent, ids)).toMatchObject([{ id: ids[0], notification: { kind: 'ASSIGNED' } }]);
  expect(await eventsOf(admin, ids)).toEqual([null]);
});

test('a lost authorisation is told to those who lead, the end of a job to whoever created it', async () => {
  const { tenantId, slug, admin, agent } = await givenWorkspace(bench);
  const { id } = await createAgent(bench.service, tenantId, {
    displayName: 'Cy',
    email: `cy@${slug}.example.com`,
    password,
    role: 'supervisor',
  });
  const accountId = newId<ChannelAccountId>();
  const account = {
    accountId,
    channel: 'shopee',
    displayName: 'Shop',
    externalAccountId: '1',
    statusReason: null,
  } as const;
  await bench.harness.publish(
    anEvent('ingest.account-changed', { ...account, status: 'reauthorise' }, { tenantId, aggregateId: accountId }),
  );
  const supervisor = anAgent(tenantId, 'supervisor', id);
  const create = 'mutation ($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } } }';
  const { conversationId } = await givenInbound(bench, { tenantId });
  const ids: ConversationId[] = [conversationId];
  const input = { clientMutationId: newId(), conversationIds: ids, action: { note: 'Checked' } };
  const { job } = dataOf(await ask(bench.service.subgraph, supervisor, create, { input })).createBulkJob;
  const start = 'mutation ($input: ControlBulkJobInput!) { controlBulkJob(input: $input) { job { state } } }';
  await ask(bench.service.subgraph, supervisor, start, { input: { jobId: job.id, action: 'START' } });
  await eventually(async () =>
    expect((await told(supervisor)).map(({ kind }) => kind).toSorted()).toEqual(['AUTHORISATION', 'BULK_DONE']),
  );
  const own = await told(supervisor);
  expect(own.find(({ kind }) => kind === 'BULK_DONE')?.bulkJob.id).toBe(job.id);
  expect(await told(admin)).toMatchObject([{ kind: 'AUTHORISATION', account: { id: accountId } }]);
  expect(await told(agent)).toEqual([]);
});

test('S1-1.3: those who lead are told that an authorisation ends, and the news is withdrawn when it is renewed', async () => {
  const { tenantId, admin, agent } = await givenWorkspace(bench);
  const accountId = newId<ChannelAccountId>();
  const about = { accountId, channel: 'shopee', displayName: 'Shop' } as const;
  const publish = (change: 'expiring' | 'renewed', warnedDays: number | null) =>
    bench.harness.publish(
      anEvent(
        'ingest.authorisation-changed',
        { ...about, change, endsAt: '2027-01-01T00:00:00.000Z', isAssumed: false, warnedDays },
        { tenantId, aggregateId: accountId },
      ),
    );
  await publish('expiring', 30);
  await publish('expiring', 7);
  await everythingSeen();
  const kinds = async (isUnread: boolean) => (await told(admin, isUnread)).map(({ kind }) => kind);
  expect(await kinds(true)).toEqual(['AUTHORISATION_EXPIRING', 'AUTHORISATION_EXPIRING']);
  expect(await told(agent)).toEqual([]);
  await publish('renewed', null);
  await everythingSeen();
  expect([await kinds(true), await kinds(false)]).toEqual([[], ['AUTHORISATION_EXPIRING', 'AUTHORISATION_EXPIRING']]);
  const account = { ...about, externalAccountId: '1', statusReason: null };
  for (const status of ['reauthorise', 'connected'] as const)
    await bench.harness.publish(
      anEvent('ingest.account-changed', { ...account, status }, { tenantId, aggregateId: accountId }),
    );
  await everythingSeen();
  expect([await kinds(true), (await kinds(false))[0]]).toEqual([[], 'AUTHORISATION']);
});

test('whoever a note calls and whoever follows a conversation is told, but nobody of what they did', async () => {
  const { tenantId, admin, adminId, agent, agentId } = await givenWorkspace(bench);
  const first = await givenInbound(bench, { tenantId });
  const { conversationId } = first;
  const watch = 'mutation ($input: WatchConversationInput!) { watchConversation(input: $input) { errors { code } } }';
  const input = { conversationId };
  expect(dataOf(await ask(bench.service.subgraph, admin, watch, { input })).watchConversation.errors).toEqual([]);
  const note = 'mutation ($input: AddNoteInput!) { addNote(input: $input) { errors { code } } }';
  const called = {
    clientMutationId: newId(),
    conversationId,
    text: 'Please look',
    mentionedAgentIds: [adminId, agentId],
  };
  expect(dataOf(await ask(bench.service.subgraph, agent, note, { input: called })).addNote.errors).toEqual([]);
  await givenInbound(bench, { ...first, tenantId, messageId: newId(), externalMessageId: newId() });
  await assign(admin, conversationId, adminId);
  await givenInbound(bench, { ...first, tenantId, messageId: newId(), externalMessageId: newId() });
  await everythingSeen();
  // As the assignee the admin is told of the second message once, although they follow the conversation.
  expect((await told(admin)).map(({ kind }) => kind)).toEqual(['MESSAGE', 'WATCHED', 'MENTIONED']);
  expect((await told(agent)).map(({ kind }) => kind)).not.toContain('MENTIONED');
  const shown = '{ notifications { edges { node { kind actor { id } note { text author { id } } } } } }';
  const { notifications } = dataOf(await ask(bench.service.subgraph, admin, shown));
  expect(notifications.edges.map(({ node }) => node)).toEqual([
    { kind: 'MESSAGE', actor: null, note: null },
    { kind: 'WATCHED', actor: null, note: null },
    { kind: 'MENTIONED', actor: { id: agentId }, note: { text: 'Please look', author: { id: agentId } } },
  ]);
});
