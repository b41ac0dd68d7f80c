import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { contextKeyOf, signContext } from '@crossdesk/service-kit';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask, eventually, requestAs, testKeys } from '@crossdesk/testkit';
import { createHttp } from '@crossdesk/service-kit';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { mountTokenRoutes } from '../src/workspace/token-routes.ts';
import { createAgent, createWorkspace, hasWorkspaces, openConversation } from '../src/index.ts';
import {
  askAnonymously,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  options,
  password,
  setupCode,
  signInAt,
} from './given.ts';

let time = new Date();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const signIn = (input: Parameters<typeof signInAt>[1]) => signInAt(bench, input);

test('in an empty installation a caller with the setup code can create the first workspace, once', async () => {
  expect(await hasWorkspaces(bench.service)).toBe(false);
  const query =
    'mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { accessToken agent { id role email } errors { code path } } }';
  const input = {
    setupCode,
    workspace: 'first-shop',
    workspaceName: 'First shop',
    displayName: 'Ada',
    email: ' Ada@Example.com',
    password,
  };
  const create = async (changes: object) =>
    (await askAnonymously(bench, query, { input: { ...input, ...changes } })).createWorkspace;
  expect((await create({ setupCode: 'a guess' })).errors).toEqual([
    { code: 'WRONG_CREDENTIALS', path: ['input', 'setupCode'] },
  ]);
  expect((await create({ password: 'too short' })).errors).toEqual([
    { code: 'INVALID_INPUT', path: ['input', 'password'] },
  ]);
  expect((await create({ workspace: 'No Slug' })).errors).toEqual([
    { code: 'INVALID_INPUT', path: ['input', 'workspace'] },
  ]);
  const both = await Promise.all([create({}), create({ workspace: 'second-shop' })]);
  const created = both.find(({ accessToken }) => accessToken !== null);
  expect(created?.agent).toMatchObject({ role: 'ADMIN', email: 'ada@example.com' });
  expect(both.flatMap(({ errors }) => errors)).toEqual([{ code: 'FORBIDDEN', path: ['input', 'setupCode'] }]);
  expect(await hasWorkspaces(bench.service)).toBe(true);
  const told = await bench.harness.events.next(
    'conversation.agent-changed',
    ({ data }) => data.agentId === created?.agent.id,
  );
  expect(told.data).toEqual({
    ...{ agentId: created?.agent.id, displayName: 'Ada' },
    ...{ role: 'admin', isActive: true, customRoleId: null },
  });
});

test('a second process signs with the same key, and the private key is nowhere readable', async () => {
  const second = await openConversation(bench.harness.deps, options);
  expect(await second.jwks()).toEqual(await bench.service.jwks());
  await second.stop(5_000);
  const { rows } = await sql<{
    text: string;
  }>`select encode(sealed_private, 'escape') as text from signing_key`.execute(bench.service.runtime.db.worker);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.text).not.toContain('OKP');
});

const createAgentQuery =
  'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id displayName role isActive } errors { code path } } }';

test('only admins add people, once per clientMutationId and e-mail', async () => {
  const { admin, agent, slug } = await givenWorkspace(bench);
  const input = {
    clientMutationId: newId(),
    displayName: 'Cleo',
    email: `cleo@${slug}.example.com`,
    password,
    role: 'SUPERVISOR',
  };
  const create = async (caller: Caller, changes: object = {}) =>
    dataOf(await ask(bench.service.subgraph, caller, createAgentQuery, { input: { ...input, ...changes } }))[
      'createAgent'
    ];
  expect((await create(agent)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const [one, same] = [await create(admin), await create(admin)];
  expect(one.agent).toMatchObject({ displayName: 'Cleo', role: 'SUPERVISOR', isActive: true });
  expect(same.agent.id).toBe(one.agent.id);
  expect((await create(admin, { clientMutationId: newId() })).errors).toEqual([
    { code: 'ALREADY_EXISTS', path: ['input', 'email'] },
  ]);
  expect((await create(admin, { clientMutationId: newId(), email: 'no address' })).errors).toEqual([
    { code: 'INVALID_INPUT', path: ['input', 'email'] },
  ]);
  const told = await bench.harness.events.next(
    'conversation.agent-changed',
    ({ data }) => data.agentId === one.agent.id,
  );
  expect(JSON.stringify(told)).not.toContain('cleo@');
  expect((await signIn({ workspace: slug, email: input.email })).agent.role).toBe('SUPERVISOR');
});

test('people are listed by name, page by page; e-mail addresses are shown to admins and to their owners', async () => {
  const { admin, agent, adminId, agentId, tenantId, slug } = await givenWorkspace(bench);
  await createAgent(bench.service, tenantId, { displayName: 'Bo', email: 'bo2@example.com', password, role: 'agent' });
  const query =
    'query ($first: Int!, $after: String) { me { id } agents(first: $first, after: $after) { edges { node { id displayName email } } pageInfo { endCursor hasNextPage } } }';
  const page = async (caller: Caller, first: number, after: string | null = null) =>
    dataOf(await ask(bench.service.subgraph, caller, query, { first, after }));
  const mine = await page(agent, 10);
  expect(mine.me).toEqual({ id: agentId });
  expect(mine.agents.edges.map(({ node }) => [node.displayName, node.email])).toEqual([
    ['Ada', null],
    ['Bo', `bo@${slug}.example.com`],
    ['Bo', null],
  ]);
  const start = (await page(admin, 2)).agents;
  const rest = (await page(admin, 2, start.pageInfo.endCursor)).agents;
  expect([...start.edges, ...rest.edges].map(({ node }) => node.email)).toEqual([
    `ada@${slug}.example.com`,
    `bo@${slug}.example.com`,
    'bo2@example.com',
  ]);
  expect([start.edges[0]?.node.id, start.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([
    adminId,
    true,
    false,
  ]);
  const { errors } = await ask(bench.service.subgraph, admin, query, { first: 2, after: 'nonsense' });
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

async function givenApiToken(admin: Caller, changes: object = {}) {
  const query =
    'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { apiToken { id name role } secret errors { code } } }';
  const input = { name: 'ERP', role: 'AGENT', scopes: ['CONVERSATION_READ'], expiresInDays: 30, ...changes };
  return dataOf(await ask(bench.service.subgraph, admin, query, { input })).createApiToken;
}

test('an API token acts as itself until it is revoked, and its secret is stored nowhere', async () => {
  const { admin, tenantId } = await givenWorkspace(bench);
  const { apiToken, secret } = await givenApiToken(admin, { role: 'SUPERVISOR' });
  expect(secret).toMatch(/^cdk_[0-9a-f]{32}_[\w-]{43}$/);
  const caller = await bench.service.introspect(secret);
  expect(caller).toEqual({
    kind: 'api-token',
    tenantId,
    agentId: apiToken.id,
    role: 'supervisor',
    scopes: ['conversation-read'],
  });
  if (caller === null) throw new Error('unreachable');
  expect(dataOf(await ask(bench.service.subgraph, caller, '{ me { displayName role } }')).me).toEqual({
    displayName: 'ERP',
    role: 'SUPERVISOR',
  });
  expect(await bench.service.introspect(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
  expect(
    await bench.service.introspect(secret.replace(apiToken.id.replaceAll('-', ''), newId().replaceAll('-', ''))),
  ).toBeNull();
  expect([await bench.service.introspect(''), await bench.service.introspect('cdk_')]).toEqual([null, null]);
  await eventually(async () => {
    expect(
      dataOf(
        await ask(
          bench.service.subgraph,
          admin,
          '{ apiTokens { totalCount edges { node { id lastUsedAt revokedAt } } } }',
        ),
      ).apiTokens,
    ).toEqual({
      totalCount: 1,
      edges: [{ node: { id: apiToken.id, lastUsedAt: time.toISOString(), revokedAt: null } }],
    });
  });
  const { rows } = await sql<{
    row: string;
  }>`select t::text as row from api_token t where tenant_id = ${tenantId}`.execute(bench.service.runtime.db.worker);
  expect(rows[0]?.row).not.toContain(secret.slice(-43));
  const revoke =
    'mutation ($id: ID!) { revokeApiToken(input: { apiTokenId: $id }) { apiToken { revokedAt } errors { code } } }';
  expect(
    dataOf(await ask(bench.service.subgraph, admin, revoke, { id: apiToken.id })).revokeApiToken.apiToken.revokedAt,
  ).toBe(time.toISOString());
  expect(await bench.service.introspect(secret)).toBeNull();
});

test('an API token ends in time, does only what its scopes allow, and ends with the rights of its owner', async () => {
  const { tenantId, admin, adminId, slug } = await givenWorkspace(bench);
  const owner = await createAgent(bench.service, tenantId, {
    displayName: 'Olga',
    email: `olga@${slug}.example.com`,
    password,
    role: 'admin',
  });
  const olga = anAgent(tenantId, 'admin', owner.id);
  for (const wrong of [{ scopes: [] }, { expiresInDays: 0 }, { expiresInDays: 366 }])
    expect((await givenApiToken(olga, wrong)).errors).toEqual([{ code: 'INVALID_INPUT' }]);
  const reader = await givenApiToken(olga);
  const own = await givenApiToken(admin);
  const list = '{ apiTokens { edges { node { scopes expiresAt owner { id } } } } }';
  expect(dataOf(await ask(bench.service.subgraph, admin, list)).apiTokens.edges).toEqual(
    [owner.id, adminId].map((id) => ({
      node: {
        scopes: ['CONVERSATION_READ'],
        expiresAt: new Date(time.getTime() + 30 * 24 * 3_600_000).toISOString(),
        owner: { id },
      },
    })),
  );
  const program = await bench.service.introspect(reader.secret);
  if (program?.kind !== 'api-token') throw new Error('unreachable');
  expect((await ask(bench.service.subgraph, program, '{ me { id } }')).errors).toEqual([]);
  const write = 'mutation { signOut { errors { code } } }';
  expect((await ask(bench.service.subgraph, program, write)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const elsewhere = { ...program, scopes: ['crm-write', 'ingest-write'] } as const;
  expect((await ask(bench.service.subgraph, elsewhere, '{ me { id } }')).errors).toMatchObject([{ code: 'FORBIDDEN' }]);

  const now = time;
  time = new Date(now.getTime() + 30 * 24 * 3_600_000);
  expect(await bench.service.introspect(own.secret)).toBeNull();
  time = now;
  expect(await bench.service.introspect(own.secret)).not.toBeNull();
  const demote = { agentId: owner.id, expectedVersion: 1, role: 'SUPERVISOR' };
  expect(dataOf(await ask(bench.service.subgraph, admin, update, { input: demote })).updateAgent.errors).toEqual([]);
  expect(await bench.service.introspect(reader.secret)).toBeNull();
  expect(await bench.service.introspect(own.secret)).not.toBeNull();
});

test('grave actions need an admin who has just signed in, and no program may do them', async () => {
  const { tenantId, admin, adminId, agentId } = await givenWorkspace(bench);
  const token = await givenApiToken(admin, { role: 'ADMIN', scopes: ['CONVERSATION_WRITE'] });
  const program = await bench.service.introspect(token.secret);
  if (program === null) throw new Error('unreachable');
  const stale = {
    kind: 'agent',
    tenantId,
    agentId: adminId,
    role: 'admin',
    authenticatedAtMs: time.getTime() - 901_000,
  } as const;
  const inputs = {
    createAgent: { clientMutationId: newId(), displayName: 'Eve', email: 'eve@example.com', password, role: 'ADMIN' },
    updateAgent: { agentId, expectedVersion: 1, role: 'ADMIN' },
    resetPassword: { agentId, password },
    createApiToken: { name: 'x', role: 'ADMIN', scopes: ['CRM_WRITE'], expiresInDays: 1 },
  };
  for (const [name, input] of Object.entries(inputs)) {
    const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input!`;
    const query = `mutation ($input: ${type}) { ${name}(input: $input) { errors { code } } }`;
    const codesFor = async (caller: Caller) => (await ask(bench.service.subgraph, caller, query, { input })).data;
    expect(await codesFor(stale)).toEqual({ [name]: { errors: [{ code: 'SIGN_IN_AGAIN' }] } });
    expect(await codesFor(program)).toEqual({ [name]: { errors: [{ code: 'FORBIDDEN' }] } });
    expect(await codesFor({ ...stale, authenticatedAtMs: time.getTime() - 899_000 })).toEqual({
      [name]: { errors: [] },
    });
  }
});

test('only admins of the workspace manage its API tokens', async () => {
  const [{ admin, agent }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const { apiToken, secret } = await givenApiToken(admin);
  expect((await givenApiToken(agent)).errors).toEqual([{ code: 'FORBIDDEN' }]);
  expect((await ask(bench.service.subgraph, agent, '{ apiTokens { totalCount } }')).errors).toMatchObject([
    { code: 'FORBIDDEN' },
  ]);
  expect(
    dataOf(await ask(bench.service.subgraph, other.admin, '{ apiTokens { totalCount edges { cursor } } }')).apiTokens,
  ).toEqual({
    totalCount: 0,
    edges: [],
  });
  const revoke = 'mutation ($id: ID!) { revokeApiToken(input: { apiTokenId: $id }) { errors { code } } }';
  const revokedBy = async (caller: Caller, id: string) =>
    dataOf(await ask(bench.service.subgraph, caller, revoke, { id })).revokeApiToken.errors;
  expect(await revokedBy(agent, apiToken.id)).toEqual([{ code: 'FORBIDDEN' }]);
  expect(await revokedBy(other.admin, apiToken.id)).toEqual([{ code: 'NOT_FOUND' }]);
  expect(await revokedBy(admin, 'nonsense')).toEqual([{ code: 'NOT_FOUND' }]);
  expect(await bench.service.introspect(secret)).not.toBeNull();
});

test('the gateway learns the caller of a token, unsigned or altered requests learn nothing', async () => {
  const { admin, tenantId } = await givenWorkspace(bench);
  const { apiToken, secret } = await givenApiToken(admin);
  const { runtime } = bench.service;
  const http = createHttp(runtime.log, 10_000, 'a test');
  const contextKey = contextKeyOf(testKeys, 'conversation');
  mountTokenRoutes(http, bench.service, contextKey);
  const body = JSON.stringify({ token: secret });
  const signature = signContext(contextKey, requestAs({ kind: 'anonymous' }), body, time);
  const post = (payload: string, header: Record<string, string>) =>
    http.inject({
      method: 'POST',
      url: '/internal/introspect',
      payload,
      headers: { 'content-type': 'application/json', ...header },
    });
  const answer = await post(body, { 'x-crossdesk-context': signature });
  expect(answer.json()).toEqual({
    caller: { kind: 'api-token', tenantId, agentId: apiToken.id, role: 'agent', scopes: ['conversation-read'] },
  });
  expect((await post(body, {})).statusCode).toBe(401);
  expect((await post(JSON.stringify({ token: `${secret}x` }), { 'x-crossdesk-context': signature })).statusCode).toBe(
    401,
  );
  const keys = await http.inject({ method: 'GET', url: '/.well-known/jwks.json' });
  expect(keys.json()).toEqual(await bench.service.jwks());
  await http.close();
});

test('seeding twice creates one workspace and one person', async () => {
  const seed = async () => {
    const { tenantId } = await createWorkspace(bench.service, { slug: 'demo', name: 'Demo' });
    const agent = await createAgent(bench.service, tenantId, {
      displayName: 'Ada',
      email: 'ada@demo.example.com',
      password,
      role: 'admin',
    });
    return [tenantId, agent.id];
  };
  expect(await seed()).toEqual(await seed());
  await expect(createWorkspace(bench.service, { slug: 'No Slug', name: 'x' })).rejects.toThrow('lower-case');
});

test('a new person of an external provider becomes an agent, once, and may add notes', async () => {
  const { tenantId } = await givenWorkspace(bench);
  const profile = { displayName: 'Mina Berg', email: 'Mina@provider.example' };
  const visitor = { ...anAgent(tenantId), profile };
  const query = '{ me { id displayName email role } }';
  const [first, second] = await Promise.all([
    ask(bench.service.subgraph, visitor, query).then((answer) => answer.data),
    ask(bench.service.subgraph, anAgent(tenantId), query).then((answer) => answer.errors[0]?.code),
  ]);
  expect(first).toMatchObject({ me: { displayName: 'Mina Berg', email: 'mina@provider.example', role: 'AGENT' } });
  expect(second).toBe('FORBIDDEN');
  const { conversationId } = await givenInbound(bench, { tenantId });
  const note =
    'mutation ($id: ID!) { addNote(input: { clientMutationId: "n", conversationId: $id, text: "hello" }) { note { author { displayName } } errors { code } } }';
  expect((await ask(bench.service.subgraph, visitor, note, { id: conversationId })).data).toEqual({
    addNote: { note: { author: { displayName: 'Mina Berg' } }, errors: [] },
  });
  expect(
    bench.harness.events.of('conversation.agent-changed').filter((event) => event.data.displayName === 'Mina Berg'),
  ).toHaveLength(1);
});

const update = `mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { id role isActive version } errors { code path } } }`;
const reset = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { agent { id } errors { code path } } }`;
const signOutMutation = 'mutation { signOut { agent { id } errors { code } } }';

test('a new role, a new password, a sign-out and the loss of access each end the tokens of a person', async () => {
  const { tenantId, slug, admin, agent, agentId } = await givenWorkspace(bench);
  const standing = () => bench.service.standingOf(tenantId, agentId, null);
  const credentials = { workspace: slug, email: `bo@${slug}.example.com` };
  const epochOf = async (token: string) =>
    (await jwtVerify(token, createLocalJWKSet(await bench.service.jwks()), { currentDate: time })).payload['epoch'];
  const change = async (input: object) => {
    const answer = await ask(bench.service.subgraph, admin, update, { input: { agentId, ...input } });
    return dataOf(answer).updateAgent;
  };
  expect(await epochOf((await signIn(credentials)).accessToken)).toBe(0);
  expect(await standing()).toEqual({ isActive: true, epoch: 0 });
  expect((await change({ expectedVersion: 1, role: 'SUPERVISOR' })).agent).toEqual({
    id: agentId,
    role: 'SUPERVISOR',
    isActive: true,
    version: 2,
  });
  expect(await standing()).toEqual({ isActive: true, epoch: 1 });
  expect(await epochOf((await signIn(credentials)).accessToken)).toBe(1);
  const changed = await bench.harness.events.next(
    'conversation.agent-changed',
    (event) => event.aggregateVersion === 2 && event.aggregateId === agentId,
  );
  expect(changed.data).toMatchObject({ role: 'supervisor', isActive: true });
  const newPassword = 'another long password';
  const setPassword = { input: { agentId, password: newPassword } };
  expect(dataOf(await ask(bench.service.subgraph, admin, reset, setPassword)).resetPassword.errors).toEqual([]);
  expect(await standing()).toEqual({ isActive: true, epoch: 2 });
  expect((await signIn(credentials)).errors).toMatchObject([{ code: 'WRONG_CREDENTIALS' }]);
  expect((await signIn({ ...credentials, password: newPassword })).errors).toEqual([]);
  expect(dataOf(await ask(bench.service.subgraph, agent, signOutMutation)).signOut.errors).toEqual([]);
  expect(await standing()).toEqual({ isActive: true, epoch: 3 });
  expect((await change({ expectedVersion: 2, isActive: false })).errors).toEqual([]);
  expect(await standing()).toEqual({ isActive: false, epoch: 4 });
  expect((await signIn({ ...credentials, password: newPassword })).errors).toMatchObject([
    { code: 'WRONG_CREDENTIALS' },
  ]);
});

test('only admins change people of their workspace, never their own role, and never with an old version', async () => {
  const [mine, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const codes = async (caller: Caller, query: string, input: object) => {
    const [payload] = Object.values(dataOf(await ask(bench.service.subgraph, caller, query, { input })));
    return (payload as { errors: { code: string }[] }).errors.map(({ code }) => code);
  };
  const toAgent = { agentId: mine.agentId, expectedVersion: 1, role: 'ADMIN' };
  expect(await codes(mine.agent, update, toAgent)).toEqual(['FORBIDDEN']);
  expect(await codes(mine.admin, update, { agentId: mine.adminId, expectedVersion: 1, role: 'AGENT' })).toEqual([
    'FORBIDDEN',
  ]);
  expect(await codes(mine.admin, update, { agentId: mine.adminId, expectedVersion: 1, isActive: false })).toEqual([
    'FORBIDDEN',
  ]);
  expect(await codes(mine.admin, update, { ...toAgent, expectedVersion: 7 })).toEqual(['VERSION_CONFLICT']);
  expect(await codes(other.admin, update, toAgent)).toEqual(['NOT_FOUND']);
  expect(await codes(mine.agent, reset, { agentId: mine.adminId, password })).toEqual(['FORBIDDEN']);
  expect(await codes(mine.agent, reset, { agentId: mine.agentId, password })).toEqual(['FORBIDDEN']);
  expect(await codes(mine.admin, reset, { agentId: mine.adminId, password })).toEqual(['FORBIDDEN']);
  expect(await codes(mine.admin, reset, { agentId: mine.agentId, password: 'Password1234!' })).toEqual([
    'INVALID_INPUT',
  ]);
  expect(await codes(mine.admin, reset, { agentId: mine.agentId, password: 'short' })).toEqual(['INVALID_INPUT']);
  expect(await codes(other.admin, reset, { agentId: mine.agentId, password })).toEqual(['NOT_FOUND']);
  expect(await bench.service.standingOf(mine.tenantId, mine.adminId, null)).toEqual({ isActive: true, epoch: 0 });
  expect(await bench.service.standingOf(other.tenantId, mine.adminId, null)).toBeNull();
});

test('the gateway learns by a signed request whether the tokens of a person are valid', async () => {
  const { tenantId, agentId } = await givenWorkspace(bench);
  const contextKey = contextKeyOf(testKeys, 'conversation');
  const { log } = bench.service.runtime;
  const http = createHttp(log, 1_000, 'a test');
  mountTokenRoutes(http, bench.service, contextKey);
  const askFor = async (question: object, key = contextKey) => {
    const payload = JSON.stringify(question);
    const headers = {
      'content-type': 'application/json',
      'x-crossdesk-context': signContext(key, requestAs({ kind: 'anonymous' }), payload, time),
    };
    const answer = await http.inject({ method: 'POST', url: '/internal/agent-standing', payload, headers });
    return { status: answer.statusCode, body: answer.json<unknown>() };
  };
  expect(await askFor({ tenantId, agentId })).toEqual({
    status: 200,
    body: { standing: { isActive: true, epoch: 0 } },
  });
  expect(await askFor({ tenantId, agentId: newId() })).toEqual({ status: 200, body: { standing: null } });
  expect(await askFor({ tenantId: 'x' })).toEqual({ status: 200, body: { standing: null } });
  expect((await askFor({ tenantId, agentId }, contextKeyOf(testKeys, 'crm'))).status).toBe(401);
  await http.close();
});
