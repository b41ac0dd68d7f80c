import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type MessageId, newId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { ask } from '@crossdesk/testkit';
import {
  aDelivery,
  type Bench,
  conversationFields,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  readConversation,
  send,
} from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function change(
  caller: Caller,
  verb: 'assignConversation' | 'setConversationState' | 'markConversationRead',
  inputType: string,
  input: Record<string, unknown>,
) {
  const query = `mutation ($input: ${inputType}!) { ${verb}(input: $input) { conversation { ${conversationFields} } errors { code path } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input }))[verb];
}
const assign = (caller: Caller, input: Record<string, unknown>) =>
  change(caller, 'assignConversation', 'AssignConversationInput', input);
const setState = (caller: Caller, input: Record<string, unknown>) =>
  change(caller, 'setConversationState', 'SetConversationStateInput', input);
const markRead = (caller: Caller, input: Record<string, unknown>) =>
  change(caller, 'markConversationRead', 'MarkConversationReadInput', input);

async function addNote(caller: Caller, input: Record<string, unknown>) {
  const query =
    'mutation ($input: AddNoteInput!) { addNote(input: $input) { clientMutationId note { id text author { displayName } } errors { code path } } }';
  return dataOf(await ask(bench.service.subgraph, caller, query, { input: { clientMutationId: newId(), ...input } }))[
    'addNote'
  ];
}

test('S2-3.2: reading, moving and assigning each publish what changed and what it was before', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  expect((await markRead(agent, { conversationId, expectedVersion: 1 })).conversation).toMatchObject({
    state: 'PENDING',
    unreadCount: 0,
    version: 2,
  });
  expect((await assign(agent, { conversationId, agentId, expectedVersion: 2 })).conversation).toMatchObject({
    assignee: { id: agentId, displayName: 'Bo' },
  });
  expect((await setState(agent, { conversationId, state: 'HANDLED', expectedVersion: 3 })).conversation).toMatchObject({
    state: 'HANDLED',
    waitingSince: null,
  });
  const changes = await bench.harness.events.count(
    'conversation.changed',
    3,
    ({ aggregateId }) => aggregateId === conversationId,
  );
  expect(
    changes.map(({ data, aggregateVersion }) => [
      data.change,
      data.previousState,
      data.conversation.state,
      aggregateVersion,
    ]),
  ).toEqual([
    ['read', 'unread', 'pending', 2],
    ['assignee', 'pending', 'pending', 3],
    ['state', 'pending', 'handled', 4],
  ]);
});

test('of two agents who change the same version one is refused', async () => {
  const { tenantId, agent, admin, agentId, adminId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const outcomes = await Promise.all([
    assign(agent, { conversationId, agentId, expectedVersion: 1 }),
    assign(admin, { conversationId, agentId: adminId, expectedVersion: 1 }),
  ]);
  expect(outcomes.flatMap(({ errors }) => errors)).toEqual([
    { code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] },
  ]);
  // Both payloads have the conversation as it is now.
  const [one, other] = outcomes.map(({ conversation }) => conversation);
  expect(one).toMatchObject({ version: 2, assignee: { id: expect.any(String) } });
  expect(other).toEqual(one);
});

test('refused changes leave the conversation as it was', async () => {
  const [{ tenantId, agent, agentId }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const { conversationId } = await givenInbound(bench, { tenantId });
  const here = { conversationId, expectedVersion: 1 };
  const refusals = [
    await setState(agent, { ...here, state: 'TRANSFERRED' }),
    await assign(agent, { ...here, agentId: newId() }),
    await assign(agent, { ...here, agentId: other.agentId }),
    await assign(agent, { ...here, agentId: 'nonsense' }),
    await markRead(agent, { ...here, expectedVersion: 2 }),
  ];
  expect(refusals.map(({ errors }) => [errors[0]?.code, errors[0]?.path[1]])).toEqual([
    ['ILLEGAL_TRANSITION', 'state'],
    ['NOT_FOUND', 'agentId'],
    ['NOT_FOUND', 'agentId'],
    ['NOT_FOUND', 'agentId'],
    ['VERSION_CONFLICT', 'expectedVersion'],
  ]);
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    version: 1,
    state: 'UNREAD',
    assignee: null,
  });
  await assign(agent, { ...here, agentId });
  expect((await setState(agent, { conversationId, expectedVersion: 2, state: 'TRANSFERRED' })).errors).toEqual([]);
});

test('the text of a note is shown to colleagues and is in no event', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const clientMutationId = newId();
  const secret = `refund agreed ${newId()}`;
  const { note } = await addNote(agent, { clientMutationId, conversationId, text: secret });
  const again = await addNote(agent, { clientMutationId, conversationId, text: secret });
  expect([again.note.id, again.clientMutationId]).toEqual([note.id, clientMutationId]);
  expect(await addNote(agent, { clientMutationId, conversationId, text: 'another text' })).toEqual({
    clientMutationId,
    note: null,
    errors: [{ code: 'CLIENT_ID_REUSED', path: ['input', 'clientMutationId'] }],
  });
  const query =
    'query ($id: ID!) { conversation(id: $id) { notes { edges { node { text author { displayName } } } } } }';
  expect(
    dataOf(await ask(bench.service.subgraph, admin, query, { id: conversationId })).conversation.notes.edges.map(
      ({ node }) => node,
    ),
  ).toEqual([{ text: secret, author: { displayName: 'Bo' } }]);
  await bench.harness.events.next('conversation.note-added', ({ data }) => data.noteId === note.id);
  expect(JSON.stringify(bench.harness.events.all)).not.toContain(secret);
});

test('a conversation, its messages and its events do not exist for another workspace', async () => {
  const [{ tenantId, agent }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const { conversationId, messageId } = await givenInbound(bench, { tenantId });
  const added = await bench.harness.events.next(
    'conversation.message-added',
    ({ data }) => data.messageId === messageId,
  );
  const query = `query ($conversation: ID!, $message: ID!, $event: ID!, $refs: [_Any!]!) {
    conversation(id: $conversation) { id } message(id: $message) { id } inboxEventsByIds(ids: [$event]) { id }
    conversations { edges { node { id } } }
    _entities(representations: $refs) { ... on Conversation { id version } ... on Message { id text } ... on Agent { id email } } }`;
  const refs = [
    { __typename: 'Conversation', id: conversationId },
    { __typename: 'Message', id: messageId },
    { __typename: 'Agent', id: other.agentId },
  ];
  const variables = { conversation: conversationId, message: messageId, event: added.id, refs };
  expect(dataOf(await ask(bench.service.subgraph, other.agent, query, variables))).toEqual({
    conversation: null,
    message: null,
    inboxEventsByIds: [null],
    conversations: { edges: [] },
    _entities: [null, null, { id: other.agentId, email: `bo@${other.slug}.example.com` }],
  });
  expect(dataOf(await ask(bench.service.subgraph, agent, query, variables))).toMatchObject({
    conversation: { id: conversationId },
    message: { id: messageId },
    inboxEventsByIds: [{ id: added.id }],
    _entities: [{ version: 1 }, { text: 'Where is my parcel?' }, null],
  });
  const here = { conversationId, expectedVersion: 1 };
  const refused = [
    await markRead(other.agent, here),
    await setState(other.agent, { ...here, state: 'HANDLED' }),
    await assign(other.agent, { ...here, agentId: other.agentId }),
    await addNote(other.agent, { conversationId, text: 'x' }),
    await send(bench, other.agent, { conversationId, text: 'x' }),
  ];
  expect(refused.map(({ errors }) => errors[0]?.code)).toEqual(Array.from(refused, () => 'NOT_FOUND'));
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ version: 1 });
});

test('an inbox event shows its kind, conversation and message; several come in the order of the given ids', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId, messageId, accountId } = await givenInbound(bench, { tenantId });
  await markRead(agent, { conversationId, expectedVersion: 1 });
  await assign(agent, { conversationId, agentId, expectedVersion: 2 });
  await setState(agent, { conversationId, state: 'HANDLED', expectedVersion: 3 });
  await addNote(agent, { conversationId, text: 'for colleagues' });
  const { message } = await send(bench, agent, { conversationId, text: 'hi' });
  await bench.harness.publish(aDelivery(tenantId, { messageId: message.id as MessageId, conversationId, accountId }));
  await bench.harness.events.next('conversation.delivery-changed', ({ aggregateId }) => aggregateId === conversationId);
  const query =
    'query ($ids: [ID!]!) { inboxEventsByIds(ids: $ids) { id cursor kind occurredAt conversation { id } message { id } } }';
  const read = async (ids: readonly string[]) =>
    dataOf(await ask(bench.service.subgraph, agent, query, { ids })).inboxEventsByIds;
  const events = bench.harness.events.all.filter(
    (event) => event.aggregateId === conversationId && event.source === 'conversation',
  );
  const shown = await read(events.map(({ id }) => id));
  const common = (i: number) => ({
    id: events[i]?.id,
    cursor: null,
    occurredAt: events[i]?.occurredAt,
    conversation: { id: conversationId },
  });
  expect(shown).toEqual([
    { ...common(0), kind: 'MESSAGE_ADDED', message: { id: messageId } },
    { ...common(1), kind: 'READ', message: null },
    { ...common(2), kind: 'ASSIGNEE_CHANGED', message: null },
    { ...common(3), kind: 'STATE_CHANGED', message: null },
    { ...common(4), kind: 'NOTE_ADDED', message: null },
    { ...common(5), kind: 'MESSAGE_ADDED', message: { id: message.id } },
    // The request to ingest is not an event of the inbox.
    null,
    { ...common(7), kind: 'DELIVERY_CHANGED', message: { id: message.id } },
  ]);
  expect(await read([newId(), 'nonsense'])).toEqual([null, null]);
  expect(await read([])).toEqual([]);
  const { errors } = await ask(bench.service.subgraph, agent, query, { ids: Array.from({ length: 101 }, newId) });
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', message: 'ask for at most 100 events at once' }]);
});

test('nobody reads or changes anything without signing in', async () => {
  const { tenantId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const queries = [
    `{ conversation(id: "${conversationId}") { id } }`,
    '{ conversation(id: "nonsense") { id } }',
    '{ conversations { edges { cursor } } }',
    '{ agents { edges { cursor } } }',
    '{ apiTokens { totalCount } }',
    '{ me { id } }',
    `{ message(id: "${newId()}") { id } }`,
    `{ inboxEventsByIds(ids: ["${newId()}"]) { id } }`,
    `{ _entities(representations: [{ __typename: "Conversation", id: "${conversationId}" }]) { __typename } }`,
    `mutation { markConversationRead(input: { conversationId: "${conversationId}", expectedVersion: 1 }) { errors { code } } }`,
  ];
  for (const query of queries) {
    const { errors } = await ask(bench.service.subgraph, { kind: 'anonymous' }, query);
    expect([query, errors.map(({ code }) => code)]).toEqual([query, ['UNAUTHENTICATED']]);
  }
});

test('people mark conversations with tags of the workspace: two spellings are one, and each change is told', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const tag = async (
    verb: 'addConversationTags' | 'removeConversationTags',
    tags: string[],
    id: string = conversationId,
  ) => {
    const type = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${verb}(input: $input) {
      conversation { version tags { name colour } } errors { code path } } }`;
    const input = { conversationId: id, tags };
    return dataOf(await ask(bench.service.subgraph, agent, query, { input }))[verb];
  };
  const paint = async (caller: Caller, name: string, colour: string) => {
    const query = `mutation ($input: UpsertConversationTagInput!) { upsertConversationTag(input: $input) {
      tag { name colour } errors { code path } } }`;
    return ask(bench.service.subgraph, caller, query, { input: { name, colour } });
  };
  expect(dataOf(await paint(admin, 'vip', 'RED')).upsertConversationTag).toEqual({
    tag: { name: 'vip', colour: 'RED' },
    errors: [],
  });
  expect((await paint(agent, 'vip', 'BLUE')).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const grey = { colour: 'GREY' };
  expect(await tag('addConversationTags', ['VIP', 'Late  parcel', 'late parcel'])).toEqual({
    conversation: {
      version: 2,
      tags: [
        { name: 'late parcel', ...grey },
        { name: 'vip', colour: 'RED' },
      ],
    },
    errors: [],
  });
  expect(await tag('addConversationTags', ['Vip'])).toMatchObject({ conversation: { version: 2 }, errors: [] });
  expect(await tag('removeConversationTags', ['LATE PARCEL', 'unknown'])).toMatchObject({
    conversation: { version: 3, tags: [{ name: 'vip' }] },
  });
  expect(await tag('addConversationTags', [' '])).toMatchObject({
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'tags'] }],
  });
  expect(await tag('addConversationTags', ['a'], newId())).toMatchObject({ errors: [{ code: 'NOT_FOUND' }] });
  await paint(admin, 'VIP', 'BLUE');
  const query = `{ conversationTags { name colour } conversations(filter: { hasTag: "vip" }) { totalCount } }`;
  const other = await givenWorkspace(bench);
  expect(dataOf(await ask(bench.service.subgraph, agent, query))).toEqual({
    conversationTags: [
      { name: 'late parcel', ...grey },
      { name: 'VIP', colour: 'BLUE' },
    ],
    conversations: { totalCount: 1 },
  });
  expect(dataOf(await ask(bench.service.subgraph, other.agent, query))).toEqual({
    conversationTags: [],
    conversations: { totalCount: 0 },
  });
  const changes = bench.harness.events
    .of('conversation.changed')
    .filter(({ aggregateId }) => aggregateId === conversationId);
  expect(changes.map(({ data }) => [data.change, data.tags])).toEqual([
    ['tags', ['late parcel', 'vip']],
    ['tags', ['vip']],
  ]);
});
