import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, parseId, type SessionId } from '@crossdesk/contracts';
import type { Caller, Role } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { askAnonymously, type Bench, dataOf, givenWorkspace, openBench, password, type Workspace } from './given.ts';

let time = new Date();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const shown = `accessToken expiresAt refreshToken agent { id role }
  session { id device network createdAt lastUsedAt expiresAt endedAt } errors { code path }`;
const sessionFields = 'id device network isCurrent';
const pass = (ms: number) => void (time = new Date(time.getTime() + ms));
const dayMs = 24 * 3_600_000;

/** Signs in, from a browser at an address. */
async function signIn({ slug }: Workspace, name: 'ada' | 'bo' = 'bo', from = '203.0.113.7') {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { ${shown} } }`;
  const input = { workspace: slug, email: `${name}@${slug}.example.com`, password };
  const { signIn: answer } = await askAnonymously(bench, query, { input }, from, firefox);
  expect(answer.errors).toEqual([]);
  return answer;
}

async function refresh(refreshToken: string) {
  const query = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { ${shown} } }`;
  return (await askAnonymously(bench, query, { input: { refreshToken } }, '2001:db8:1:2::7', 'curl/8.5.0'))
    .refreshSession;
}

const claimsOf = async (token: string) =>
  (await jwtVerify(token, createLocalJWKSet(await bench.service.jwks()), { currentDate: time })).payload;

/** The caller that the gateway makes of an answer. */
function callerOf(ws: Workspace, { agent, session }: { agent: { id: string }; session: { id: string } }): Caller {
  const person = agent.id === ws.adminId ? ws.admin : ws.agent;
  const sessionId = parseId<SessionId>(session.id);
  if (person.kind !== 'agent' || sessionId === null) throw new Error('not a session of a person');
  return { ...person, sessionId };
}

const isAccepted = async (
  { tenantId, agentId, adminId }: Workspace,
  { session, agent }: Awaited<ReturnType<typeof signIn>>,
) =>
  (await bench.service.standingOf(tenantId, agent.id === adminId ? adminId : agentId, parseId<SessionId>(session.id)))
    ?.isActive;

const mySessions = async (caller: Caller) =>
  dataOf(await ask(bench.service.subgraph, caller, `{ mySessions { ${sessionFields} } }`)).mySessions;
const sessionsOf = (caller: Caller, agentId: string) =>
  ask(bench.service.subgraph, caller, `query ($agentId: ID!) { sessions(agentId: $agentId) { id } }`, { agentId });

async function end(caller: Caller, sessionId: string) {
  const query = `mutation ($input: EndSessionInput!) { endSession(input: $input) { session { id endedAt } errors { code } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input: { sessionId } })).endSession;
}
const codeOfEnd = async (caller: Caller, sessionId: string) => (await end(caller, sessionId)).errors[0]?.code;

async function endOthers(caller: Caller) {
  const query = 'mutation { endOtherSessions { endedCount errors { code } } }';
  return dataOf(await ask(bench.service.subgraph, caller, query)).endOtherSessions;
}

async function audited({ admin }: Workspace) {
  const query = '{ auditEntries(first: 100) { edges { node { action actorKind targetId } } } }';
  const { edges } = dataOf(await ask(bench.service.subgraph, admin, query)).auditEntries;
  return edges.map(({ node }) => node);
}

test('a sign-in opens a session, which its people see with device and shortened network, and which is renewed', async () => {
  const ws = await givenWorkspace(bench);
  const first = await signIn(ws);
  const { session } = first;
  expect(session).toMatchObject({ device: 'Firefox 140, Linux', network: '203.0.113.0/24', endedAt: null });
  expect(new Date(session.expiresAt).getTime() - time.getTime()).toBe(7 * dayMs);
  const claims = await claimsOf(first.accessToken);
  expect(claims).toMatchObject({ sub: ws.agentId, sid: session.id, role: 'agent' });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3_600);
  const [other, caller] = [await signIn(ws), callerOf(ws, first)];
  expect(await mySessions(caller)).toEqual([
    {
      id: other.session.id,
      device: 'Firefox 140, Linux',
      network: '203.0.113.0/24',
      isCurrent: false,
    },
    {
      id: session.id,
      device: 'Firefox 140, Linux',
      network: '203.0.113.0/24',
      isCurrent: true,
    },
  ]);

  pass(3_700_000);
  const next = await refresh(first.refreshToken);
  expect(next).toMatchObject({ errors: [], agent: { id: ws.agentId } });
  expect(next.session).toMatchObject({ id: session.id, device: 'curl/8.5.0', network: '2001:db8:1::/48' });
  expect(new Date(next.session.expiresAt).getTime() - time.getTime()).toBe(7 * dayMs);
  // Who they are was proved at the sign-in: grave actions ask for it again.
  expect(await claimsOf(next.accessToken)).toMatchObject({ sid: session.id, auth_time: claims['auth_time'] });
  expect([await isAccepted(ws, next), await isAccepted(ws, other)]).toEqual([true, true]);
  const { rows } = await sql<{ hash: Buffer }>`
    select token_hash as hash from refresh_token where session_id = ${session.id}`.execute(
    bench.service.runtime.db.worker,
  );
  expect(rows).toHaveLength(2);
  expect(rows.map(({ hash }) => hash.toString('utf8')).join('')).not.toContain(first.refreshToken);
});

test('a lost answer may be asked for again at once; a copied refresh token ends its session alone, and the log says so', async () => {
  const ws = await givenWorkspace(bench);
  const [mine, other] = [await signIn(ws), await signIn(ws)];
  const answers = await Promise.all([refresh(mine.refreshToken), refresh(mine.refreshToken)]);
  pass(9_000);
  answers.push(await refresh(mine.refreshToken));
  expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  const [{ refreshToken: second }] = answers;
  const third = await refresh(second);
  expect(third.errors).toEqual([]);
  expect(await audited(ws)).toEqual([]);

  // Within ten seconds, but what followed it was used.
  const refused = { accessToken: null, refreshToken: null, session: null, agent: null, expiresAt: null };
  const ended = { ...refused, errors: [{ code: 'SESSION_ENDED', path: ['input', 'refreshToken'] }] };
  expect(await refresh(mine.refreshToken)).toEqual(ended);
  expect(await refresh(third.refreshToken)).toEqual(ended);
  expect([await isAccepted(ws, mine), await isAccepted(ws, other)]).toEqual([false, true]);
  expect(await audited(ws)).toEqual([{ action: 'endCopiedSession', actorKind: 'SYSTEM', targetId: mine.session.id }]);

  const late = await refresh(other.refreshToken);
  pass(10_001);
  expect(await refresh(other.refreshToken)).toEqual(ended);
  expect(await refresh(late.refreshToken)).toEqual(ended);
  expect(await refresh('cdr_nothing')).toEqual(ended);
  expect(await audited(ws)).toHaveLength(2);
});

test('people end their sessions one by one or all others; supervisors and admins end those of others', async () => {
  const [ws, foreign] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const [one, two, three] = [await signIn(ws), await signIn(ws), await signIn(ws)];
  const [ada, stranger] = [await signIn(ws, 'ada'), await signIn(foreign)];
  const [bo, admin] = [callerOf(ws, one), callerOf(ws, ada)];
  const as = (role: Role) => anAgent(ws.tenantId, role);
  expect(await codeOfEnd(as('agent'), one.session.id)).toBe('NOT_FOUND');
  expect(await codeOfEnd(bo, ada.session.id)).toBe('NOT_FOUND');
  expect(await codeOfEnd(admin, stranger.session.id)).toBe('NOT_FOUND');
  expect(await codeOfEnd(as('supervisor'), ada.session.id)).toBe('FORBIDDEN');
  const limited: Caller = {
    ...{ kind: 'agent', tenantId: ws.tenantId, agentId: newId(), role: 'admin', authenticatedAtMs: time.getTime() },
    access: { stores: [], reach: 'all', teams: [] },
  };
  expect(await codeOfEnd(limited, one.session.id)).toBe('NOT_FOUND');
  expect((await sessionsOf(limited, ws.agentId)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect((await sessionsOf(as('agent'), ws.agentId)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(dataOf(await sessionsOf(foreign.admin, ws.agentId)).sessions).toEqual([]);
  expect(dataOf(await sessionsOf(as('supervisor'), ws.agentId)).sessions).toHaveLength(3);
  const program = {
    kind: 'api-token',
    tenantId: ws.tenantId,
    agentId: ws.agentId,
    role: 'admin',
    scopes: ['conversation-write'],
  } as const;
  expect(await codeOfEnd(program, one.session.id)).toBe('FORBIDDEN');
  expect((await endOthers(program)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(await audited(ws)).toEqual([]);

  expect((await end(bo, two.session.id)).session).toEqual({ id: two.session.id, endedAt: time.toISOString() });
  expect((await refresh(two.refreshToken)).errors).toMatchObject([{ code: 'SESSION_ENDED' }]);
  expect(await codeOfEnd(as('supervisor'), three.session.id)).toBeUndefined();
  const accepted = () =>
    Promise.all(
      [one, two, three, ada, stranger].map((signedIn) => isAccepted(signedIn === stranger ? foreign : ws, signedIn)),
    );
  expect(await accepted()).toEqual([true, false, false, true, true]);
  const four = await signIn(ws);
  expect(await endOthers(bo)).toEqual({ endedCount: 1, errors: [] });
  expect(await endOthers(bo)).toEqual({ endedCount: 0, errors: [] });
  expect(await isAccepted(ws, four)).toBe(false);
  expect(await accepted()).toEqual([true, false, false, true, true]);
  // What did nothing is no entry.
  expect((await audited(ws)).map(({ action, targetId }) => [action, targetId])).toEqual([
    ['endOtherSessions', ws.agentId],
    ['endSession', three.session.id],
    ['endSession', two.session.id],
  ]);
});

test('lost access and a new password end every session; a new role is in the next token; time ends the rest', async () => {
  const ws = await givenWorkspace(bench);
  const update = `mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { errors { code } } }`;
  const fresh = (): Caller => ({
    ...anAgent(ws.tenantId, 'admin', ws.adminId),
    ...{ authenticatedAtMs: time.getTime() },
  });
  const change = async (expectedVersion: number, what: object) =>
    dataOf(
      await ask(bench.service.subgraph, fresh(), update, { input: { agentId: ws.agentId, expectedVersion, ...what } }),
    ).updateAgent.errors;
  const first = await signIn(ws);
  expect(await change(1, { role: 'SUPERVISOR' })).toEqual([]);
  const promoted = await refresh(first.refreshToken);
  expect(promoted).toMatchObject({ errors: [], agent: { role: 'SUPERVISOR' } });
  expect(await claimsOf(promoted.accessToken)).toMatchObject({ role: 'supervisor', epoch: 1 });
  expect(await change(2, { isActive: false })).toEqual([]);
  expect(await change(3, { isActive: true })).toEqual([]);
  expect((await refresh(promoted.refreshToken)).errors).toMatchObject([{ code: 'SESSION_ENDED' }]);
  expect(await isAccepted(ws, promoted)).toBe(false);

  const second = await signIn(ws);
  const own = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${shown} } }`;
  const input = { currentPassword: password, newPassword: 'another long password' };
  const changed = dataOf(await ask(bench.service.subgraph, ws.agent, own, { input })).changePassword;
  expect((await refresh(second.refreshToken)).errors).toMatchObject([{ code: 'SESSION_ENDED' }]);
  expect(await mySessions(ws.agent)).toMatchObject([{ id: changed.session.id }]);

  let { refreshToken } = changed;
  for (let days = 6; days < 30; days += 6) {
    pass(6 * dayMs);
    ({ refreshToken } = await refresh(refreshToken));
  }
  pass(6 * dayMs);
  expect((await refresh(refreshToken)).errors).toMatchObject([{ code: 'SESSION_ENDED' }]);
  const idle = await signIn(ws, 'ada');
  pass(7 * dayMs);
  expect((await refresh(idle.refreshToken)).errors).toMatchObject([{ code: 'SESSION_ENDED' }]);
  expect(await mySessions(callerOf(ws, idle))).toEqual([]);
});

test('of more than a hundred sessions of a person the one used longest ago ends', async () => {
  const ws = await givenWorkspace(bench);
  const oldest = await signIn(ws);
  await sql`
    insert into session (tenant_id, id, agent_id, device, network, created_at, last_used_at, expires_at)
    select tenant_id, gen_random_uuid(), agent_id, '', '', created_at, last_used_at + interval '1 second', expires_at
    from session cross join generate_series(1, 99) where id = ${oldest.session.id}`.execute(
    bench.service.runtime.db.worker,
  );
  expect(await isAccepted(ws, oldest)).toBe(true);
  pass(2_000);
  const newest = await signIn(ws);
  expect([await isAccepted(ws, oldest), await isAccepted(ws, newest)]).toEqual([false, true]);
  expect(await mySessions(ws.agent)).toHaveLength(100);
});
