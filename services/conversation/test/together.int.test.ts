import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type CustomerId, type EventType, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { forgetOldDrafts } from '../src/draft/draft.store.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, send, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** What people see of each other in a conversation. */
const view = `query ($id: ID!) { conversation(id: $id) { state version contentVersion unreadCount myUnreadCount
  assignee { id } myDraft { text basis isShared version author { displayName } } sharedDrafts { text author { displayName } }
  members { role agent { displayName } addedBy { displayName } }
  notes { edges { node { text mentions { displayName } } } } } }`;

async function look(caller: Caller, id: string) {
  return dataOf(await ask(bench.service.subgraph, caller, view, { id })).conversation;
}

const inputs = {
  addConversationMember: 'ConversationMemberInput',
  removeConversationMember: 'ConversationMemberInput',
  watchConversation: 'WatchConversationInput',
  unwatchConversation: 'WatchConversationInput',
  transferConversation: 'TransferConversationInput',
  addNote: 'AddNoteInput',
  saveDraft: 'SaveDraftInput',
  markSeen: 'MarkSeenInput',
  markConversationRead: 'MarkConversationReadInput',
  addConversationTags: 'AddConversationTagsInput',
  removeConversationTags: 'RemoveConversationTagsInput',
  assignConversation: 'AssignConversationInput',
  closeConversation: 'CloseConversationInput',
} as const;

/** Performs a mutation and returns the codes of its errors. */
async function act(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>): Promise<string[]> {
  const query = `mutation ($input: ${inputs[name]}!) { ${name}(input: $input) { errors { code } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input }))[name].errors.map(({ code }) => code);
}

async function eventsOf<Type extends EventType>(type: Type, conversationId: string, count: number) {
  const events = await bench.harness.events.count(type, count, ({ aggregateId }) => aggregateId === conversationId);
  return events.map(({ data }) => data);
}

const linked = (tenantId: TenantId, conversationId: ConversationId, customerId: CustomerId) =>
  anEvent(
    'crm.conversation-linked',
    { conversationId, customerId, order: null },
    { tenantId, aggregateId: conversationId },
  );

const guarded = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id }
  conversation { contentVersion } newerItems { kind message { text } note { text } actor { kind agent { displayName } } }
  answeredElsewhere { text conversation { id } } errors { code path } } }`;

async function sendKnowing(caller: Caller, input: Record<string, unknown>) {
  const wanted = { clientMutationId: newId(), ...input };
  return dataOf(await ask(bench.service.subgraph, caller, guarded, { input: wanted })).sendMessage;
}

test('S2-1.2: a reply begun before something was added is refused, shows it, and passes once that is read', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const { contentVersion: basis, version } = await look(agent, conversationId);
  // Reading is nothing to have read.
  expect(await act(admin, 'markConversationRead', { conversationId, expectedVersion: version })).toEqual([]);
  expect(await look(agent, conversationId)).toMatchObject({ contentVersion: basis });
  await givenInbound(bench, { tenantId, conversationId, content: { kind: 'text', text: 'In blue, please' } });
  await act(admin, 'addNote', { clientMutationId: 'n', conversationId, text: 'No blue left' });
  const text = 'It ships tomorrow';
  const refused = await sendKnowing(agent, { clientMutationId: 'once', conversationId, text, basis });
  expect(refused).toMatchObject({
    message: null,
    conversation: { contentVersion: basis + 2 },
    newerItems: [
      { kind: 'NOTE', note: { text: 'No blue left' }, actor: { kind: 'AGENT', agent: { displayName: 'Ada' } } },
      { kind: 'MESSAGE', message: { text: 'In blue, please' }, actor: { kind: 'BUYER', agent: null } },
    ],
    errors: [{ code: 'STALE_DRAFT', path: ['input', 'basis'] }],
  });
  const [blocked] = await eventsOf('conversation.reply-blocked', conversationId, 1);
  expect(blocked).toMatchObject({ reason: 'stale-draft' });
  expect(JSON.stringify(blocked)).not.toContain(text);
  const again = await sendKnowing(agent, { clientMutationId: 'once', conversationId, text, basis: basis + 2 });
  expect(again).toMatchObject({ message: { id: expect.any(String) }, newerItems: [], errors: [] });
});

test('S2-1.2: whoever writes to a customer whom a colleague has answered elsewhere is told, and may insist', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const here = await givenInbound(bench, { tenantId, occurredAt: new Date(Date.now() - 60_000) });
  const there = await givenInbound(bench, { tenantId, channel: 'whatsapp', occurredAt: new Date(Date.now() - 50_000) });
  const customer = newId<CustomerId>();
  await bench.harness.publish(
    linked(tenantId, here.conversationId, customer),
    linked(tenantId, there.conversationId, customer),
  );
  const query = `query ($id: ID!) { conversations(filter: { customerId: $id }) { totalCount } }`;
  await eventually(async () => {
    const { conversations } = dataOf(await ask(bench.service.subgraph, agent, query, { id: customer }));
    expect(conversations.totalCount).toBe(2);
  });
  await send(bench, admin, { conversationId: there.conversationId, text: 'Refunded' });
  const { conversationId } = here;
  const reply = { conversationId, text: 'What is it about?', basis: 1 };
  expect(await sendKnowing(agent, reply)).toMatchObject({
    message: null,
    answeredElsewhere: [{ text: 'Refunded', conversation: { id: there.conversationId } }],
    errors: [{ code: 'ANSWERED_ELSEWHERE', path: ['input', 'conversationId'] }],
  });
  const [blocked] = await eventsOf('conversation.reply-blocked', conversationId, 1);
  expect(blocked).toMatchObject({ reason: 'answered-elsewhere' });
  // Whoever gave the answer elsewhere knows it; nobody else is asked who says nothing about what they knew.
  expect((await sendKnowing(admin, { ...reply, text: 'Hello' })).errors).toEqual([]);
  const insisting = { ...reply, basis: 2, ignoreAnsweredElsewhere: true };
  expect((await sendKnowing(agent, insisting)).errors).toEqual([]);
});

test('S2-3.2: each agent has their own count of unread messages, which only grows smaller by reading', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const say = (second: number) =>
    givenInbound(bench, { tenantId, conversationId, occurredAt: new Date(Date.UTC(2026, 0, 2, 3, 0, second)) });
  const [first, second] = [await say(1), await say(2), await say(3)];
  const counts = async () =>
    Promise.all([agent, admin].map(async (one) => (await look(one, conversationId)).myUnreadCount));
  expect(await counts()).toEqual([3, 3]);
  const seen = (upToMessageId: string) => act(agent, 'markSeen', { conversationId, upToMessageId });
  expect(await seen(second.messageId)).toEqual([]);
  expect(await seen(first.messageId)).toEqual([]);
  expect(await counts()).toEqual([1, 3]);
  expect(await look(agent, conversationId)).toMatchObject({ unreadCount: 3, state: 'UNREAD', version: 3 });
  // Whoever answers has read everything.
  await send(bench, admin, { conversationId, text: 'Hello' });
  expect(await counts()).toEqual([1, 0]);
  await say(4);
  expect(await counts()).toEqual([2, 1]);
  const elsewhere = await givenInbound(bench, { tenantId });
  expect(await seen(elsewhere.messageId)).toEqual(['NOT_FOUND']);
  // Both conversations turn out to be one.
  const data = {
    conversationId: elsewhere.conversationId,
    intoConversationId: conversationId,
    accountId: elsewhere.accountId,
    externalThreadId: 't',
    duplicates: [],
  };
  await bench.harness.publish(anEvent('ingest.threads-joined', data, { tenantId, aggregateId: data.conversationId }));
  await eventsOf('conversation.changed', conversationId, 1);
  expect(await counts()).toEqual([3, 2]);
});

test('S2-5.2: a note calls colleagues by their ids, who watch the conversation from then on', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent, admin, agentId, adminId } = workspace;
  const { conversationId } = await givenInbound(bench, { tenantId });
  const note = { conversationId, clientMutationId: 'n', text: '@Bo a secret' };
  expect(await act(admin, 'addNote', { ...note, mentionedAgentIds: [newId()] })).toEqual(['NOT_FOUND']);
  expect(await act(admin, 'addNote', { ...note, mentionedAgentIds: [agentId, agentId] })).toEqual([]);
  const [noted] = await eventsOf('conversation.note-added', conversationId, 1);
  expect(noted).toMatchObject({ agentId: adminId, mentionedAgentIds: [agentId] });
  expect(JSON.stringify(noted)).not.toContain('secret');
  const watcher = { role: 'WATCHER', agent: { displayName: 'Bo' }, addedBy: { displayName: 'Ada' } };
  expect(await look(agent, conversationId)).toMatchObject({
    notes: { edges: [{ node: { text: '@Bo a secret', mentions: [{ displayName: 'Bo' }] } }] },
    members: [watcher],
  });
  expect(await watchedBy(workspace)).toEqual({ agent: [conversationId], admin: [] });
  const colleague = { conversationId, agentId };
  expect(await act(admin, 'addConversationMember', colleague)).toEqual([]);
  expect(await act(agent, 'unwatchConversation', { conversationId })).toEqual([]);
  expect((await look(agent, conversationId)).members).toEqual([{ ...watcher, role: 'MEMBER' }]);
  expect(await act(admin, 'removeConversationMember', colleague)).toEqual([]);
  expect(await act(admin, 'watchConversation', { conversationId })).toEqual([]);
  expect(await watchedBy(workspace)).toEqual({ agent: [], admin: [conversationId] });
  const changes = await eventsOf('conversation.member-changed', conversationId, 4);
  expect(changes.map((change) => [change.agentId, change.role])).toEqual([
    [agentId, 'watcher'],
    [agentId, 'member'],
    [agentId, null],
    [adminId, 'watcher'],
  ]);
  expect(await act(admin, 'addConversationMember', { ...colleague, agentId: newId() })).toEqual(['NOT_FOUND']);
});

async function watchedBy({ agent, admin }: Workspace) {
  const query = `{ conversations(filter: { watchedByMe: true }) { edges { node { id } } } }`;
  const read = async (caller: Caller) =>
    dataOf(await ask(bench.service.subgraph, caller, query)).conversations.edges.map(({ node }) => node.id);
  return { agent: await read(agent), admin: await read(admin) };
}

test('a draft is kept for its author, never overwritten unseen, and gone once a reply is sent', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const save = (text: string, expectedVersion: number, more: object = {}) =>
    act(agent, 'saveDraft', { conversationId, text, basis: 1, expectedVersion, ...more });
  expect(await save('Dear', 0)).toEqual([]);
  expect(await save('Dear Ana', 1)).toEqual([]);
  expect(await save('another window', 1)).toEqual(['VERSION_CONFLICT']);
  const draft = { text: 'Dear Ana', basis: 1, isShared: false, version: 2, author: { displayName: 'Bo' } };
  expect(await look(agent, conversationId)).toMatchObject({ myDraft: draft, sharedDrafts: [], version: 1 });
  expect(await look(admin, conversationId)).toMatchObject({ myDraft: null, sharedDrafts: [] });
  expect(await save('Dear Ana,', 2, { isShared: true })).toEqual([]);
  expect((await look(admin, conversationId)).sharedDrafts).toEqual([
    { text: 'Dear Ana,', author: { displayName: 'Bo' } },
  ]);
  expect(await save('', 3)).toEqual([]);
  expect((await look(agent, conversationId)).myDraft).toBeNull();
  expect(await save('Hello', 0)).toEqual([]);
  await send(bench, agent, { conversationId, text: 'Hello' });
  expect((await look(agent, conversationId)).myDraft).toBeNull();
});

test('drafts that nobody has touched for a long time are forgotten', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [old, fresh] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  for (const { conversationId } of [old, fresh])
    await act(agent, 'saveDraft', { conversationId, text: 'x', basis: 1, expectedVersion: 0 });
  const { db } = bench.service.runtime;
  await sql`
    update draft set saved_at = saved_at - interval '91 days'
    where tenant_id = ${tenantId} and conversation_id = ${old.conversationId}`.execute(db.worker);
  await db.asWorker(forgetOldDrafts);
  expect((await look(agent, old.conversationId)).myDraft).toBeNull();
  expect((await look(agent, fresh.conversationId)).myDraft).toMatchObject({ text: 'x' });
});

test('a transfer is one act: assignee, state, the reason as a note, and the draft that was begun', async () => {
  const { tenantId, agent, admin, agentId, adminId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  await act(admin, 'saveDraft', { conversationId, text: 'Dear Ana', basis: 1, expectedVersion: 0 });
  const wanted = { conversationId, agentId, reason: 'Bo knows customs', expectedVersion: 1 };
  expect(await act(admin, 'transferConversation', { ...wanted, reason: ' ' })).toEqual(['INVALID_INPUT']);
  expect(await act(admin, 'transferConversation', { ...wanted, agentId: newId() })).toEqual(['NOT_FOUND']);
  expect(await act(admin, 'transferConversation', { ...wanted, agentId: adminId })).toEqual(['INVALID_INPUT']);
  expect(await act(admin, 'transferConversation', { ...wanted, expectedVersion: 7 })).toEqual(['VERSION_CONFLICT']);
  expect(await act(admin, 'transferConversation', wanted)).toEqual([]);
  expect(await look(agent, conversationId)).toMatchObject({
    state: 'TRANSFERRED',
    assignee: { id: agentId },
    notes: { edges: [{ node: { text: 'Bo knows customs' } }] },
    sharedDrafts: [{ text: 'Dear Ana', author: { displayName: 'Ada' } }],
  });
  const [told] = await eventsOf('conversation.transferred', conversationId, 1);
  expect(told).toMatchObject({ fromAgentId: null, toAgentId: agentId, conversation: { state: 'transferred' } });
  expect(JSON.stringify(told)).not.toContain('customs');
  expect(await act(admin, 'transferConversation', wanted)).toEqual(['INVALID_INPUT']);
});

test('a conversation is handed to a team: nobody has it, what is owed stays owed, and the team is told in its history', async () => {
  const { tenantId, agent, admin, agentId } = await givenWorkspace(bench);
  const stranger = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const teamOf = async (caller: Caller) => {
    const query = `mutation ($input: SaveTeamInput!) { saveTeam(input: $input) { team { id } } }`;
    const input = { name: 'Customs', memberIds: [] };
    return dataOf(await ask(bench.service.subgraph, caller, query, { input })).saveTeam.team.id;
  };
  const teamId = await teamOf(admin);
  await act(admin, 'assignConversation', { conversationId, agentId, expectedVersion: 1 });
  const { version: expectedVersion } = await look(agent, conversationId);
  const wanted = { conversationId, reason: 'Papers are missing', expectedVersion };
  expect(await act(agent, 'transferConversation', { ...wanted, teamId, agentId })).toEqual(['INVALID_INPUT']);
  expect(await act(agent, 'transferConversation', { ...wanted, teamId: await teamOf(stranger.admin) })).toEqual([
    'NOT_FOUND',
  ]);
  expect(await act(agent, 'transferConversation', { ...wanted, teamId, expectedVersion: 77 })).toEqual([
    'VERSION_CONFLICT',
  ]);
  expect(await act(agent, 'transferConversation', { ...wanted, teamId })).toEqual([]);
  expect(await look(agent, conversationId)).toMatchObject({ state: 'UNREAD', assignee: null });
  const [told] = await eventsOf('conversation.transferred', conversationId, 1);
  expect(told).toMatchObject({ fromAgentId: agentId, toAgentId: null, toTeamId: teamId });
  const [latest] = await timelineOf(agent, conversationId);
  expect(latest && inShort(latest)).toMatch(/^TRANSFERRED \| Bo \| ASSIGNEE Bo > null \| TEAM .* > /);
});

const timelineQuery = `query ($id: ID!, $first: Int!, $after: String) { conversation(id: $id) {
  timeline(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { kind at
    actor { kind agent { displayName } } message { text } note { text }
    changes { field before after beforeAgent { displayName } afterAgent { displayName } } } } } } }`;

async function timelineOf(caller: Caller, id: string, first = 50) {
  const rows = [];
  let after: string | null = null;
  for (;;) {
    const answer = dataOf(await ask(bench.service.subgraph, caller, timelineQuery, { id, first, after }));
    const { edges, pageInfo, totalCount } = answer.conversation.timeline;
    rows.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) {
      expect(totalCount).toBe(rows.length);
      return rows;
    }
    after = pageInfo.endCursor;
  }
}

/** A row in short: kind, actor, and each fact with its value before and after. */
function inShort(row: Awaited<ReturnType<typeof timelineOf>>[number]): string {
  const who = row.actor.agent?.displayName ?? row.actor.kind;
  const facts = row.changes.map(
    ({ field, before, after, beforeAgent, afterAgent }) =>
      `${field} ${beforeAgent?.displayName ?? before} > ${afterAgent?.displayName ?? after}`,
  );
  return [row.kind, who, row.message?.text ?? row.note?.text, ...facts]
    .filter((part) => part !== undefined)
    .join(' | ');
}

test('S1-4.5: the timeline has every change with who made it, before and after, in one order with messages and notes', async () => {
  const { tenantId, agent, admin, agentId, adminId } = await givenWorkspace(bench);
  // Its times are exact, so that the reply is not a second too early.
  const { conversationId } = await givenInbound(bench, { tenantId, channel: 'generic' });
  const current = async () => ({ conversationId, expectedVersion: (await look(agent, conversationId)).version });
  await act(admin, 'markConversationRead', await current());
  await act(admin, 'addConversationTags', { conversationId, tags: ['gift', 'vip'] });
  await act(admin, 'removeConversationTags', { conversationId, tags: ['vip'] });
  await act(admin, 'addNote', { conversationId, clientMutationId: 'n', text: 'Look', mentionedAgentIds: [agentId] });
  await act(admin, 'transferConversation', { ...(await current()), agentId, reason: 'Customs' });
  await send(bench, agent, { conversationId, text: 'Hello' });
  await act(agent, 'assignConversation', { ...(await current()), agentId: adminId });
  await act(agent, 'closeConversation', await current());
  const rows = await timelineOf(agent, conversationId);
  expect(rows.map(inShort).toReversed()).toEqual([
    'MESSAGE | BUYER | Where is my parcel?',
    'CHANGED | BUYER | STATE HANDLED > UNREAD',
    'CHANGED | Ada | STATE UNREAD > PENDING',
    'CHANGED | Ada | TAGS  > gift, vip',
    'CHANGED | Ada | TAGS gift, vip > gift',
    'NOTE | Ada | Look',
    'MEMBER_CHANGED | Ada | MEMBER null > Bo | MEMBER_ROLE null > WATCHER',
    'NOTE | Ada | Customs',
    'TRANSFERRED | Ada | STATE PENDING > TRANSFERRED | ASSIGNEE null > Bo',
    'MESSAGE | Bo | Hello',
    'CHANGED | Bo | STATE TRANSFERRED > HANDLED',
    'CHANGED | Bo | ASSIGNEE Bo > Ada',
    'CHANGED | Bo | PHASE OPEN > CLOSED',
  ]);
  expect(await timelineOf(agent, conversationId, 4)).toEqual(rows);
});
