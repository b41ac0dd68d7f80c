import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { createPasswords } from '../src/agent/password.ts';
import { attemptSubject } from '../src/agent/sign-in-attempt.store.ts';
import { readOwnPassword } from '../src/agent/change-password.commands.ts';
import { signIn as signInWith } from '../src/workspace/sign-in.ts';
import { type Bench, dataOf, givenWorkspace, openBench, password, signInAt } from './given.ts';

let time = new Date();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const signIn = (input: Parameters<typeof signInAt>[1], clientAddress?: string) => signInAt(bench, input, clientAddress);

test('the right password returns an access token that the published keys verify', async () => {
  const { slug, tenantId, adminId } = await givenWorkspace(bench);
  const answer = await signIn({ workspace: slug, email: `ADA@${slug}.example.com ` });
  expect(answer).toMatchObject({ errors: [], agent: { id: adminId, email: `ada@${slug}.example.com` } });
  const keySet = await bench.service.jwks();
  expect(JSON.stringify(keySet)).not.toContain('"d"');
  const expected = {
    issuer: 'crossdesk',
    audience: 'crossdesk-api',
    typ: 'at+jwt',
    algorithms: ['EdDSA'],
    currentDate: time,
  };
  const { payload } = await jwtVerify(answer.accessToken, createLocalJWKSet(keySet), expected);
  expect(payload).toMatchObject({ sub: adminId, tenant: tenantId, role: 'admin' });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
  expect(new Date(answer.expiresAt).getTime()).toBe((payload.exp ?? 0) * 1_000);
  expect(decodeProtectedHeader(answer.accessToken).kid).toBe(keySet.keys[0]?.kid);
});

test('wrong workspace, address or password get the same answer', async () => {
  const { slug } = await givenWorkspace(bench);
  const email = `ada@${slug}.example.com`;
  const answers = [
    await signIn({ workspace: slug, email, password: 'wrong horse battery' }),
    await signIn({ workspace: slug, email: 'nobody@example.com' }),
    await signIn({ workspace: 'no-such-shop', email }),
    await signIn({ workspace: slug, email: `${email}\u0000`, password: 'wrong horse battery' }),
    await signIn({ workspace: 'no-such-shop\u0000', email: `${email}\u0000` }),
    await signIn({ workspace: slug, email: `${email}\ud800` }),
    await signIn({ workspace: slug, email: `bo@${slug}.example.com`, password: '' }),
  ];
  const refused = {
    accessToken: null,
    expiresAt: null,
    agent: null,
    errors: [{ code: 'WRONG_CREDENTIALS', path: ['input', 'password'] }],
  };
  expect(answers).toEqual(Array.from(answers, () => refused));
});

test('ten failures, even at once, lock only their address and e-mail out, for fifteen minutes of database time', async () => {
  const { slug } = await givenWorkspace(bench);
  const email = `ada@${slug}.example.com`;
  const tries = await Promise.all(
    Array.from({ length: 15 }, () => signIn({ workspace: slug, email, password: 'wrong horse battery' })),
  );
  const codes = tries.map(({ errors }) => String(errors[0]?.code)).toSorted((one, other) => one.localeCompare(other));
  expect(codes).toEqual([
    ...Array.from({ length: 5 }, () => 'LOCKED_OUT'),
    ...Array.from({ length: 10 }, () => 'WRONG_CREDENTIALS'),
  ]);
  expect((await signIn({ workspace: slug, email })).errors).toEqual([{ code: 'LOCKED_OUT', path: ['input', 'email'] }]);
  expect((await signIn({ workspace: slug, email }, '::ffff:127.0.0.1')).errors).toMatchObject([{ code: 'LOCKED_OUT' }]);
  expect((await signIn({ workspace: slug, email }, '192.0.2.7')).errors).toEqual([]);
  expect((await signIn({ workspace: slug, email: `bo@${slug}.example.com` })).errors).toEqual([]);
  const { worker } = bench.service.runtime.db;
  const now = time;
  time = new Date(now.getTime() + 3_600_000);
  expect((await signIn({ workspace: slug, email })).errors).toMatchObject([{ code: 'LOCKED_OUT' }]);
  time = now;
  await sql`update sign_in_attempt set window_ends_at = window_ends_at - interval '15 minutes'`.execute(worker);
  expect((await signIn({ workspace: slug, email })).errors).toEqual([]);
});

test('failures count for an account over all networks, without shutting places it is used from, and for a network', async () => {
  const { slug } = await givenWorkspace(bench);
  const email = `ada@${slug}.example.com`;
  const wrong = { workspace: slug, email, password: 'wrong horse battery' };
  const failedSoFar = (failures: number, ...subject: string[]) =>
    sql`update sign_in_attempt set attempts = ${failures} where subject = ${attemptSubject(...subject)}`.execute(
      bench.service.runtime.db.worker,
    );
  const codeOf = async (input: Parameters<typeof signIn>[0], address: string) =>
    (await signIn(input, address)).errors[0]?.code;
  expect(await codeOf({ workspace: slug, email }, '2001:db8:1:1::7')).toBeUndefined();
  expect(await codeOf(wrong, '2001:db8:2:1::1')).toBe('WRONG_CREDENTIALS');
  await failedSoFar(99, slug, email);
  expect(await codeOf(wrong, '2001:db8:2:2::1')).toBe('WRONG_CREDENTIALS');
  expect(await codeOf({ workspace: slug, email }, '2001:db8:2:3::1')).toBe('LOCKED_OUT');
  expect(await codeOf({ workspace: slug, email }, '2001:db8:1:1::ffff')).toBeUndefined();

  const stranger = { ...wrong, email: 'nobody@example.com' };
  expect(await codeOf(stranger, '2001:db8:4:4::1')).toBe('WRONG_CREDENTIALS');
  await failedSoFar(99, '2001:db8:4:4::/64');
  expect(await codeOf({ workspace: slug, email }, '2001:db8:4:4::2')).toBeUndefined();
  expect(await codeOf(stranger, '2001:db8:4:4::3')).toBe('WRONG_CREDENTIALS');
  expect(await codeOf({ workspace: slug, email }, '2001:db8:4:4::4')).toBe('LOCKED_OUT');
  expect(await codeOf({ workspace: slug, email }, '2001:db8:4:5::4')).toBeUndefined();
});

test('a success deletes the failures before it', async () => {
  const { slug } = await givenWorkspace(bench);
  const email = `ada@${slug}.example.com`;
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 9; i += 1) await signIn({ workspace: slug, email, password: 'wrong horse battery' });
    expect((await signIn({ workspace: slug, email })).errors).toEqual([]);
  }
});

test('an attempt that is answered BUSY is no failure', async () => {
  const { slug, agent } = await givenWorkspace(bench);
  const { runtime } = bench.service;
  const passwords = createPasswords(64 * 1024);
  let isCrowded = true;
  /** One of the crowd: whoever leaves the queue, or is not let in, comes again. */
  const queueUp = async (n: number): Promise<void> => {
    while (isCrowded) {
      await passwords.hash({ lane: `lane ${n % 4}`, network: `network ${n % 4}` }, password);
      await new Promise(setImmediate);
    }
  };
  const crowd = Array.from({ length: 100 }, (_, n) => queueUp(n));
  const codesOf = (outcome: { ok: boolean; errors?: readonly { code: string }[] }) =>
    outcome.errors?.map(({ code }) => code);
  const input = { workspace: slug, email: `bo@${slug}.example.com`, password };
  if (agent.kind !== 'agent') throw new Error('not a person');
  const change = { currentPassword: password, newPassword: 'another long password' };
  const busyTimes = async (ask: () => Promise<Parameters<typeof codesOf>[0]>) => {
    for (let times = 0; times < 4;) {
      const codes = codesOf(await ask());
      expect(codes).not.toEqual(['LOCKED_OUT']);
      if (codes?.[0] === 'BUSY') times += 1;
    }
  };
  await busyTimes(() => signInWith({ runtime, passwords }, { clientAddress: '192.0.2.77' }, input));
  await busyTimes(() => readOwnPassword({ runtime, passwords }, agent, change));
  isCrowded = false;
  await Promise.all(crowd);
  expect((await signIn(input, '192.0.2.77')).errors).toEqual([]);
});

test('people change their own password with the old one, which is not guessed, and stay signed in with the new token', async () => {
  const { tenantId, slug, agent, agentId } = await givenWorkspace(bench);
  const query = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken agent { id } errors { code path } } }`;
  const next = 'another long password';
  const change = async (input: object, caller: Caller = agent) =>
    dataOf(
      await ask(bench.service.subgraph, caller, query, {
        input: { currentPassword: password, newPassword: next, ...input },
      }),
    ).changePassword;
  expect((await change({ newPassword: 'too short' })).errors).toEqual([
    { code: 'INVALID_INPUT', path: ['input', 'newPassword'] },
  ]);
  expect((await change({ newPassword: 'qwertyuiop[]' })).errors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect((await change({}, anAgent(tenantId))).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(await bench.service.standingOf(tenantId, agentId, null)).toEqual({ isActive: true, epoch: 0 });
  const changed = await change({});
  expect(changed).toMatchObject({ agent: { id: agentId }, errors: [] });
  const { payload } = await jwtVerify(changed.accessToken, createLocalJWKSet(await bench.service.jwks()), {
    currentDate: time,
  });
  expect(payload).toMatchObject({ sub: agentId, epoch: 1 });
  expect((await signIn({ workspace: slug, email: `bo@${slug}.example.com`, password: next })).errors).toEqual([]);
  for (let n = 0; n < 10; n += 1)
    expect((await change({})).errors).toEqual([{ code: 'WRONG_CREDENTIALS', path: ['input', 'currentPassword'] }]);
  expect((await change({ currentPassword: next })).errors).toMatchObject([{ code: 'LOCKED_OUT' }]);
});
