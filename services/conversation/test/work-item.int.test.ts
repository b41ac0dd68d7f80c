import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anEvent, ask, eventually, givenMessage } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { takeMessages } from '../src/consumers/on-message-received.ts';
import { takeAnalyses } from '../src/consumers/on-understood.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench } from './given.ts';

let bench: Bench;
let elapsedMs = 0;
beforeAll(async () => {
  bench = await openBench({ now: () => new Date(Date.now() + elapsedMs) });
});
afterAll(() => bench.close());

const fields =
  'id state phase snoozedUntil cycle waitingSince version buyerLanguage enquiry { type subtype isByPerson }';

async function read(caller: Caller, id: string) {
  return dataOf(
    await ask(bench.service.subgraph, caller, `query ($id: ID!) { conversation(id: $id) { ${fields} } }`, { id }),
  ).conversation;
}

async function change(
  caller: Caller,
  verb:
    'closeConversation' | 'snoozeConversation' | 'reopenConversation' | 'classifyConversation' | 'setConversationState',
  input: { readonly conversationId: ConversationId } & Record<string, unknown>,
) {
  const type = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}Input`;
  const { version } = await read(caller, input.conversationId);
  const query = `mutation ($input: ${type}!) { ${verb}(input: $input) { conversation { ${fields} } errors { code path } } }`;
  const variables = { input: { expectedVersion: version, ...input } };
  return dataOf(await ask(bench.service.subgraph, caller, query, variables))[verb];
}

async function idsIn(caller: Caller, filter: Record<string, unknown>): Promise<string[]> {
  const query = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { edges { node { id } } } }';
  const { conversations } = dataOf(await ask(bench.service.subgraph, caller, query, { filter }));
  return conversations.edges.map(({ node }) => node.id);
}

const understood = {
  triaged: (
    tenantId: TenantId,
    conversationId: ConversationId,
    enquiryType: 'refund' | 'logistics',
    isThreat = false,
  ) =>
    anEvent(
      'automation.conversation-triaged',
      {
        conversationId,
        messageId: newId(),
        model: 'test-1',
        enquiryType,
        risks: isThreat ? [{ class: 'chargeback', score: 0.9, messageId: newId() }] : [],
        priority: 10,
        priorityParts: [],
      },
      { tenantId, aggregateId: conversationId },
    ),
  analysed: (tenantId: TenantId, conversationId: ConversationId, language: string, confidence: number) =>
    anEvent(
      'automation.message-analysed',
      { conversationId, messageId: newId(), language, confidence, engine: 'test-1', intents: [] },
      { tenantId, aggregateId: conversationId },
    ),
};

test('a closed conversation owes nothing, and a message of the buyer opens its next cycle', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const closed = await change(agent, 'closeConversation', { conversationId });
  expect(closed.conversation).toMatchObject({ phase: 'CLOSED', state: 'HANDLED', waitingSince: null, cycle: 1 });
  expect(await idsIn(agent, { phases: ['CLOSED'] })).toEqual([conversationId]);
  const again = await change(agent, 'closeConversation', { conversationId, expectedVersion: 1 });
  expect(again.errors).toEqual([]);
  expect((await change(agent, 'snoozeConversation', { conversationId })).errors).toMatchObject([
    { code: 'ILLEGAL_TRANSITION' },
  ]);
  await givenInbound(bench, { tenantId, conversationId });
  expect(await read(agent, conversationId)).toMatchObject({ phase: 'OPEN', state: 'UNREAD', cycle: 2 });
  await change(agent, 'closeConversation', { conversationId });
  const moved = await change(agent, 'setConversationState', { conversationId, state: 'PENDING' });
  expect(moved.conversation).toMatchObject({ phase: 'OPEN', cycle: 3 });
  expect(moved.conversation.waitingSince).not.toBeNull();
});

test('a snoozed conversation comes back when its time is over, once, or when the buyer writes', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [timed, waiting] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  const until = new Date(Date.now() + elapsedMs + 3_600_000).toISOString();
  const snoozed = await change(agent, 'snoozeConversation', { conversationId: timed.conversationId, until });
  expect(snoozed.conversation).toMatchObject({ phase: 'SNOOZED', state: 'UNREAD', snoozedUntil: until });
  await change(agent, 'snoozeConversation', { conversationId: waiting.conversationId });
  expect(await idsIn(agent, { phases: ['OPEN'] })).toEqual([]);
  elapsedMs += 3_600_001;
  bench.service.nudgeWaker();
  const told = await bench.harness.events.next(
    'conversation.changed',
    ({ aggregateId, data }) => aggregateId === timed.conversationId && data.change === 'reopened',
  );
  expect(told.data.conversation).toMatchObject({ phase: 'open', snoozedUntil: null, cycle: 1 });
  expect(await idsIn(agent, { phases: ['OPEN'] })).toEqual([timed.conversationId]);
  await givenInbound(bench, { tenantId, conversationId: waiting.conversationId });
  expect(await read(agent, waiting.conversationId)).toMatchObject({ phase: 'OPEN', cycle: 1 });
  const past = await change(agent, 'snoozeConversation', { conversationId: timed.conversationId, until });
  expect(past.errors).toEqual([{ code: 'INVALID_INPUT', path: ['input', 'until'] }]);
});

test('what is found out about a first message before the message itself is here is not lost', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const kept = () =>
    bench.service.runtime.db.asWorker(async (trx) => {
      const { rows } = await sql`select from early_understanding where conversation_id = ${conversationId}`.execute(
        trx,
      );
      return rows.length;
    });
  await bench.harness.publish(understood.analysed(tenantId, conversationId, 'zh', 0.95));
  await bench.harness.publish(understood.triaged(tenantId, conversationId, 'refund', true));
  await eventually(async () => expect(await kept()).toBe(2));
  await givenInbound(bench, { tenantId, conversationId });
  expect(await read(agent, conversationId)).toMatchObject({ buyerLanguage: 'zh', enquiry: { type: 'DISPUTE' } });
  const marks = 'query ($id: ID!) { conversation(id: $id) { marks { kind } } }';
  const { conversation } = dataOf(await ask(bench.service.subgraph, agent, marks, { id: conversationId }));
  expect(conversation.marks.map(({ kind }) => kind)).toContain('RISK');
  expect(await kept()).toBe(0);
});

test('whoever finds a conversation missing waits for whoever creates it right now', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const { db, outbox, clock } = bench.service.runtime;
  const event = understood.analysed(tenantId, conversationId, 'th', 0.95);
  const created = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const creating = db.asWorker(async (trx) => {
    const message = givenMessage({ tenantId, conversationId });
    await takeMessages({ outbox, clock }, trx, [{ event: message, traceparent: null }]);
    created.resolve();
    await mayCommit.promise;
  });
  await created.promise;
  let isOver = false;
  const finding = db
    .asWorker((trx) => takeAnalyses({ outbox, clock }, trx, [{ event, traceparent: null }]))
    .then(() => {
      isOver = true;
    });
  const isWaiting = () =>
    db.asWorker(async (trx) => {
      const { rows } = await sql`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(trx);
      return rows.length > 0;
    });
  while (!isOver && !(await isWaiting())) await new Promise(setImmediate);
  mayCommit.resolve();
  await Promise.all([creating, finding]);
  expect((await read(agent, conversationId)).buyerLanguage).toBe('th');
});

test('S2-1.1: the type of an enquiry is found out, a person overrules it with a word of their own, and both find it', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const classified = (count: number) =>
    bench.harness.events.count(
      'conversation.changed',
      count,
      ({ aggregateId, data }) => aggregateId === conversationId && data.change === 'classified',
    );
  await bench.harness.publish(understood.triaged(tenantId, conversationId, 'logistics'));
  await classified(1);
  expect(await idsIn(agent, { enquiryTypes: ['LOGISTICS'] })).toEqual([conversationId]);
  await bench.harness.publish(understood.triaged(tenantId, conversationId, 'refund', true));
  await classified(2);
  expect((await read(agent, conversationId)).enquiry).toEqual({ type: 'DISPUTE', subtype: null, isByPerson: false });
  await change(agent, 'classifyConversation', { conversationId, type: 'REFUND', subtype: ' Partial   refund ' });
  await bench.harness.publish(understood.triaged(tenantId, conversationId, 'logistics'));
  await bench.harness.publish(understood.analysed(tenantId, conversationId, 'fr', 0.3));
  await bench.harness.publish(understood.analysed(tenantId, conversationId, 'es', 0.95));
  const events = await classified(4);
  expect(
    events.map(({ data }) => [
      data.conversation.enquiryType,
      data.conversation.enquirySubtype,
      data.conversation.language,
    ]),
  ).toEqual([
    ['logistics', null, null],
    ['dispute', null, null],
    ['refund', 'Partial refund', null],
    ['refund', 'Partial refund', 'es'],
  ]);
  expect(await idsIn(agent, { enquiryTypes: ['REFUND'] })).toEqual([conversationId]);
  const list = await ask(bench.service.subgraph, agent, '{ enquirySubtypes { type name } }');
  expect(dataOf(list).enquirySubtypes).toEqual([{ type: 'REFUND', name: 'Partial refund' }]);
});
