import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type MessageId, newId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { ask } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import {
  aDelivery,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  send,
  type Workspace,
} from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 0, second));

const view = `query ($id: ID!) { conversation(id: $id) { id version state phase priority cycle assignee { id } buyerName
  unreadCount myUnreadCount waitingSince lastMessageAt lastMessagePreview tags { name } members { role agent { id } }
  joinedInto { id } mergedInto { id } splitFrom { id } threads { id account { id } isLive }
  notes(oldestFirst: true) { edges { node { text } } } myDraft { text }
  regroupings { id kind reason others { id } by { id } undoneAt }
  messages(first: 100, oldestFirst: true) { totalCount edges { node { id text thread { id } } } } } }`;

async function look(caller: Caller, id: string) {
  return dataOf(await ask(bench.service.subgraph, caller, view, { id })).conversation;
}

async function textsIn(caller: Caller, id: string) {
  return (await look(caller, id)).messages.edges.map(({ node }) => node.text);
}

const answer = `{ regrouping { id kind conversation { id } others { id } } laterRegrouping { id } errors { code path message } }`;

async function merge(caller: Caller, into: string, from: readonly string[], reason = 'the same parcel') {
  const versionOf = async (id: string) => (await look(caller, id)).version;
  const named = from.map(async (conversationId) => ({
    conversationId,
    expectedVersion: await versionOf(conversationId),
  }));
  const input = { into, expectedVersion: await versionOf(into), from: await Promise.all(named), reason };
  const query = `mutation ($input: MergeConversationsInput!) { mergeConversations(input: $input) ${answer} }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).mergeConversations;
}

async function split(caller: Caller, conversationId: string, fromMessageId: string) {
  const { version: expectedVersion } = await look(caller, conversationId);
  const input = { conversationId, expectedVersion, fromMessageId, reason: 'another parcel' };
  const query = `mutation ($input: SplitConversationInput!) { splitConversation(input: $input) ${answer} }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).splitConversation;
}

async function undo(caller: Caller, regroupingId: string) {
  const query = `mutation ($input: UndoRegroupingInput!) { undoRegrouping(input: $input) ${answer} }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input: { regroupingId } })).undoRegrouping;
}

const inputs = {
  addConversationTags: 'AddConversationTagsInput',
  addConversationMember: 'ConversationMemberInput',
  addNote: 'AddNoteInput',
  assignConversation: 'AssignConversationInput',
  closeConversation: 'CloseConversationInput',
} as const;

async function act(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>): Promise<void> {
  const query = `mutation ($input: ${inputs[name]}!) { ${name}(input: $input) { errors { code } } }`;
  expect(dataOf(await ask(bench.service.subgraph, caller, query, { input }))[name].errors).toEqual([]);
}

/** Two conversations of one store, and a way to let their buyers write at a second. */
async function givenTwo({ tenantId }: Workspace) {
  const accountId = newId<ChannelAccountId>();
  const say = (conversationId: ConversationId, second: number, text: string, told: object = {}) =>
    givenInbound(bench, {
      ...{ tenantId, accountId, conversationId, externalThreadId: `thread of ${conversationId}` },
      ...{ occurredAt: at(second), content: { kind: 'text', text } },
      ...told,
    });
  const [first, second] = [newId<ConversationId>(), newId<ConversationId>()];
  await say(first, 1, 'Where is my parcel?');
  await say(second, 2, 'Hello?');
  return { accountId, first, second, say };
}

function requestedOf({ tenantId }: Workspace, count: number) {
  return bench.harness.events.count('conversation.reply-requested', count, (event) => event.tenantId === tenantId);
}

/** Lets the platform report on a reply. */
async function deliver(workspace: Workspace, messageId: string, threadId: ConversationId, accountId: ChannelAccountId) {
  const report = { messageId: messageId as MessageId, conversationId: threadId, accountId };
  await bench.harness.publish(aDelivery(workspace.tenantId, report));
  await bench.harness.events.next('conversation.delivery-changed', ({ data }) => data.messageId === messageId);
}

test('S4-3.2: a merge puts messages, notes, tags, people and what is owed together, and undoing it takes them apart', async () => {
  const workspace = await givenWorkspace(bench);
  const { agent, agentId, admin, adminId } = workspace;
  const { accountId, first, second, say } = await givenTwo(workspace);
  await act(agent, 'addConversationTags', { conversationId: first, tags: ['parcel'] });
  await act(agent, 'addConversationTags', { conversationId: second, tags: ['parcel', 'rude'] });
  await act(agent, 'addConversationMember', { conversationId: second, agentId: adminId });
  await act(agent, 'addNote', { clientMutationId: 'a', conversationId: second, text: 'writes at night' });
  const before = [await look(agent, first), await look(agent, second)];

  const { regrouping, errors } = await merge(agent, first, [second]);
  expect(errors).toEqual([]);
  expect(regrouping).toMatchObject({ kind: 'MERGE', conversation: { id: first }, others: [{ id: second }] });
  const merged = await look(agent, first);
  expect(merged).toMatchObject({
    ...{ state: 'UNREAD', unreadCount: 2, waitingSince: at(1).toISOString(), lastMessagePreview: 'Hello?' },
    ...{ tags: [{ name: 'parcel' }, { name: 'rude' }], members: [{ role: 'MEMBER', agent: { id: adminId } }] },
    notes: { edges: [{ node: { text: 'writes at night' } }] },
    regroupings: [{ id: regrouping.id, reason: 'the same parcel', by: { id: agentId }, undoneAt: null }],
  });
  expect(await textsIn(agent, first)).toEqual(['Where is my parcel?', 'Hello?']);
  expect(merged.threads.map(({ id }) => id).toSorted()).toEqual([first, second].toSorted());
  expect(merged.messages.edges.map(({ node }) => node.thread.id)).toEqual([first, second]);
  expect(await look(agent, second)).toMatchObject({
    ...{ phase: 'MERGED', state: 'HANDLED', mergedInto: { id: first }, joinedInto: { id: first } },
    messages: { totalCount: 0 },
  });
  const { conversations } = dataOf(
    await ask(bench.service.subgraph, agent, '{ conversations { edges { node { id } } } }'),
  );
  expect(conversations.edges).toEqual([{ node: { id: first } }]);

  // The buyer goes on writing on the moved thread; the reply goes out there, and another one where the agent wants it.
  await say(second, 3, 'Anybody?');
  const reply = await send(bench, agent, { conversationId: first, text: 'It left yesterday' });
  const chosen = await send(bench, agent, { conversationId: second, threadId: first, text: 'See the other chat' });
  expect(chosen.message.conversation.id).toBe(first);
  const requested = await requestedOf(workspace, 2);
  expect(requested.map(({ aggregateId, data }) => [aggregateId, data.conversationId, data.accountId])).toEqual([
    [first, second, accountId],
    [first, first, accountId],
  ]);
  const wrong = await send(bench, agent, { conversationId: first, threadId: newId(), text: 'Hello' });
  expect(wrong.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'threadId'] }]);

  // Not while nobody knows what becomes of the replies.
  expect(await undo(agent, regrouping.id)).toMatchObject({ regrouping: null, errors: [{ code: 'REPLY_IN_FLIGHT' }] });
  await deliver(workspace, reply.message.id, second, accountId);
  await deliver(workspace, chosen.message.id, first, accountId);
  await act(admin, 'addConversationTags', { conversationId: first, tags: ['late'] });
  expect((await undo(agent, regrouping.id)).errors).toEqual([]);
  expect((await undo(agent, regrouping.id)).errors).toEqual([]);

  const [one, other] = [await look(agent, first), await look(agent, second)];
  expect(one).toMatchObject({
    state: 'HANDLED',
    tags: [{ name: 'late' }, { name: 'parcel' }],
    members: [],
    notes: { edges: [] },
  });
  expect(await textsIn(agent, first)).toEqual(['Where is my parcel?', 'See the other chat']);
  const { tags, members, notes } = before[1] ?? {};
  expect(other).toMatchObject({ state: 'HANDLED', phase: 'OPEN', mergedInto: null, tags, members, notes });
  expect(await textsIn(agent, second)).toEqual(['Hello?', 'Anybody?', 'It left yesterday']);
  const timeline = `query ($id: ID!) { conversation(id: $id) { timeline { edges { node { kind changes { field after } } } } } }`;
  const told = dataOf(await ask(bench.service.subgraph, agent, timeline, { id: second })).conversation.timeline.edges;
  const regroupings = told.filter(({ node: { kind } }) => kind === 'MERGED' || kind === 'REGROUPING_UNDONE');
  expect(
    regroupings.map(({ node: { kind, changes } }) => [kind, changes.find(({ field }) => field === 'CONVERSATIONS')]),
  ).toEqual([
    ['REGROUPING_UNDONE', { field: 'CONVERSATIONS', after: first }],
    ['MERGED', { field: 'CONVERSATIONS', after: first }],
  ]);
  expect(before[0]?.messages.totalCount).toBe(1);
});

test('S4-3.2: what cannot be merged, split or undone says why, and writes nothing', async () => {
  const workspace = await givenWorkspace(bench);
  const { agent, admin, tenantId } = workspace;
  const { accountId, first, second, say } = await givenTwo(workspace);
  const third = await givenInbound(bench, { tenantId, occurredAt: at(3) });
  const codes = ({ errors }: { errors: { code: string; path: string[] | null }[] }) => errors.map(({ code }) => code);
  expect(codes(await merge(agent, first, [first]))).toEqual(['INVALID_INPUT']);
  expect(codes(await merge(agent, first, []))).toEqual(['INVALID_INPUT']);
  expect(codes(await merge(agent, first, [second], ' '))).toEqual(['INVALID_INPUT']);
  expect(codes(await merge(agent, first, [third.conversationId]))).toEqual(['FORBIDDEN']);
  const query = `mutation ($input: MergeConversationsInput!) { mergeConversations(input: $input) ${answer} }`;
  const stale = {
    into: first,
    expectedVersion: 1,
    from: [{ conversationId: second, expectedVersion: 7 }],
    reason: 'r',
  };
  const ask2 = async (input: object) =>
    dataOf(await ask(bench.service.subgraph, agent, query, { input })).mergeConversations;
  expect(codes(await ask2(stale))).toEqual(['VERSION_CONFLICT']);
  const absent = { ...stale, from: [{ conversationId: newId(), expectedVersion: 1 }] };
  expect((await ask2(absent)).errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'from'] }]);
  const { message } = await send(bench, agent, { conversationId: second, text: 'One moment' });
  expect(codes(await merge(agent, first, [second]))).toEqual(['REPLY_IN_FLIGHT']);
  await deliver(workspace, message.id, second, accountId);

  const merged = await merge(agent, first, [second]);
  expect(codes(await merge(agent, third.conversationId, [second]))).toEqual(['ILLEGAL_TRANSITION']);
  const wider = await merge(admin, third.conversationId, [first]);
  expect(wider.errors).toEqual([]);
  expect(await undo(agent, merged.regrouping.id)).toMatchObject({
    regrouping: null,
    laterRegrouping: { id: wider.regrouping.id },
    errors: [{ code: 'REGROUPED_SINCE' }],
  });
  // Two steps away, the thread still leads to the one that has it.
  await say(second, 9, 'Still there?');
  expect(await textsIn(agent, third.conversationId)).toContain('Still there?');
  expect(codes(await undo(admin, newId()))).toEqual(['NOT_FOUND']);
  expect(codes(await undo(admin, wider.regrouping.id))).toEqual([]);
  expect(await textsIn(agent, first)).toContain('Still there?');
  expect(codes(await undo(admin, merged.regrouping.id))).toEqual([]);
  expect(await textsIn(agent, second)).toEqual(['Hello?', 'Still there?', 'One moment']);

  const { messages } = await look(agent, first);
  const [only] = messages.edges;
  expect(codes(await split(agent, first, only?.node.id ?? ''))).toEqual(['INVALID_INPUT']);
  expect(codes(await split(agent, second, only?.node.id ?? ''))).toEqual(['NOT_FOUND']);
});

test('S4-3.2: a part of a conversation becomes one of its own, with what the buyer writes then, and comes back', async () => {
  const workspace = await givenWorkspace(bench);
  const { agent } = workspace;
  const { accountId, first, say } = await givenTwo(workspace);
  await act(agent, 'addConversationTags', { conversationId: first, tags: ['parcel'] });
  const second = await say(first, 5, 'And an invoice, please');
  const { regrouping, errors } = await split(agent, first, second.messageId);
  expect(errors).toEqual([]);
  const madeId = regrouping.others[0]?.id ?? '';
  await say(first, 6, 'For my company');
  expect(await look(agent, madeId)).toMatchObject({
    ...{ state: 'UNREAD', unreadCount: 2, waitingSince: at(5).toISOString(), lastMessagePreview: 'For my company' },
    ...{ splitFrom: { id: first }, tags: [{ name: 'parcel' }], threads: [{ id: first, isLive: true }] },
  });
  expect(await textsIn(agent, madeId)).toEqual(['And an invoice, please', 'For my company']);
  expect(await look(agent, first)).toMatchObject({
    ...{ state: 'UNREAD', unreadCount: 1, waitingSince: at(1).toISOString() },
    ...{ lastMessagePreview: 'Where is my parcel?', threads: [{ id: first, isLive: false }] },
  });
  // Both are answered on the one thread.
  for (const [conversationId, text] of [
    [first, 'It left'],
    [madeId, 'Attached'],
  ] as const) {
    const { message } = await send(bench, agent, { conversationId, text });
    expect(message.conversation).toMatchObject({ id: conversationId, state: 'HANDLED' });
    await deliver(workspace, message.id, first, accountId);
  }
  const requested = await requestedOf(workspace, 2);
  expect(requested.map(({ data }) => data.conversationId)).toEqual([first, first]);
  expect((await undo(agent, regrouping.id)).errors).toEqual([]);
  expect(await textsIn(agent, first)).toEqual([
    ...['Where is my parcel?', 'And an invoice, please', 'For my company', 'It left', 'Attached'],
  ]);
  expect(await look(agent, first)).toMatchObject({ state: 'HANDLED', threads: [{ id: first, isLive: true }] });
  expect(await look(agent, madeId)).toMatchObject({ phase: 'MERGED', joinedInto: { id: first }, mergedInto: null });
});

type Command =
  | { readonly kind: 'buyer' | 'seller' | 'reply'; readonly thread: number; readonly second: number }
  | { readonly kind: 'merge'; readonly into: number; readonly from: number }
  | { readonly kind: 'split'; readonly message: number }
  | { readonly kind: 'undo'; readonly which: number };

const threadCount = 3;
const aThread = fc.nat(threadCount - 1);
const aCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('buyer' as const), thread: aThread, second: fc.nat(49) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('seller' as const), thread: aThread, second: fc.nat(49) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reply' as const), thread: aThread, second: fc.nat(49) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge' as const), into: fc.nat(), from: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('split' as const), message: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), which: fc.nat() }) },
);

/** The same buyers write in two workspaces; in the second one nobody regroups anything. */
async function givenTwins() {
  const [here, there] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const accountId = newId<ChannelAccountId>();
  const threads = Array.from({ length: threadCount }, () => newId<ConversationId>());
  const said: string[] = [];
  const done: string[] = [];
  const threadAt = (n: number) => threads[n % threads.length] ?? newId<ConversationId>();
  const inBoth = (act: (workspace: Workspace) => Promise<unknown>) => Promise.all([here, there].map(act));
  const say = async (n: number, second: number, told: object = {}) => {
    const text = `message ${said.length}`;
    const conversationId = threadAt(n);
    // No two at one instant: their order would be that of their ids.
    const occurredAt = new Date(at(second).getTime() + said.push(text));
    await inBoth(({ tenantId }) =>
      givenInbound(bench, {
        tenantId,
        accountId,
        conversationId,
        occurredAt,
        content: { kind: 'text', text },
        ...told,
      }),
    );
  };
  const reply = async (n: number) => {
    const text = `message ${said.length}`;
    said.push(text);
    const threadId = threadAt(n);
    await inBoth(async (workspace) => {
      const { agent } = workspace;
      const { message, errors } = await send(bench, agent, {
        conversationId: await holderOf(agent, threads, threadId),
        threadId,
        text,
      });
      expect(errors).toEqual([]);
      await deliver(workspace, message.id, threadId, accountId);
    });
  };
  return { here, there, threads, said, done, say, reply };
}

/** The conversation to which new messages of a thread come. */
async function holderOf(caller: Caller, threads: readonly string[], threadId: string): Promise<string> {
  const found = await openConversations(caller);
  const holder = found.find((one) => one.threads.some(({ id, isLive }) => id === threadId && isLive));
  if (holder === undefined) throw new Error(`no conversation has ${threadId} of ${threads.length}`);
  return holder.id;
}

async function openConversations(caller: Caller) {
  const query = `{ conversations(first: 50) { edges { node { id threads { id isLive }
    messages(first: 100, oldestFirst: true) { edges { node { id text occurredAt thread { id } } } } } } } }`;
  const { conversations } = dataOf(await ask(bench.service.subgraph, caller, query));
  return conversations.edges.map(({ node }) => node).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

type Twins = Awaited<ReturnType<typeof givenTwins>>;

async function perform(twins: Twins, command: Command): Promise<void> {
  const { here, done, say, reply } = twins;
  const open = await openConversations(here.agent);
  switch (command.kind) {
    case 'buyer':
      return say(command.thread, command.second);
    case 'seller':
      return say(command.thread, command.second, { direction: 'outbound', author: 'seller' });
    case 'reply':
      return reply(command.thread);
    case 'merge': {
      const [into, from] = [open[command.into % open.length], open[command.from % open.length]];
      if (into === undefined || from === undefined || into === from) return;
      const { regrouping, errors } = await merge(here.agent, into.id, [from.id]);
      expect(errors).toEqual([]);
      done.push(regrouping.id);
      return;
    }
    case 'split': {
      const messages = open.flatMap(({ id, messages: { edges } }) =>
        edges.map(({ node }) => ({ id, messageId: node.id })),
      );
      const chosen = messages[command.message % messages.length];
      if (chosen === undefined) return;
      const { regrouping, errors } = await split(here.agent, chosen.id, chosen.messageId);
      if (errors.length === 0) done.push(regrouping.id);
      else expect(errors).toMatchObject([{ code: 'INVALID_INPUT' }]);
      return;
    }
    case 'undo': {
      const id = done[command.which % Math.max(1, done.length)];
      if (id === undefined) return;
      const { laterRegrouping, errors } = await undo(here.agent, id);
      if (errors.length === 0) done.splice(done.indexOf(id), 1);
      else expect([errors[0]?.code, done.includes(laterRegrouping.id)]).toEqual(['REGROUPED_SINCE', true]);
    }
  }
}

/** No message is lost, doubled or out of order, and each is where its segment is. */
async function expectComplete({ here, said }: Twins): Promise<void> {
  const open = await openConversations(here.agent);
  const texts = open.flatMap(({ messages }) => messages.edges.map(({ node }) => node.text));
  expect(texts.toSorted()).toEqual(said.toSorted());
  for (const { messages } of open) {
    const times = messages.edges.map(({ node }) => node.occurredAt);
    expect(times).toEqual(times.toSorted());
  }
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql`select from message m join segment s on s.tenant_id = m.tenant_id and s.id = m.segment_id
      where m.tenant_id = ${here.tenantId} and s.conversation_id <> m.conversation_id`.execute(trx),
  );
  expect(rows).toEqual([]);
}

/** What the events have told last of each conversation is what the conversation is: counters are sums of that. */
async function expectTold({ here: { tenantId } }: Twins): Promise<void> {
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql`with told as (
        select distinct on (key) key, envelope -> 'data' -> 'conversation' as told from outbox_event
        where tenant_id = ${tenantId} and envelope -> 'data' -> 'conversation' is not null
        order by key, (envelope ->> 'aggregateVersion')::int desc)
      select from conversation c left join told on told.key = c.id
      where c.tenant_id = ${tenantId} and (c.state, c.unread_count::text, c.joined_into::text)
        is distinct from (told ->> 'state', told ->> 'unreadCount', told ->> 'joinedInto')`.execute(trx),
  );
  expect(rows).toEqual([]);
}

const standing = `query ($id: ID!) { conversation(id: $id) { id state phase priority cycle assignee { id } buyerName unreadCount
  waitingSince lastMessageAt lastMessagePreview tags { name } members { role } joinedInto { id } mergedInto { id }
  threads { id isLive } replyWindowClosesAt messages(first: 100, oldestFirst: true) { edges { node { text thread { id } } } } } }`;

async function standingOf(caller: Caller, id: string) {
  const { conversation } = dataOf(await ask(bench.service.subgraph, caller, standing, { id }));
  // Replies are written a moment apart in the two workspaces.
  const isReply = new Date(conversation.lastMessageAt) > at(3_600);
  return { ...conversation, lastMessageAt: isReply ? 'a reply' : conversation.lastMessageAt };
}

test('S4-3.2: merges, splits and undos in any order, undone, leave no trace, and lose, double and disorder nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aCommand, { minLength: 8, maxLength: 16 }), async (commands) => {
      const twins = await givenTwins();
      for (let thread = 0; thread < threadCount; thread += 1) await twins.say(thread, thread);
      for (const command of commands) {
        await perform(twins, command);
        await expectComplete(twins);
      }
      for (const id of twins.done.toReversed()) expect((await undo(twins.here.agent, id)).errors).toEqual([]);
      await expectComplete(twins);
      await expectTold(twins);
      for (const id of twins.threads) {
        const [is, was] = await Promise.all([twins.here, twins.there].map(({ agent }) => standingOf(agent, id)));
        expect(is).toEqual(was);
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
}, 120_000);
