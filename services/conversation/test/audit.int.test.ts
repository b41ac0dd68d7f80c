import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentId, newId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { sql } from 'kysely';
import {
  askAnonymously,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  password,
  send,
  setupCode,
} from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function entries(caller: Caller, after: string | null = null, first = 100) {
  const query = `query ($first: Int!, $after: String) { auditEntries(first: $first, after: $after) {
    edges { cursor node { seq at actorKind actorId action targetId hash } } pageInfo { hasNextPage endCursor } totalCount } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { first, after })).auditEntries;
}

async function run(caller: Caller, mutation: string, input: object) {
  const type = `${mutation.slice(0, 1).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { errors { code } } }`;
  const answer = await ask(bench.service.subgraph, caller, query, { input });
  expect(answer.errors).toEqual([]);
  return (answer.data as Record<string, { errors: { code: string }[] }>)[mutation]?.errors.map(({ code }) => code);
}

test('each mutation that did something is one entry: who, what, to which id; newest first, page by page', async () => {
  const { tenantId, admin, adminId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const version = message.conversation.version;
  await run(agent, 'assignConversation', { conversationId, agentId, expectedVersion: version });
  await run(agent, 'setConversationState', { conversationId, state: 'PENDING', expectedVersion: version + 1 });
  await run(agent, 'addNote', { conversationId, text: 'a note', clientMutationId: newId() });
  await run(admin, 'updateAgent', { agentId, role: 'SUPERVISOR', expectedVersion: 1 });
  await run(admin, 'resetPassword', { agentId, password: `${password} again` });
  await run(admin, 'createApiToken', {
    name: 'robot',
    role: 'AGENT',
    scopes: ['CONVERSATION_READ'],
    expiresInDays: 30,
  });
  const { edges } = await entries(admin);
  const [bo, ada] = [
    { actorKind: 'AGENT', actorId: agentId },
    { actorKind: 'AGENT', actorId: adminId },
  ];
  expect(edges.map(({ node }) => node)).toMatchObject([
    { seq: 7, ...ada, action: 'createApiToken' },
    { seq: 6, ...ada, action: 'resetPassword', targetId: agentId },
    { seq: 5, ...ada, action: 'updateAgent', targetId: agentId },
    { seq: 4, ...bo, action: 'addNote' },
    { seq: 3, ...bo, action: 'setConversationState', targetId: conversationId },
    { seq: 2, ...bo, action: 'assignConversation', targetId: conversationId },
    { seq: 1, ...bo, action: 'sendMessage', targetId: message.id },
  ]);
  const page = await entries(admin, null, 3);
  expect([page.pageInfo.hasNextPage, page.totalCount]).toEqual([true, 7]);
  expect((await entries(admin, page.pageInfo.endCursor)).edges.map(({ node }) => node.seq)).toEqual([4, 3, 2, 1]);
});

test('a refused mutation, one that changes nothing and a repeated one leave no entry, whenever they arrive', async () => {
  const { tenantId, admin, agent, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const input = { conversationId, text: 'Hello', clientMutationId: newId() };
  await Promise.all(Array.from({ length: 10 }, () => send(bench, agent, input)));
  await send(bench, agent, input);
  expect((await send(bench, agent, { conversationId, text: '' })).errors).not.toEqual([]);
  expect((await send(bench, agent, { conversationId: newId(), text: 'Hello' })).errors).not.toEqual([]);
  expect(await run(agent, 'assignConversation', { conversationId, agentId, expectedVersion: 99 })).toEqual([
    'VERSION_CONFLICT',
  ]);
  expect(
    await run(agent, 'createApiToken', {
      name: 'robot',
      role: 'AGENT',
      scopes: ['CONVERSATION_READ'],
      expiresInDays: 30,
    }),
  ).toEqual(['FORBIDDEN']);
  expect((await entries(admin)).edges.map(({ node }) => node.action)).toEqual(['sendMessage']);
});

test('the entry of a program names its API token', async () => {
  const { tenantId, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const agentId = newId<AgentId>();
  await run(
    { kind: 'api-token', tenantId, agentId, role: 'agent', scopes: ['conversation-write'] },
    'markConversationRead',
    {
      conversationId,
      expectedVersion: 1,
    },
  );
  expect((await entries(admin)).edges.map(({ node }) => node)).toMatchObject([
    { actorKind: 'API_TOKEN', actorId: agentId, action: 'markConversationRead' },
  ]);
});

test('only supervisors and admins see the entries, and only those of their workspace', async () => {
  const [mine, theirs] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const { conversationId } = await givenInbound(bench, { tenantId: mine.tenantId });
  await send(bench, mine.agent, { conversationId, text: 'Hello' });
  expect((await entries(anAgent(mine.tenantId, 'supervisor'))).edges).toHaveLength(1);
  expect((await entries(theirs.admin)).edges).toEqual([]);
  await expect(entries(mine.agent)).rejects.toThrow('FORBIDDEN');
  await expect(entries(mine.admin, 'nonsense')).rejects.toThrow('BAD_USER_INPUT');
});

test('the first entry of an installation is the workspace itself', async () => {
  const empty = await openBench();
  try {
    const input = {
      setupCode,
      workspace: 'first-shop',
      workspaceName: 'First Shop',
      displayName: 'Ada',
      email: 'ada@example.com',
      password,
    };
    const query = `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { agent { id } errors { code } } }`;
    const { agent } = (await askAnonymously(empty, query, { input })).createWorkspace;
    const { rows } = await empty.service.runtime.db.asWorker((trx) =>
      sql`select seq::int, actor_id, action, target_id from audit_entry`.execute(trx),
    );
    expect(rows).toEqual([{ seq: 1, actor_id: agent.id, action: 'createWorkspace', target_id: agent.id }]);
  } finally {
    await empty.close();
  }
});
