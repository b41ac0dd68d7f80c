import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type CustomerId,
  type DecisionId,
  type ErasureId,
  type EventData,
  type EventOf,
  type MessageId,
  newId,
  type RuleId,
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
type ReplyData = EventData<'automation.reply-decided'>;
type Action = EventData<'automation.action-decided'>['action'];

const rule = { ruleId: newId<RuleId>(), version: 2 };

function aReply(
  { tenantId }: Pick<Workspace, 'tenantId'>,
  { conversationId }: Pick<Inbound, 'conversationId'>,
  changes: Partial<ReplyData> = {},
  actor: EventOf<'automation.reply-decided'>['actor'] = { kind: 'automation', id: rule.ruleId },
) {
  const data: ReplyData = {
    decisionId: newId(),
    conversationId,
    rule,
    messageId: newId(),
    purpose: 'answer',
    basedOnVersion: null,
    content: { kind: 'text', text: 'It arrives on Thursday.' },
    template: null,
    ...changes,
  };
  return { ...anEvent('automation.reply-decided', data, { tenantId, aggregateId: conversationId }), actor };
}

function anAction({ tenantId }: Workspace, { conversationId }: Inbound, action: Action) {
  const data = { decisionId: newId<DecisionId>(), conversationId, rule, action };
  const event = anEvent('automation.action-decided', data, { tenantId, aggregateId: conversationId });
  return { ...event, actor: { kind: 'automation' as const, id: rule.ruleId } };
}

type Decided = ReturnType<typeof aReply> | ReturnType<typeof anAction> | EventOf<'crm.message-decided'>;

/** Publishes a decision, and returns what was told of it. */
async function settled(decided: Decided) {
  await bench.harness.publish(decided);
  const { decisionId } = decided.data;
  const told = await bench.harness.events.next(
    'conversation.decision-settled',
    ({ data }) => data.decisionId === decisionId,
  );
  expect(told).toMatchObject({ causationId: decided.id, causationDepth: decided.causationDepth + 1 });
  return { outcome: told.data.outcome, code: told.data.code };
}

const refusedAs = (code: string) => ({ outcome: 'refused', code });
const carriedOut = { outcome: 'carried-out', code: null };

async function messagesOf({ agent }: Workspace, id: string) {
  const query = `query ($id: ID!) { conversation(id: $id) { messages(first: 20, oldestFirst: true) { edges { node {
    id author text agent { displayName } delivery { status } } } } } }`;
  const { conversation } = dataOf(await ask(bench.service.subgraph, agent, query, { id }));
  return conversation.messages.edges.map(({ node }) => node);
}

const versionOf = async (id: string): Promise<number> =>
  Math.max(
    ...bench.harness.events.all.filter(({ aggregateId }) => aggregateId === id).map((event) => event.aggregateVersion),
  );

test('a decided reply is written and sent once, with its id and as the bot, however often it is told', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const decided = aReply(workspace, inbound);
  await bench.harness.publish(decided, { ...decided, id: newId() });
  expect(await settled(decided)).toEqual(carriedOut);
  await settled(aReply(workspace, inbound));
  const requested = bench.harness.events
    .of('conversation.reply-requested')
    .filter(({ data }) => data.messageId === decided.data.messageId);
  expect(requested.map(({ data }) => data.content)).toEqual([decided.data.content]);
  expect(requested[0]?.actor).toEqual({ kind: 'automation', id: rule.ruleId });
  const [, written, other] = await messagesOf(workspace, inbound.conversationId);
  expect(written).toMatchObject({ id: decided.data.messageId, author: 'BOT', text: 'It arrives on Thursday.' });
  expect(other?.id).not.toBe(written?.id);
  expect(
    bench.harness.events
      .of('conversation.decision-settled')
      .filter(({ data }) => data.decisionId === decided.data.decisionId),
  ).toHaveLength(1);
  // Nobody is asked any more, until the buyer writes again.
  expect(await readConversation(bench, workspace.agent, inbound.conversationId)).toMatchObject({ state: 'HANDLED' });
});

test('what a person sends by template is theirs, and is refused once they no longer work here', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const byBo = { kind: 'agent' as const, id: workspace.agentId };
  const sent = { rule: null, purpose: 'agent' as const };
  expect(await settled(aReply(workspace, inbound, sent, byBo))).toEqual(carriedOut);
  const [, written] = await messagesOf(workspace, inbound.conversationId);
  expect(written).toMatchObject({ author: 'AGENT', agent: { displayName: 'Bo' } });
  expect(await readConversation(bench, workspace.agent, inbound.conversationId)).toMatchObject({ state: 'HANDLED' });
  const input = { agentId: workspace.agentId, expectedVersion: 1, isActive: false };
  const dismissed = `mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { errors { code } } }`;
  expect(dataOf(await ask(bench.service.subgraph, workspace.admin, dismissed, { input })).updateAgent.errors).toEqual(
    [],
  );
  expect(await settled(aReply(workspace, inbound, sent, byBo))).toEqual(refusedAs('FORBIDDEN'));
  expect(await messagesOf(workspace, inbound.conversationId)).toHaveLength(2);
});

test('S2-1.2: a template that a person chose before something was added is refused, and passes with the new basis', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const { conversationId } = inbound;
  await givenInbound(bench, { ...workspace, conversationId, content: { kind: 'text', text: 'In blue' } });
  const byBo = { kind: 'agent' as const, id: workspace.agentId };
  const knowing = (contentVersion: number) =>
    aReply(
      workspace,
      inbound,
      { rule: null, purpose: 'agent', basis: { contentVersion, ignoreAnsweredElsewhere: false } },
      byBo,
    );
  expect(await settled(knowing(1))).toEqual(refusedAs('STALE_DRAFT'));
  const blocked = await bench.harness.events.next(
    'conversation.reply-blocked',
    ({ aggregateId }) => aggregateId === conversationId,
  );
  expect(blocked.data).toMatchObject({ reason: 'stale-draft', agentId: workspace.agentId });
  expect(await settled(knowing(2))).toEqual(carriedOut);
});

test('an answer does not come after a person has spoken, nor after a newer message of the buyer', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const { conversationId } = inbound;
  const basedOnVersion = await versionOf(conversationId);
  await givenInbound(bench, { ...workspace, ...inbound, messageId: newId(), externalMessageId: 'second' });
  const answer = aReply(workspace, inbound, { basedOnVersion });
  expect(await settled(answer)).toEqual(refusedAs('NEWER_MESSAGE'));
  // That a person will answer stays true.
  const byTheBot = { kind: 'automation', id: null } as const;
  const promise = aReply(workspace, inbound, { basedOnVersion, purpose: 'acknowledgement', rule: null }, byTheBot);
  expect(await settled(promise)).toEqual(carriedOut);
  const newer = { basedOnVersion: await versionOf(conversationId) };
  const { errors } = await send(bench, workspace.agent, { conversationId, text: 'I am looking into it.' });
  expect(errors).toEqual([]);
  expect(await settled(aReply(workspace, inbound, newer))).toEqual(refusedAs('TURN_TAKEN'));
  expect(await settled(aReply(workspace, inbound, { ...newer, purpose: 'acknowledgement' }))).toEqual(
    refusedAs('TURN_TAKEN'),
  );
  expect((await messagesOf(workspace, conversationId)).map(({ author }) => author)).toEqual([
    'BUYER',
    'BUYER',
    'BOT',
    'AGENT',
  ]);
  // News is not an answer.
  expect(await settled(aReply(workspace, inbound, { ...newer, purpose: 'notice' }))).toEqual(carriedOut);
});

test('a conversation that a person assigned or moved is theirs; one that they only read is not', async () => {
  const workspace = await givenWorkspace(bench);
  const read = await givenInbound(bench, workspace);
  const assigned = await givenInbound(bench, workspace);
  const [of, other] = [await versionOf(read.conversationId), await versionOf(assigned.conversationId)];
  const change = async (name: string, type: string, input: object) => {
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { errors { code } } }`;
    await ask(bench.service.subgraph, workspace.agent, query, { input: { expectedVersion: 1, ...input } });
  };
  await change('markConversationRead', 'MarkConversationReadInput', { conversationId: read.conversationId });
  const { agentId } = workspace;
  await change('assignConversation', 'AssignConversationInput', { conversationId: assigned.conversationId, agentId });
  expect(await settled(aReply(workspace, read, { basedOnVersion: of }))).toEqual(carriedOut);
  expect(await settled(aReply(workspace, assigned, { basedOnVersion: other }))).toEqual(refusedAs('TURN_TAKEN'));
});

test('a reply that the channel does not take is refused with its code, and nothing is written', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, {
    ...workspace,
    channel: 'whatsapp',
    occurredAt: new Date(Date.now() - 30 * 3_600_000),
  });
  expect(await settled(aReply(workspace, inbound))).toEqual(refusedAs('WINDOW_CLOSED'));
  expect(await messagesOf(workspace, inbound.conversationId)).toHaveLength(1);
});

test('changes are carried out once and audited; what is so already is told as nothing to do', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const urgent: Action = { kind: 'set-priority', priority: 'urgent' };
  expect(await settled(anAction(workspace, inbound, urgent))).toEqual(carriedOut);
  expect(await settled(anAction(workspace, inbound, urgent))).toEqual({ outcome: 'nothing-to-do', code: null });
  const assign: Action = { kind: 'assign', agentId: workspace.agentId };
  expect(await settled(anAction(workspace, inbound, assign))).toEqual(carriedOut);
  const stranger: Action = { kind: 'assign', agentId: newId() };
  expect(await settled(anAction(workspace, inbound, stranger))).toEqual(refusedAs('NOT_FOUND'));
  expect(await settled(anAction(workspace, inbound, { kind: 'set-state', state: 'handled' }))).toEqual(carriedOut);
  const query = `query ($id: ID!) { conversation(id: $id) { state priority assignee { displayName } }
    auditEntries(first: 20) { edges { node { action } } } }`;
  const { conversation, auditEntries } = dataOf(
    await ask(bench.service.subgraph, workspace.admin, query, { id: inbound.conversationId }),
  );
  expect(conversation).toEqual({ state: 'HANDLED', priority: 'URGENT', assignee: { displayName: 'Bo' } });
  const actions = auditEntries.edges.map(({ node }) => node.action);
  expect(actions).toEqual(
    expect.arrayContaining(['setConversationPriority', 'assignConversation', 'setConversationState']),
  );
  expect(actions.filter((action) => action === 'setConversationPriority')).toHaveLength(1);
});

test('S4-2.3: an escalation raises the priority, owes an answer and says why, and takes a conversation from nobody', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  await send(bench, workspace.agent, { conversationId: inbound.conversationId, text: 'Done.' });
  const note = 'The buyer threatens a chargeback.';
  const action: Action = { kind: 'escalate', priority: 'urgent', agentId: workspace.agentId, note };
  expect(await settled(anAction(workspace, inbound, action))).toEqual(carriedOut);
  const milder: Action = { kind: 'escalate', priority: 'high', agentId: workspace.adminId, note: 'Again.' };
  expect(await settled(anAction(workspace, inbound, milder))).toEqual(carriedOut);
  const query = `query ($id: ID!) { conversation(id: $id) { state priority waitingSince assignee { displayName }
    notes { edges { node { text author { id } } } } }
    conversations(filter: { priorities: [URGENT] }) { edges { node { id } } totalCount } }`;
  const { conversation, conversations } = dataOf(
    await ask(bench.service.subgraph, workspace.agent, query, { id: inbound.conversationId }),
  );
  expect(conversation).toMatchObject({ state: 'PENDING', priority: 'URGENT', assignee: { displayName: 'Bo' } });
  expect(conversation.waitingSince).not.toBeNull();
  expect(conversation.notes.edges.map(({ node }) => node)).toEqual([
    { text: 'Again.', author: null },
    { text: note, author: null },
  ]);
  expect(conversations.edges.map(({ node }) => node.id)).toEqual([inbound.conversationId]);
  const changes = bench.harness.events
    .of('conversation.changed')
    .filter(({ data }) => data.conversation.conversationId === inbound.conversationId);
  expect(changes.map(({ data }) => data.change)).toEqual(['escalated']);
});

test('S2-4.3: a rule marks a conversation with a tag, once, and the tag finds it', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const { conversationId } = inbound;
  const version = await versionOf(conversationId);
  const refund: Action = { kind: 'add-tag', tag: 'Refund' };
  expect(await settled(anAction(workspace, inbound, refund))).toEqual(carriedOut);
  expect(await settled(anAction(workspace, inbound, { ...refund, tag: 'ＲＥＦＵＮＤ ' }))).toMatchObject({
    outcome: 'nothing-to-do',
  });
  const query = `{ conversations(filter: { hasTag: "refund" }) { totalCount edges { node { id tags { name } } } } }`;
  const { conversations } = dataOf(await ask(bench.service.subgraph, workspace.agent, query));
  expect(conversations).toEqual({
    totalCount: 1,
    edges: [{ node: { id: conversationId, tags: [{ name: 'Refund' }] } }],
  });
  const told = bench.harness.events
    .of('conversation.changed')
    .filter(({ aggregateId }) => aggregateId === conversationId);
  expect(told.map(({ data }) => [data.change, data.tags])).toEqual([['tags', ['Refund']]]);
  // To mark is not to take over: the bot may answer still.
  expect(await settled(aReply(workspace, inbound, { basedOnVersion: version }))).toEqual(carriedOut);
});

test('what was decided before the buyer was erased is not written afterwards', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId } = workspace;
  const inbound = await givenInbound(bench, workspace);
  const decided = aReply(workspace, inbound);
  const { conversationId, accountId } = inbound;
  const data = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId, accountId };
  await bench.harness.publish(anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId }));
  await bench.harness.events.next(
    'conversation.personal-data-erased',
    (event) => event.data.erasureId === data.erasureId,
  );
  expect(await settled({ ...decided, occurredAt: '2026-01-02T03:04:05.678Z' })).toEqual(refusedAs('ERASED'));
  const later = { ...aReply(workspace, inbound), occurredAt: new Date(Date.now() + 60_000).toISOString() };
  expect(await settled(later)).toEqual(carriedOut);
});

test('a decision about a conversation of another workspace changes nothing there, and is parked', async () => {
  const [lumina, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const inbound = await givenInbound(bench, lumina);
  await bench.harness.publish(aReply(other, inbound));
  await eventually(async () => {
    const parked = await ask(bench.service.subgraph, other.admin, '{ deadLetters(first: 5) { totalCount } }');
    expect(dataOf(parked).deadLetters.totalCount).toBe(1);
  });
  expect(await messagesOf(lumina, inbound.conversationId)).toHaveLength(1);
});

test('a rule that would break a rule of the platform is refused, and the reason is told', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, { ...workspace, channel: 'tiktok-shop' });
  const content = { kind: 'text' as const, text: 'Bitte überweisen Sie den Rest auf unser Bankkonto.' };
  expect(await settled(aReply(workspace, inbound, { content }))).toEqual(refusedAs('LINT_STOPPED'));
});

test('a message that crm decided is written once and sent, answers nothing, and is refused after its time', async () => {
  const workspace = await givenWorkspace(bench);
  const inbound = await givenInbound(bench, workspace);
  const { tenantId } = workspace;
  const { conversationId, accountId } = inbound;
  const before = await readConversation(bench, workspace.agent, conversationId);
  const outreach = (notAfter: Date) => {
    const ids = { decisionId: newId<DecisionId>(), messageId: newId<MessageId>(), conversationId, accountId };
    const content = { kind: 'text' as const, text: 'Order 1 is on its way.' };
    const kind = { kind: 'stage-notice' as const, purpose: 'service' as const };
    const data = { ...ids, ...kind, content, notAfter: notAfter.toISOString() };
    return anEvent('crm.message-decided', data, { tenantId, aggregateId: conversationId });
  };
  const decided = outreach(new Date(Date.now() + 3_600_000));
  await bench.harness.publish(decided, { ...decided, id: newId() });
  expect(await settled(decided)).toEqual(carriedOut);
  const { messageId, content } = decided.data;
  const requested = await bench.harness.events.next(
    'conversation.reply-requested',
    ({ data }) => data.messageId === messageId,
  );
  expect(requested.data.content).toEqual(content);
  expect(await settled(outreach(new Date(Date.now() - 1_000)))).toEqual(refusedAs('TOO_LATE'));
  const messages = await messagesOf(workspace, conversationId);
  expect(messages.slice(1)).toMatchObject([{ id: messageId, author: 'BOT', text: 'Order 1 is on its way.' }]);
  expect(await readConversation(bench, workspace.agent, conversationId)).toMatchObject({ state: before.state });
});
