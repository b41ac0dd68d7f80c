import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type DecisionId,
  type EventData,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import {
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  readConversation,
  send,
  type Workspace,
} from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Inbound = EventData<'ingest.message-received'>;

/** Whether the survey was written, as the conversation service answers. */
async function asked(tenantId: TenantId, conversationId: ConversationId, accountId: ChannelAccountId) {
  const decisionId = newId<DecisionId>();
  const data: EventData<'crm.message-decided'> = {
    ...{ decisionId, conversationId, accountId, messageId: newId(), kind: 'survey', purpose: 'service' },
    ...{ content: { kind: 'text', text: 'From 1 to 5?' }, notAfter: '2100-01-01T00:00:00.000Z' },
  };
  await bench.harness.publish(anEvent('crm.message-decided', data, { tenantId, aggregateId: conversationId }));
  const told = await bench.harness.events.next(
    'conversation.decision-settled',
    (event) => event.data.decisionId === decisionId,
  );
  return { decisionId, outcome: told.data.outcome, code: told.data.code };
}

/** A conversation that an agent has answered. */
async function givenAnswered(): Promise<{ readonly workspace: Workspace; readonly inbound: Inbound }> {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, { tenantId: workspace.tenantId, accountId: newId<ChannelAccountId>() });
  await replied(workspace, inbound.conversationId);
  return { workspace, inbound };
}

async function replied({ agent }: Workspace, conversationId: ConversationId): Promise<void> {
  const input = { clientMutationId: newId(), conversationId, text: 'It arrives on Thursday.' };
  const { errors } = await send(bench, agent, input);
  expect(errors).toEqual([]);
}

/** The buyer writes; the event of the message. */
async function said(
  { workspace, inbound }: Awaited<ReturnType<typeof givenAnswered>>,
  text: string,
  occurredAt = new Date(),
) {
  const { conversationId, accountId } = inbound;
  const message = { tenantId: workspace.tenantId, conversationId, accountId, occurredAt } as const;
  const { messageId } = await givenInbound(bench, { ...message, content: { kind: 'text', text } });
  const added = await bench.harness.events.next(
    'conversation.message-added',
    ({ data }) => data.messageId === messageId,
  );
  return added.data;
}

test('S4-3.5: a bare number after a survey is its answer and no new work; words, and a number to a later question, are', async () => {
  const talk = await givenAnswered();
  const { workspace, inbound } = talk;
  const { conversationId, accountId } = inbound;
  const read = () => readConversation(bench, workspace.agent, conversationId);
  // No survey was sent: a number is a message like others.
  expect(await said(talk, '3')).toMatchObject({ conversation: { state: 'unread', unreadCount: 1 } });
  await replied(workspace, conversationId);
  const { decisionId, outcome } = await asked(workspace.tenantId, conversationId, accountId);
  expect(outcome).toBe('carried-out');
  expect(await read()).toMatchObject({ state: 'HANDLED' });
  expect(await said(talk, ' ５ ')).toMatchObject({
    answers: { decisionId, score: 5 },
    conversation: { state: 'handled', unreadCount: 0, waitingSince: null, cycle: 1 },
  });
  expect(await read()).toMatchObject({ state: 'HANDLED', unreadCount: 0 });
  // Too late, or words: somebody has to read it.
  const late = await said(talk, '4', new Date(Date.now() + 73 * 3_600_000));
  expect(late.answers).toBeUndefined();
  expect(late.conversation).toMatchObject({ state: 'unread', unreadCount: 1 });
  // While something is owed, an answer is an answer and hides nothing.
  expect(await said(talk, '2')).toMatchObject({
    answers: { decisionId, score: 2 },
    conversation: { state: 'unread', unreadCount: 2 },
  });
  expect((await said(talk, '5 stars, but one question')).answers).toBeUndefined();
  // Whoever writes afterwards may have asked how many.
  await replied(workspace, conversationId);
  const other = await said(talk, '2');
  expect(other.answers).toBeUndefined();
  expect(other.conversation).toMatchObject({ state: 'unread' });
});

test('S4-3.5: a survey about a conversation that was opened again is not written', async () => {
  const talk = await givenAnswered();
  const { workspace, inbound } = talk;
  await said(talk, 'And where is the second parcel?');
  expect(await asked(workspace.tenantId, inbound.conversationId, inbound.accountId)).toMatchObject({
    outcome: 'refused',
    code: 'REOPENED',
  });
  const query = `query($id: ID!) { conversation(id: $id) { messages(first: 9) { edges { node { author } } } } }`;
  await eventually(async () => {
    const { conversation } = dataOf(
      await ask(bench.service.subgraph, workspace.agent, query, { id: inbound.conversationId }),
    );
    expect(conversation.messages.edges.map(({ node }) => node.author).toSorted()).toEqual(['AGENT', 'BUYER', 'BUYER']);
  });
});
