import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type SessionId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Secret, TOTP } from 'otpauth';
import { askAnonymously, type Bench, dataOf, givenWorkspace, openBench, password, type Workspace } from './given.ts';

let time = new Date();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const pass = (ms: number) => void (time = new Date(time.getTime() + ms));
const stepMs = 30_000;
const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time.getTime() });

const signedIn =
  'accessToken refreshToken session { id } agent { id } challenge { token expiresAt isEnrolled } errors { code path }';

async function signIn({ slug }: Workspace, name: 'ada' | 'bo' = 'bo', from?: string) {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { ${signedIn} } }`;
  const input = { workspace: slug, email: `${name}@${slug}.example.com`, password };
  return (await askAnonymously(bench, query, { input }, from)).signIn;
}

async function complete(challenge: string, code: string, from?: string) {
  const query = `mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { ${signedIn} } }`;
  return (await askAnonymously(bench, query, { input: { challenge, code } }, from)).completeSignIn;
}

/** Somebody who signed in just now. */
const fresh = (of: Caller): Caller => {
  if (of.kind !== 'agent') throw new Error('not a person');
  return { ...of, authenticatedAtMs: time.getTime(), sessionId: newId<SessionId>() };
};

const beginQuery = `mutation ($input: BeginSecondFactorInput!) { beginSecondFactor(input: $input) { secret otpauthUri errors { code } } }`;
const confirmQuery = `mutation ($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) {
  recoveryCodes signedIn { ${signedIn} } errors { code path } } }`;

async function begin(caller: Caller) {
  return dataOf(await ask(bench.service.subgraph, caller, beginQuery, { input: {} })).beginSecondFactor;
}

async function confirm(caller: Caller, code: string) {
  return dataOf(await ask(bench.service.subgraph, caller, confirmQuery, { input: { code } })).confirmSecondFactor;
}

/** A second factor in use. */
async function enrol(of: Caller): Promise<{ secret: string; recoveryCodes: readonly string[] }> {
  const { secret } = await begin(fresh(of));
  const { recoveryCodes, errors } = await confirm(fresh(of), codeOf(secret));
  expect(errors).toEqual([]);
  return { secret, recoveryCodes };
}

/** Asks for a mutation with an input and returns the codes of its refusal. */
async function refusalOf(caller: Caller, name: string, input: object): Promise<string[]> {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${name}(input: $input) { errors { code } } }`;
  const [payload] = Object.values(dataOf(await ask(bench.service.subgraph, caller, query, { input })));
  return (payload as { errors: { code: string }[] }).errors.map(({ code }) => code);
}

async function statusOf(caller: Caller) {
  const query = '{ mySecondFactor { confirmedAt recoveryCodesLeft isRequired } me { hasSecondFactor } }';
  return dataOf(await ask(bench.service.subgraph, caller, query));
}

async function actions({ admin }: Workspace): Promise<string[]> {
  const query = '{ auditEntries(first: 100) { edges { node { action } } } }';
  const { edges } = dataOf(await ask(bench.service.subgraph, admin, query)).auditEntries;
  return edges.map(({ node }) => node.action).toReversed();
}

const nothing = { accessToken: null, refreshToken: null, session: null, agent: null };
const wrong = { ...nothing, challenge: null, errors: [{ code: 'WRONG_CREDENTIALS', path: ['input', 'code'] }] };

test('whoever has set up a second factor needs its code to sign in, and each code works once', async () => {
  const ws = await givenWorkspace(bench);
  const bo = fresh(ws.agent);
  expect((await confirm(bo, '123456')).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  const { secret, otpauthUri } = await begin(bo);
  expect(otpauthUri).toContain(secret);
  // Until its first code it asks for nothing.
  expect((await signIn(ws)).errors).toEqual([]);
  expect((await confirm(bo, codeOf(secret) === '000000' ? '000001' : '000000')).errors).toMatchObject([
    { code: 'WRONG_CREDENTIALS' },
  ]);
  const { recoveryCodes, signedIn: none } = await confirm(bo, codeOf(secret).replace(/^.../, '$& '));
  expect([recoveryCodes.length, none]).toEqual([10, null]);
  expect(await statusOf(bo)).toMatchObject({
    mySecondFactor: { confirmedAt: time.toISOString(), recoveryCodesLeft: 10, isRequired: false },
    me: { hasSecondFactor: true },
  });

  const { challenge, ...asked } = await signIn(ws);
  expect(asked).toEqual({ ...nothing, errors: [{ code: 'SECOND_FACTOR_REQUIRED', path: ['input'] }] });
  expect(challenge).toMatchObject({
    isEnrolled: true,
    expiresAt: new Date(Math.floor(time.getTime()) + 300_000).toISOString(),
  });
  // The code that confirmed it is spent.
  expect(await complete(challenge.token, codeOf(secret))).toEqual(wrong);
  pass(stepMs);
  const code = codeOf(secret);
  const both = await Promise.all([complete(challenge.token, code), complete(challenge.token, code)]);
  expect(new Set(both.map(({ errors }) => errors[0]?.code))).toEqual(new Set(['WRONG_CREDENTIALS', undefined]));
  const entered = both.find(({ errors }) => errors.length === 0);
  expect(entered).toMatchObject({ agent: { id: ws.agentId }, challenge: null });
  expect(await bench.service.introspect(challenge.token)).toBeNull();

  // A recovery code, once.
  const [paper = ''] = recoveryCodes;
  expect((await complete(challenge.token, paper.toUpperCase())).errors).toEqual([]);
  expect(await complete(challenge.token, paper)).toEqual(wrong);
  expect((await statusOf(bo)).mySecondFactor.recoveryCodesLeft).toBe(9);
  pass(300_000);
  expect((await complete(challenge.token, codeOf(secret))).errors).toEqual([
    { code: 'SIGN_IN_AGAIN', path: ['input', 'challenge'] },
  ]);
  expect(await actions(ws)).toEqual(['beginSecondFactor', 'confirmSecondFactor', 'useRecoveryCode']);
  const { rows } = await sql<{ text: string }>`
    select (select string_agg(encode(sealed_secret, 'escape'), '') from second_factor)
      || (select string_agg(encode(code_hash, 'escape'), '') from recovery_code) as text`.execute(
    bench.service.runtime.db.worker,
  );
  for (const shown of [secret, paper]) expect(rows[0]?.text).not.toContain(shown);
});

test('wrong codes are counted like wrong passwords, and the right password does not forgive them', async () => {
  const ws = await givenWorkspace(bench);
  const { secret } = await enrol(ws.agent);
  pass(stepMs);
  const { challenge } = await signIn(ws);
  const guess = codeOf(secret) === '111111' ? '222222' : '111111';
  const guesses = await Promise.all(Array.from({ length: 12 }, () => complete(challenge.token, guess)));
  expect(guesses.filter(({ errors }) => errors[0]?.code === 'WRONG_CREDENTIALS')).toHaveLength(10);
  const again = await signIn(ws);
  expect((await complete(again.challenge.token, codeOf(secret))).errors).toMatchObject([{ code: 'LOCKED_OUT' }]);
  expect((await complete(again.challenge.token, codeOf(secret), '192.0.2.9')).errors).toEqual([]);
  // The password alone is no failure: nobody is shut out by signing in often.
  for (let n = 0; n < 12; n += 1) expect((await signIn(ws)).errors).toMatchObject([{ code: 'SECOND_FACTOR_REQUIRED' }]);
});

test('a challenge is worth nothing with another secret, for another step, or after a new password', async () => {
  const ws = await givenWorkspace(bench);
  const { secret } = await enrol(ws.agent);
  pass(stepMs);
  const { challenge } = await signIn(ws);
  const over = [{ code: 'SIGN_IN_AGAIN' }];
  expect((await complete(`${challenge.token}x`, codeOf(secret))).errors).toMatchObject(over);
  expect((await complete('', codeOf(secret))).errors).toMatchObject(over);
  // With a password alone nobody replaces the app.
  const replaced = await askAnonymously(bench, beginQuery, { input: { challenge: challenge.token } });
  expect(replaced.beginSecondFactor).toEqual({ secret: null, otpauthUri: null, errors: over });
  const reset = { agentId: ws.agentId, password: 'another long password' };
  expect(await refusalOf(fresh(ws.admin), 'resetPassword', reset)).toEqual([]);
  expect((await complete(challenge.token, codeOf(secret))).errors).toMatchObject(over);
});

test('an admin resets the second factor of others, and requires one of everybody, who set it up while they sign in', async () => {
  const [ws, foreign] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const [admin, bo] = [fresh(ws.admin), fresh(ws.agent)];
  const of = { agentId: ws.agentId };
  await enrol(ws.agent);
  expect(await refusalOf(bo, 'resetSecondFactor', { agentId: ws.adminId })).toEqual(['FORBIDDEN']);
  expect(await refusalOf(admin, 'resetSecondFactor', { agentId: ws.adminId })).toEqual(['FORBIDDEN']);
  expect(await refusalOf(fresh(foreign.admin), 'resetSecondFactor', of)).toEqual(['NOT_FOUND']);
  expect(await refusalOf(admin, 'resetSecondFactor', of)).toEqual([]);
  const before = await signIn(ws);
  expect(before.errors).toEqual([]);

  expect(await refusalOf(bo, 'requireSecondFactor', { isRequired: true })).toEqual(['FORBIDDEN']);
  expect(await refusalOf(admin, 'requireSecondFactor', { isRequired: true })).toEqual(['FORBIDDEN']);
  const own = await enrol(ws.admin);
  pass(stepMs);
  const kept = await complete((await signIn(ws, 'ada')).challenge.token, codeOf(own.secret));
  expect(await refusalOf(admin, 'requireSecondFactor', { isRequired: true })).toEqual([]);
  const refresh = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { errors { code } } }`;
  const renew = async (refreshToken: string) =>
    (await askAnonymously(bench, refresh, { input: { refreshToken } })).refreshSession.errors;
  expect(await renew(before.refreshToken)).toMatchObject([{ code: 'SESSION_ENDED' }]);
  expect(await renew(kept.refreshToken)).toEqual([]);
  expect((await signIn(foreign)).errors).toEqual([]);

  const { challenge, errors } = await signIn(ws);
  expect([errors, challenge.isEnrolled]).toMatchObject([[{ code: 'SECOND_FACTOR_REQUIRED' }], false]);
  const input = { challenge: challenge.token };
  expect((await complete(challenge.token, '123456')).errors).toMatchObject([{ code: 'SIGN_IN_AGAIN' }]);
  const begun = (await askAnonymously(bench, beginQuery, { input })).beginSecondFactor;
  const withCode = { input: { ...input, code: codeOf(begun.secret) } };
  const confirmed = (await askAnonymously(bench, confirmQuery, withCode)).confirmSecondFactor;
  expect(confirmed).toMatchObject({ errors: [], signedIn: { errors: [], agent: { id: ws.agentId } } });
  expect(confirmed.signedIn.session.id).toMatch(/^[0-9a-f-]{36}$/);
  // The challenge was for the set-up, which is done.
  expect((await askAnonymously(bench, beginQuery, { input })).beginSecondFactor.errors).toEqual([
    { code: 'SIGN_IN_AGAIN' },
  ]);
  pass(stepMs);
  const disable = { code: codeOf(begun.secret) };
  expect(await refusalOf(bo, 'disableSecondFactor', disable)).toEqual(['FORBIDDEN']);
  expect(await refusalOf(admin, 'requireSecondFactor', { isRequired: false })).toEqual([]);
  expect(await refusalOf(bo, 'disableSecondFactor', { code: '000000' })).toEqual(['WRONG_CREDENTIALS']);
  expect(await refusalOf(bo, 'disableSecondFactor', disable)).toEqual([]);
  expect((await signIn(ws)).errors).toEqual([]);
  expect(await actions(ws)).toEqual([
    ...['beginSecondFactor', 'confirmSecondFactor', 'resetSecondFactor'],
    ...['beginSecondFactor', 'confirmSecondFactor', 'requireSecondFactor'],
    ...['beginSecondFactor', 'confirmSecondFactor', 'requireSecondFactor', 'disableSecondFactor'],
  ]);
});

test('a second factor is set up by people who have just signed in here, not by programs or with an old session', async () => {
  const ws = await givenWorkspace(bench);
  const codes = async (caller: Caller) => (await begin(caller)).errors.map(({ code }) => code);
  const program = {
    kind: 'api-token',
    tenantId: ws.tenantId,
    agentId: ws.agentId,
    role: 'agent',
    scopes: ['conversation-write'],
  } as const;
  expect(await codes(program)).toEqual(['FORBIDDEN']);
  expect(await codes(anAgent(ws.tenantId, 'agent', ws.agentId))).toEqual(['FORBIDDEN']);
  const bo = fresh(ws.agent);
  pass(900_001);
  expect(await codes(bo)).toEqual(['SIGN_IN_AGAIN']);
  expect(await codes(fresh(ws.agent))).toEqual([]);
  const others = `query { agents { edges { node { id hasSecondFactor } } } }`;
  const seenBy = async (caller: Caller) =>
    dataOf(await ask(bench.service.subgraph, caller, others)).agents.edges.map(({ node }) => node.hasSecondFactor);
  expect([await seenBy(ws.admin), await seenBy(ws.agent)]).toEqual([
    [false, false],
    [null, false],
  ]);
});
