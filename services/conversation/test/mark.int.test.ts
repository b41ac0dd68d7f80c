import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type EventData, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anEvent, ask } from '@crossdesk/testkit';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, send } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const fields = `version state marks { kind isStanding derived { isOn score reasons messageId }
  word { verdict agent { displayName } } }`;

async function read(caller: Caller, id: string) {
  const query = `query ($id: ID!) { conversation(id: $id) { ${fields} } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
}

async function standing(caller: Caller, id: string) {
  const { marks } = await read(caller, id);
  return marks.flatMap(({ kind, isStanding }) => (isStanding ? [kind] : []));
}

async function judge(caller: Caller, conversationId: ConversationId, input: Record<string, unknown>) {
  const { version: expectedVersion } = await read(caller, conversationId);
  const query = `mutation ($input: JudgeMarkInput!) { judgeMark(input: $input) { conversation { ${fields} } errors { code path message } } }`;
  const variables = { input: { conversationId, expectedVersion, ...input } };
  return dataOf(await ask(bench.service.subgraph, caller, query, variables)).judgeMark;
}

async function listed(caller: Caller, marks: string[]): Promise<string[]> {
  const query =
    'query ($marks: [ConversationMarkKind!]) { conversations(filter: { marks: $marks }) { totalCount edges { node { id } } } }';
  const { conversations } = dataOf(await ask(bench.service.subgraph, caller, query, { marks }));
  expect(conversations.totalCount).toBe(conversations.edges.length);
  return conversations.edges.map(({ node }) => node.id);
}

const told = {
  complaint: (tenantId: TenantId, conversationId: ConversationId, complaint: number) =>
    anEvent(
      'automation.message-analysed',
      {
        ...{ conversationId, messageId: newId(), language: null, confidence: 0.2, engine: 'test-1' },
        ...{ intents: [], complaint },
      },
      { tenantId, aggregateId: conversationId },
    ),
  risk: (
    tenantId: TenantId,
    conversationId: ConversationId,
    risks: EventData<'automation.conversation-triaged'>['risks'],
  ) =>
    anEvent(
      'automation.conversation-triaged',
      {
        ...{ conversationId, messageId: newId(), model: 'test-1', enquiryType: null, risks },
        ...{ priority: 10, priorityParts: [] },
      },
      { tenantId, aggregateId: conversationId },
    ),
};

const changes = (conversationId: ConversationId, count: number) =>
  bench.harness.events.count('conversation.marks-changed', count, ({ aggregateId }) => aggregateId === conversationId);

test('S1-1.7: complaint and risk mark the row, in lists, views, events and the timeline, and end with the work', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [{ conversationId }, calm] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  const threat = { class: 'chargeback', score: 0.7, messageId: newId<MessageId>() } as const;
  await bench.harness.publish(told.complaint(tenantId, calm.conversationId, 0.3));
  await bench.harness.publish(told.complaint(tenantId, conversationId, 0.9));
  await bench.harness.publish(told.risk(tenantId, conversationId, [threat]));
  await changes(conversationId, 2);
  expect((await read(agent, conversationId)).marks).toMatchObject([
    { kind: 'AWAITING_REPLY', isStanding: true, derived: null, word: null },
    { kind: 'COMPLAINT', isStanding: true, derived: { isOn: true, score: 0.9, reasons: [] } },
    { kind: 'RISK', derived: { isOn: true, reasons: ['CHARGEBACK'], messageId: threat.messageId } },
  ]);
  expect(await listed(agent, ['COMPLAINT'])).toEqual([conversationId]);
  expect((await listed(agent, ['RISK', 'AWAITING_REPLY'])).toSorted()).toEqual(
    [conversationId, calm.conversationId].toSorted(),
  );
  expect(await listed(agent, ['OVERDUE'])).toEqual([]);
  const condition = { leaf: { field: 'conversation.marks', op: 'IN', values: ['risk'] } };
  const saveView = `mutation ($input: SaveViewInput!) { saveView(input: $input) { errors { code } view {
    count { value } conversations { edges { node { id } } } } } }`;
  const input = { name: 'Risky', scope: 'OWN', condition };
  expect(dataOf(await ask(bench.service.subgraph, agent, saveView, { input })).saveView).toMatchObject({
    errors: [],
    view: { count: { value: 1 }, conversations: { edges: [{ node: { id: conversationId } }] } },
  });
  await send(bench, agent, { conversationId, text: 'We are sorry.' });
  expect(await standing(agent, conversationId)).toEqual(['RISK']);
  const { version: expectedVersion } = await read(agent, conversationId);
  const close = 'mutation ($input: CloseConversationInput!) { closeConversation(input: $input) { errors { code } } }';
  await ask(bench.service.subgraph, agent, close, { input: { conversationId, expectedVersion } });
  await givenInbound(bench, { tenantId, conversationId });
  await bench.harness.publish(told.risk(tenantId, conversationId, [threat]));
  await bench.harness.publish(told.complaint(tenantId, conversationId, 0.95));
  const events = await changes(conversationId, 5);
  expect(events.map(({ data }) => [data.previousMarks, data.conversation.marks])).toEqual([
    [[], ['complaint']],
    [['complaint'], ['complaint', 'risk']],
    [['complaint', 'risk'], ['risk']],
    [['risk'], []],
    [[], ['complaint']],
  ]);
  expect(events[1]?.data.judged).toEqual([
    { mark: 'complaint', isDerived: true, score: 0.9, reasons: [], verdict: null, agentId: null },
    { mark: 'risk', isDerived: true, score: 0.7, reasons: ['chargeback'], verdict: null, agentId: null },
  ]);
  expect(await standing(agent, conversationId)).toEqual(['AWAITING_REPLY', 'COMPLAINT']);
  const timeline = `query ($id: ID!) { conversation(id: $id) { timeline { edges { node { actor { kind } changes { field before after } } } } } }`;
  const { conversation } = dataOf(await ask(bench.service.subgraph, agent, timeline, { id: conversationId }));
  const marked = conversation.timeline.edges
    .flatMap(({ node }) => node.changes)
    .filter(({ field }) => field === 'MARKS');
  expect(marked.toReversed()).toEqual([
    { field: 'MARKS', before: null, after: 'COMPLAINT' },
    { field: 'MARKS', before: 'COMPLAINT', after: 'COMPLAINT, RISK' },
    { field: 'MARKS', before: 'COMPLAINT, RISK', after: 'RISK' },
    { field: 'MARKS', before: 'RISK', after: null },
    { field: 'MARKS', before: null, after: 'COMPLAINT' },
  ]);
});

test('a person confirms or dismisses a mark; both words are shown, and nobody marks alone', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const alone = await judge(agent, conversationId, { mark: 'COMPLAINT', verdict: 'CONFIRMED' });
  expect(alone.errors).toMatchObject([{ code: 'ILLEGAL_TRANSITION', path: ['input', 'mark'] }]);
  await bench.harness.publish(told.complaint(tenantId, conversationId, 0.9));
  await changes(conversationId, 1);
  const stale = await judge(agent, conversationId, { mark: 'COMPLAINT', verdict: 'DISMISSED', expectedVersion: 99 });
  expect(stale.errors).toMatchObject([{ code: 'VERSION_CONFLICT' }]);
  const dismissed = await judge(agent, conversationId, { mark: 'COMPLAINT', verdict: 'DISMISSED' });
  expect(dismissed.conversation.marks[1]).toMatchObject({
    ...{ kind: 'COMPLAINT', isStanding: false, derived: { isOn: true, score: 0.9 } },
    word: { verdict: 'DISMISSED', agent: { displayName: 'Bo' } },
  });
  expect(await listed(agent, ['COMPLAINT'])).toEqual([]);
  await bench.harness.publish(told.complaint(tenantId, conversationId, 0.8));
  await changes(conversationId, 3);
  expect(await standing(agent, conversationId)).toContain('COMPLAINT');
  await judge(agent, conversationId, { mark: 'COMPLAINT', verdict: 'CONFIRMED' });
  await send(bench, agent, { conversationId, text: 'We are sorry.' });
  expect(await standing(agent, conversationId)).toEqual(['COMPLAINT']);
  const events = await changes(conversationId, 4);
  expect(events.map(({ data }) => data.judged[0]?.verdict)).toEqual([null, 'dismissed', null, 'confirmed']);
  expect(events[3]?.actor).toEqual({ kind: 'agent', id: agentId });
  const again = await judge(agent, conversationId, { mark: 'COMPLAINT', verdict: 'CONFIRMED', expectedVersion: 1 });
  expect(again.errors).toEqual([]);
});
