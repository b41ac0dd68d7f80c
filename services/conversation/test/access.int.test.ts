import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChannelAccountId, newId, type TeamId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, send, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const rolePart = 'role { id name storeIds reach version } errors { code path }';
const documents = {
  saveRole: `mutation ($input: SaveRoleInput!) { saveRole(input: $input) { ${rolePart} } }`,
  deleteRole: `mutation ($input: DeleteRoleInput!) { deleteRole(input: $input) { ${rolePart} } }`,
  assignRole: `mutation ($input: AssignRoleInput!) {
    assignRole(input: $input) { agent { version customRole { id } } errors { code path } } }`,
};

async function run<Name extends keyof typeof documents>(caller: Caller, name: Name, input: Record<string, unknown>) {
  return dataOf(await ask(bench.service.subgraph, caller, documents[name], { input }))[name];
}

const saveRole = (caller: Caller, input: Record<string, unknown>) =>
  run(caller, 'saveRole', { clientMutationId: newId(), reach: 'ALL', ...input });

/** The agent of the workspace with a custom role, as the gateway knows them from then on. */
async function limitedAgent(
  { tenantId, admin, agentId }: Workspace,
  limits: { storeIds?: string[]; reach?: string; withheld?: string[] },
): Promise<Caller> {
  const { role } = await saveRole(admin, { name: `role ${newId()}`, ...limits });
  const before = await versionOf(admin, agentId);
  const { errors } = await run(admin, 'assignRole', { agentId, roleId: role.id, expectedVersion: before });
  expect(errors).toEqual([]);
  const standing = await bench.service.standingOf(tenantId, agentId, null);
  if (standing?.access === undefined) throw new Error('the role limits nothing');
  return { kind: 'agent', tenantId, agentId, role: 'agent', authenticatedAtMs: Date.now(), access: standing.access };
}

async function versionOf(caller: Caller, agentId: string): Promise<number> {
  const { agents } = dataOf(await ask(bench.service.subgraph, caller, '{ agents { edges { node { id version } } } }'));
  return agents.edges.find(({ node }) => node.id === agentId)?.node.version ?? 0;
}

async function listed(caller: Caller): Promise<{ ids: string[]; totalCount: number }> {
  const query = '{ conversations(first: 100) { totalCount edges { node { id } } } }';
  const { conversations } = dataOf(await ask(bench.service.subgraph, caller, query));
  return { ids: conversations.edges.map(({ node }) => node.id).toSorted(), totalCount: conversations.totalCount };
}

test('a role is made once, changed and deleted; each is published and audited', async () => {
  const ws = await givenWorkspace(bench);
  const input = { clientMutationId: newId(), name: 'Thailand', storeIds: [newId()], reach: 'ALL' };
  const { role } = await saveRole(ws.admin, input);
  expect(await saveRole(ws.admin, input)).toMatchObject({ role: { id: role.id }, errors: [] });
  expect(await saveRole(ws.admin, { name: ' Thailand ' })).toMatchObject({ errors: [{ code: 'ALREADY_EXISTS' }] });
  const change = { roleId: role.id, expectedVersion: 1, name: 'Thailand', reach: 'OWN' };
  expect(await saveRole(ws.admin, change)).toEqual({
    role: { id: role.id, name: 'Thailand', storeIds: null, reach: 'OWN', version: 2 },
    errors: [],
  });
  expect(await saveRole(ws.admin, { ...change, reach: 'ALL' })).toMatchObject({
    role: { reach: 'OWN', version: 2 },
    errors: [{ code: 'VERSION_CONFLICT' }],
  });
  const { agentId, admin } = ws;
  const assign = { agentId, roleId: role.id, expectedVersion: 1 };
  expect(await run(admin, 'assignRole', assign)).toMatchObject({ agent: { customRole: { id: role.id } }, errors: [] });
  expect((await run(admin, 'deleteRole', { roleId: role.id })).errors).toEqual([
    { code: 'IN_USE', path: ['input', 'roleId'] },
  ]);
  await run(admin, 'assignRole', { agentId, roleId: null, expectedVersion: 2 });
  expect((await bench.service.standingOf(ws.tenantId, agentId, null))?.access).toBeUndefined();
  expect((await run(admin, 'deleteRole', { roleId: role.id })).errors).toEqual([]);
  const told = await bench.harness.events.count(
    'conversation.role-changed',
    3,
    ({ tenantId }) => tenantId === ws.tenantId,
  );
  expect(told.map(({ data, aggregateVersion }) => [aggregateVersion, data.reach, data.isDeleted])).toEqual([
    [1, 'all', false],
    [2, 'own', false],
    [3, 'own', true],
  ]);
  const { auditEntries } = dataOf(
    await ask(bench.service.subgraph, admin, '{ auditEntries(first: 20) { edges { node { action } } } }'),
  );
  expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual(
    ['assignRole', 'assignRole', 'deleteRole', 'saveRole', 'saveRole'].toSorted(),
  );
});

test('a role withholds permissions: of mutations, of macros that do the same, and of admins who could take them back', async () => {
  const ws = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, ws);
  const agent = await limitedAgent(ws, { withheld: ['ASSIGN_OTHERS', 'REPLY'] });
  const errorsOf = async (caller: Caller, mutation: string, input: Record<string, unknown>) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { errors { code message } } }`;
    const answer: unknown = (await ask(bench.service.subgraph, caller, query, { input })).data;
    return answer;
  };
  const withheld = (mutation: string, permission: string) => ({
    [mutation]: { errors: [{ code: 'FORBIDDEN', message: expect.stringContaining(permission) }] },
  });
  const assign = { conversationId, agentId: ws.adminId, expectedVersion: 1 };
  expect(await errorsOf(agent, 'assignConversation', assign)).toEqual(withheld('assignConversation', 'ASSIGN_OTHERS'));
  const reply = { conversationId, clientMutationId: newId(), text: 'Hello' };
  expect(await errorsOf(agent, 'sendMessage', reply)).toEqual(withheld('sendMessage', 'REPLY'));
  const note = { conversationId, clientMutationId: newId(), text: 'Seen' };
  expect(await errorsOf(agent, 'addNote', note)).toEqual({ addNote: { errors: [] } });

  const macro = { clientMutationId: newId(), name: 'Pass on', scope: 'OWN', actions: [{ reply: 'Hello' }] };
  const saveMacro = 'mutation ($input: SaveMacroInput!) { saveMacro(input: $input) { macro { id } } }';
  const saved = dataOf(await ask(bench.service.subgraph, agent, saveMacro, { input: macro }));
  const macroRun = { clientMutationId: newId(), macroId: saved.saveMacro.macro.id, conversationId };
  expect(await errorsOf(agent, 'runMacro', macroRun)).toEqual(withheld('runMacro', 'REPLY'));

  const mine = dataOf(await ask(bench.service.subgraph, agent, '{ me { customRole { withheld } } }')).me;
  expect(mine).toEqual({ customRole: { withheld: ['ASSIGN_OTHERS', 'MANAGE_PEOPLE', 'REPLY'] } });
  if (agent.kind !== 'agent') throw new Error('the caller is a person');
  const admin: Caller = { ...agent, agentId: ws.adminId, role: 'admin' };
  const wider = { clientMutationId: newId(), name: 'Wider', reach: 'ALL' };
  expect(await errorsOf(admin, 'saveRole', wider)).toEqual(withheld('saveRole', 'MANAGE_PEOPLE'));
  expect(await errorsOf(ws.admin, 'saveRole', wider)).toEqual({ saveRole: { errors: [] } });
});

test('roles are changed by admins who see the whole workspace, and by nobody for themselves', async () => {
  const ws = await givenWorkspace(bench);
  const { role } = await saveRole(ws.admin, { name: 'Own work', reach: 'OWN' });
  expect((await saveRole(ws.agent, { name: 'Mine' })).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const own = { agentId: ws.adminId, roleId: role.id, expectedVersion: 1 };
  expect((await run(ws.admin, 'assignRole', own)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const limited: Caller = {
    ...{ kind: 'agent', tenantId: ws.tenantId, agentId: ws.adminId, role: 'admin', authenticatedAtMs: Date.now() },
    access: { stores: [], reach: 'all', teams: [] },
  };
  expect((await saveRole(limited, { name: 'Wider' })).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
});

test('S2-7.1: who leads a part of the workspace changes nothing that concerns all of it, only what is their own', async () => {
  const ws = await givenWorkspace(bench);
  const { tenantId, adminId, agentId } = ws;
  const access = { stores: null, reach: 'own' as const, teams: [] };
  const limited = { ...anAgent(tenantId, 'admin', adminId), access };
  const answerTo = async (caller: Caller, mutation: string, input: Record<string, unknown>) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { errors { code } } }`;
    return (await ask(bench.service.subgraph, caller, query, { input })).data;
  };
  const team = { name: 'Team', memberIds: [] };
  const policy = { name: 'Policy', targets: [{ metric: 'FIRST_RESPONSE', minutes: 5 }] };
  const macro = { name: 'Thanks', actions: [{ note: 'Thanked' }] };
  const view = { name: 'Mine', condition: { all: [] } };
  const refused = [
    ['saveTeam', team],
    ['saveSlaPolicy', policy],
    ['setAgentCapacity', { agentId, capacity: 3 }],
    ['setPlatformDeadline', { channel: 'GENERIC', minutes: 9 }],
    ['upsertConversationTag', { name: 'gift', colour: 'GREEN' }],
    ['setDuty', { agentId, isOnDuty: true }],
    ['saveMacro', { ...macro, clientMutationId: newId(), scope: 'ALL' }],
    ['saveView', { ...view, scope: 'ALL' }],
  ] as const;
  for (const [mutation, input] of refused)
    expect(await answerTo(limited, mutation, input)).toEqual({ [mutation]: { errors: [{ code: 'FORBIDDEN' }] } });
  expect(await answerTo(ws.admin, 'saveTeam', team)).toEqual({ saveTeam: { errors: [] } });
  const accepted = [
    ['setDuty', { isOnDuty: true }],
    ['saveMacro', { ...macro, clientMutationId: newId(), scope: 'OWN' }],
    ['saveView', { ...view, scope: 'OWN' }],
  ] as const;
  for (const [mutation, input] of accepted)
    expect(await answerTo(limited, mutation, input)).toEqual({ [mutation]: { errors: [] } });
});

test('S2-7.1: what somebody has outside of their new role goes to others, and numbers tell of nothing outside of it', async () => {
  const ws = await givenWorkspace(bench);
  const { admin, adminId, agentId } = ws;
  const [mine, owed, done] = [
    await givenInbound(bench, ws),
    await givenInbound(bench, ws),
    await givenInbound(bench, ws),
  ];
  const assign = async ({ conversationId }: { conversationId: string }, to: string) => {
    const query = `mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { errors { code } } }`;
    const { version } = await shownOf(conversationId);
    const input = { conversationId, agentId: to, expectedVersion: version };
    expect(dataOf(await ask(bench.service.subgraph, admin, query, { input })).assignConversation.errors).toEqual([]);
  };
  const shownOf = async (id: string) => {
    const query = `query ($id: ID!) { conversation(id: $id) { version state assignee { id }
      notes { edges { node { text } } } } }`;
    return dataOf(await ask(bench.service.subgraph, admin, query, { id })).conversation;
  };
  for (const one of [mine, owed, done]) await assign(one, agentId);
  await send(bench, ws.agent, { conversationId: done.conversationId, text: 'Sent.' });
  const limited = await limitedAgent(ws, { storeIds: [mine.accountId] });
  await eventually(async () => expect((await shownOf(owed.conversationId)).assignee).toBeNull());
  expect((await shownOf(owed.conversationId)).notes.edges.map(({ node }) => node.text)).toEqual([
    expect.stringContaining('because the role of Bo does not include this store any more'),
  ]);
  await eventually(async () => expect((await shownOf(done.conversationId)).assignee).toBeNull());
  expect(await shownOf(mine.conversationId)).toMatchObject({ assignee: { id: agentId }, notes: { edges: [] } });
  // What a colleague has elsewhere is not told.
  await assign(owed, adminId);
  const team = { name: 'Desk', memberIds: [adminId, agentId] };
  const made = `mutation ($input: SaveTeamInput!) { saveTeam(input: $input) { errors { code } } }`;
  await ask(bench.service.subgraph, admin, made, { input: team });
  await ask(bench.service.subgraph, admin, 'mutation { setDuty(input: { isOnDuty: true }) { errors { code } } }');
  const usedBy = async (caller: Caller) => {
    const query = '{ teams { load { used } } agents { edges { node { id duty { used } } } } }';
    const { teams, agents } = dataOf(await ask(bench.service.subgraph, caller, query));
    const used = new Map(agents.edges.map(({ node }) => [node.id, node.duty.used]));
    return [used.get(adminId), used.get(agentId), teams[0]?.load.used];
  };
  expect(await usedBy(admin)).toEqual([1, 1, 1]);
  expect(await usedBy(limited)).toEqual([0, 1, 0]);
  await assign(mine, adminId);
  expect(await usedBy(limited)).toEqual([1, 0, 1]);
});

test('what is no id of a store is refused where stores are named', async () => {
  const { admin } = await givenWorkspace(bench);
  expect(await saveRole(admin, { name: 'Odd', storeIds: ['zz'] })).toEqual({
    role: null,
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'storeIds'] }],
  });
  const save = `mutation ($policy: SaveSlaPolicyInput!, $routing: SaveRoutingInput!) {
    saveSlaPolicy(input: $policy) { errors { code path } } saveRouting(input: $routing) { errors { code path } } }`;
  const policy = { name: 'Odd', accountIds: ['zz'], targets: [{ metric: 'FIRST_RESPONSE', minutes: 5 }] };
  const routing = { isOn: false, rules: [{ name: 'Odd', accountIds: ['zz'], teamIds: [newId()] }], expectedVersion: 0 };
  expect((await ask(bench.service.subgraph, admin, save, { policy, routing })).data).toEqual({
    saveSlaPolicy: { errors: [{ code: 'INVALID_INPUT', path: ['input', 'accountIds'] }] },
    saveRouting: { errors: [{ code: 'INVALID_INPUT', path: ['input', 'rules'] }] },
  });
});

describe('S2-7.1: somebody whose role includes one store', () => {
  async function twoStores() {
    const ws = await givenWorkspace(bench);
    const [own, other] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
    const seen = await givenInbound(bench, { tenantId: ws.tenantId, accountId: own });
    const hidden = await givenInbound(bench, { tenantId: ws.tenantId, accountId: other });
    return { ws, own, other, seen, hidden, caller: await limitedAgent(ws, { storeIds: [own] }) };
  }

  test('finds its conversations and messages, and no others, in lists, counts, by id and among events', async () => {
    const { ws, other, seen, hidden, caller } = await twoStores();
    expect(await listed(caller)).toEqual({ ids: [seen.conversationId], totalCount: 1 });
    expect((await listed(ws.admin)).totalCount).toBe(2);
    const read = async (ids: typeof seen) => {
      const [event] = await bench.harness.events.count(
        'conversation.message-added',
        1,
        ({ data }) => data.messageId === ids.messageId,
      );
      const query = `query ($conversation: ID!, $message: ID!, $event: ID!, $store: ID!) {
        conversation(id: $conversation) { id messages { totalCount } } message(id: $message) { id }
        inboxEventsByIds(ids: [$event]) { conversation { id } }
        conversations(filter: { accountIds: [$store] }) { totalCount } }`;
      const variables = { conversation: ids.conversationId, message: ids.messageId, event: event?.id, store: other };
      return dataOf(await ask(bench.service.subgraph, caller, query, variables));
    };
    expect(await read(seen)).toEqual({
      conversation: { id: seen.conversationId, messages: { totalCount: 1 } },
      message: { id: seen.messageId },
      inboxEventsByIds: [{ conversation: { id: seen.conversationId } }],
      conversations: { totalCount: 0 },
    });
    expect(await read(hidden)).toEqual({
      ...{ conversation: null, message: null },
      ...{ inboxEventsByIds: [null], conversations: { totalCount: 0 } },
    });
  });

  test('changes nothing of the others: for them they do not exist', async () => {
    const { hidden, seen, caller } = await twoStores();
    const note = `mutation ($id: ID!, $key: String!) {
      addNote(input: { conversationId: $id, clientMutationId: $key, text: "seen" }) { note { id } errors { code } } }`;
    const write = (id: string) => ask(bench.service.subgraph, caller, note, { id, key: newId() });
    expect((await write(hidden.conversationId)).data).toEqual({
      addNote: { note: null, errors: [{ code: 'NOT_FOUND' }] },
    });
    expect(dataOf(await write(seen.conversationId)).addNote.errors).toEqual([]);
  });
});

test('S2-7.1: somebody whose reach is their own work hands it over and does not see it any more', async () => {
  const ws = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId: ws.tenantId });
  const caller = await limitedAgent(ws, { reach: 'OWN' });
  expect(await listed(caller)).toEqual({ ids: [], totalCount: 0 });
  const assign = `mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { conversation { version } errors { code } } }`;
  const to = async (by: Caller, agentId: string, expectedVersion: number) =>
    dataOf(await ask(bench.service.subgraph, by, assign, { input: { conversationId, agentId, expectedVersion } }))
      .assignConversation;
  expect((await to(caller, ws.agentId, 1)).errors).toEqual([{ code: 'NOT_FOUND' }]);
  expect((await to(ws.admin, ws.agentId, 1)).errors).toEqual([]);
  expect((await listed(caller)).ids).toEqual([conversationId]);
  expect((await listed(anAgent(ws.tenantId, 'agent', ws.agentId))).ids).toEqual([conversationId]);
  expect((await to(caller, ws.adminId, 2)).errors).toEqual([]);
  expect(await listed(caller)).toEqual({ ids: [], totalCount: 0 });
});

test('S2-7.1: somebody whose reach is their teams sees the work of these teams and their own', async () => {
  const ws = await givenWorkspace(bench);
  const { tenantId, agentId } = ws;
  const { conversationId: ofTeam } = await givenInbound(bench, { tenantId });
  await givenInbound(bench, { tenantId });
  const { db } = bench.service.runtime;
  const [team, other] = [newId<TeamId>(), newId<TeamId>()];
  await sql`
    insert into team (tenant_id, id, name, folded_name, version, created_at)
    select ${tenantId}, id, id, id, 1, now() from unnest(${[team, other]}::uuid[]) as t (id)`.execute(db.worker);
  await sql`insert into team_member (tenant_id, team_id, agent_id) values (${tenantId}, ${team}, ${agentId})`.execute(
    db.worker,
  );
  await sql`
    update conversation set team_id = case id when ${ofTeam} then ${team}::uuid else ${other}::uuid end
    where tenant_id = ${tenantId}`.execute(db.worker);
  const caller = await limitedAgent(ws, { reach: 'TEAMS' });
  expect(await listed(caller)).toEqual({ ids: [ofTeam], totalCount: 1 });
});
