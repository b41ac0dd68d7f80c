import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AgentId, newId, type SessionId, type TenantId } from '@crossdesk/contracts';
import { type Caller, systemClock } from '@crossdesk/service-kit';
import {
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { createExternalTokenVerifier, createOwnTokenVerifier, ownIssuer } from '../src/caller/access-token.ts';
import { createApiTokenCheck } from '../src/caller/api-token.ts';
import { BadToken } from '../src/caller/identity.ts';
import { createStandingCheck, type Standing } from '../src/caller/standing.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { createIssuer, person } from './tokens.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const ask = (token: string) => gateway.send({ query: '{ me { id } }' }, { authorization: `Bearer ${token}` });
const seconds = (offset: number) => Math.floor(Date.now() / 1_000) + offset;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Forgery {
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Record<string, unknown>;
}

/** A good token except for the change of a forgery; `undefined` removes a claim. */
async function forged({ header = {}, claims = {} }: Forgery, key?: CryptoKey): Promise<string> {
  const payload = Object.fromEntries(
    Object.entries({ ...goodClaims(), ...claims }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'key-1', ...header })
    .sign(key ?? gateway.issuer.privateKey);
}

const goodClaims = () => ({
  iss: ownIssuer.issuer,
  aud: ownIssuer.audience,
  sub: gateway.agent.agentId,
  tenant: gateway.agent.tenantId,
  role: 'agent',
  epoch: 0,
  sid: newId(),
  iat: seconds(0),
  exp: seconds(600),
});

const hmacToken = (secret: string) => {
  const signed = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${base64url(goodClaims())}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

const strangerKey = async () => (await generateKeyPair('EdDSA')).privateKey;

async function withEmbeddedKey(): Promise<string> {
  const own = await generateKeyPair('EdDSA', { extractable: true });
  return forged({ header: { jwk: await exportJWK(own.publicKey) } }, own.privateKey);
}

async function withChangedPayload(): Promise<string> {
  const [header, , signature] = (await forged({})).split('.');
  return [header, base64url({ ...goodClaims(), tenant: newId() }), signature].join('.');
}

const forgeries: [string, () => Promise<string> | string][] = [
  ['no signature, alg none', () => new UnsecuredJWT(goodClaims()).encode()],
  ['alg none in capitals', () => `${base64url({ alg: 'NONE', typ: 'at+jwt' })}.${base64url(goodClaims())}.`],
  ['HS256 with the public key as secret', async () => hmacToken(await exportSPKI(gateway.issuer.publicKey))],
  ['HS256 with the public key’s JWK as secret', () => hmacToken(JSON.stringify(gateway.issuer.publicJwk))],
  ['another key under a known key id', async () => forged({}, await strangerKey())],
  ['another key under an unknown key id', async () => forged({ header: { kid: 'key-2' } }, await strangerKey())],
  [
    'a key id that points into the file system',
    async () => forged({ header: { kid: '../../dev/null' } }, await strangerKey()),
  ],
  ['a key of its own in the header', withEmbeddedKey],
  [
    'a key address in the header',
    async () => forged({ header: { jku: 'https://evil.test/jwks' } }, await strangerKey()),
  ],
  [
    'a critical header that is unknown',
    () => `${base64url({ alg: 'EdDSA', typ: 'at+jwt', crit: ['x'], x: 1 })}.${base64url(goodClaims())}.AAAA`,
  ],
  ['another audience', () => forged({ claims: { aud: 'another-api' } })],
  ['no audience', () => forged({ claims: { aud: undefined } })],
  ['another issuer', () => forged({ claims: { iss: 'https://evil.test' } })],
  ['the type of an ID token', () => forged({ header: { typ: 'JWT' } })],
  ['no expiry', () => forged({ claims: { exp: undefined } })],
  ['an expiry in the past', () => forged({ claims: { iat: seconds(-7_200), exp: seconds(-60) } })],
  ['an expiry that is text', () => forged({ claims: { exp: 'tomorrow' } })],
  ['an issue date in the future', () => forged({ claims: { iat: seconds(300) } })],
  ['no issue date', () => forged({ claims: { iat: undefined } })],
  ['an issue date of long ago', () => forged({ claims: { iat: seconds(-2 * ownIssuer.tokenAgeSecondsMax) } })],
  ['a start in the future', () => forged({ claims: { nbf: seconds(300) } })],
  ['no tenant', () => forged({ claims: { tenant: undefined } })],
  ['a tenant that is a list', () => forged({ claims: { tenant: [newId(), newId()] } })],
  ['no subject', () => forged({ claims: { sub: undefined } })],
  ['no session', () => forged({ claims: { sid: undefined } })],
  ['a session that is no id', () => forged({ claims: { sid: 'x' } })],
  ['a role that does not exist', () => forged({ claims: { role: 'owner' } })],
  ['a payload changed after signing', withChangedPayload],
];

describe('access tokens', () => {
  test('a valid one is accepted', async () => {
    const { status, body } = await ask(await forged({}));
    expect([status, body]).toEqual([200, { data: { me: { id: gateway.agent.agentId } } }]);
  });

  test('a clock that is 20 seconds off is tolerated', async () => {
    expect((await ask(await forged({ claims: { iat: seconds(20), exp: seconds(600) } }))).status).toBe(200);
  });

  test.each(forgeries)('%s is refused without a reason', async (_, forge) => {
    const { status, body } = await ask(await forge());
    expect(status).toBe(401);
    expect(body.errors?.map(({ message, extensions }) => [message, extensions])).toEqual([
      ['this token is not valid: sign in again, or ask an admin for a new API token', { code: 'UNAUTHENTICATED' }],
    ]);
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'bearer', `Bearer ${'x'.repeat(9_000)}`])(
    '%.20s is refused',
    async (authorization) => {
      expect((await gateway.send({ query: '{ __typename }' }, { authorization })).status).toBe(401);
    },
  );
});

describe('access tokens that are used again', () => {
  const seconds30 = 30_000;

  async function tokenDesk() {
    const issuer = await createIssuer();
    const startedAt = Math.floor(Date.now() / 1_000) * 1_000;
    let now = startedAt;
    let isDown = false;
    let asked = 0;
    const verify = createOwnTokenVerifier({
      ...ownIssuer,
      clock: { now: () => new Date(now) },
      nowMs: () => now,
      keys: async (header, token) => {
        asked += 1;
        if (isDown) throw new TypeError('fetch failed');
        return issuer.keySet(header, token);
      },
    });
    return {
      check: async (token: Promise<string>) => verify(await token),
      token: (livesMs: number) => issuer.tokenFor(person(), new Date(startedAt + livesMs)),
      asked: () => asked,
      pass: (ms: number) => void (now += ms),
      fail: () => void (isDown = true),
    };
  }

  test('are verified once in ten seconds', async () => {
    const desk = await tokenDesk();
    const token = desk.token(600_000);
    await Promise.all(Array.from({ length: 50 }, () => desk.check(token)));
    desk.pass(9_999);
    await desk.check(token);
    expect(desk.asked()).toBe(1);
    desk.pass(1);
    await desk.check(token);
    expect(desk.asked()).toBe(2);
  });

  test('end at their time, also within those ten seconds', async () => {
    const desk = await tokenDesk();
    const token = desk.token(5_000);
    await desk.check(token);
    desk.pass(5_000 + seconds30 - 1);
    await desk.check(token);
    desk.pass(1);
    await expect(desk.check(token)).rejects.toThrow(BadToken);
  });

  test('stay in use while keys cannot be fetched, but not beyond their end', async () => {
    const desk = await tokenDesk();
    const token = desk.token(60_000);
    await desk.check(token);
    desk.fail();
    desk.pass(50_000);
    await desk.check(token);
    await expect(desk.check(desk.token(70_000))).rejects.toThrow('fetch failed');
    desk.pass(10_000 + seconds30);
    await expect(desk.check(token)).rejects.toThrow(BadToken);
  });

  test('do not help a forger: a forged copy of a remembered one is refused', async () => {
    const good = await forged({});
    expect((await ask(good)).status).toBe(200);
    expect((await ask(`${good.slice(0, -8)}AAAAAAAA`)).status).toBe(401);
    expect((await ask(good)).status).toBe(200);
  });
});

describe('without a token', () => {
  test.each([
    '{ me { id } }',
    '{ __typename ...F } fragment F on Query { me { id } }',
    'mutation { signIn(input: { workspace: "w", email: "e", password: "p" }) { accessToken } markConversationRead(input: { conversationId: "c", expectedVersion: 1 }) { errors { code } } }',
  ])('%s is refused before it is planned', async (query) => {
    const { status, body } = await gateway.send({ query }, {});
    expect(status).toBe(401);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('signing in and reading the schema are open', async () => {
    const signIn = 'mutation { signIn(input: { workspace: "w", email: "e", password: "right" }) { accessToken } }';
    expect((await gateway.send({ query: signIn }, {})).body).toEqual({ data: { signIn: { accessToken: 'a-token' } } });
    expect((await gateway.send({ query: '{ __schema { queryType { name } } }' }, {})).status).toBe(200);
  });
});

describe('API tokens', () => {
  const caller = {
    kind: 'api-token',
    tenantId: newId<TenantId>(),
    agentId: newId<AgentId>(),
    role: 'agent',
    scopes: ['conversation-read'],
  } satisfies Caller;

  function tokenDesk() {
    let nowMs = 0;
    const known = new Map<string, Caller>([['cdk_good', caller]]);
    let asked = 0;
    const introspect = async (token: string) => {
      asked += 1;
      return known.get(token) ?? null;
    };
    return {
      check: createApiTokenCheck(introspect, () => nowMs),
      known,
      asked: () => asked,
      pass: (ms: number) => void (nowMs += ms),
    };
  }

  test('a revoked one stops working within 30 seconds', async () => {
    const desk = tokenDesk();
    await desk.check('cdk_good');
    desk.known.clear();
    desk.pass(29_000);
    await expect(desk.check('cdk_good')).resolves.toEqual({ caller, expiresAt: null, epoch: null });
    desk.pass(1_001);
    await expect(desk.check('cdk_good')).rejects.toThrow(BadToken);
    expect(desk.asked()).toBe(2);
  });

  test('one that was tried before it existed works soon after', async () => {
    const desk = tokenDesk();
    await expect(desk.check('cdk_new')).rejects.toThrow(BadToken);
    desk.known.set('cdk_new', caller);
    desk.pass(5_001);
    await expect(desk.check('cdk_new')).resolves.toEqual({ caller, expiresAt: null, epoch: null });
  });

  test('many requests at once ask once', async () => {
    const desk = tokenDesk();
    await Promise.all(Array.from({ length: 50 }, () => desk.check('cdk_good')));
    expect(desk.asked()).toBe(1);
  });

  test('a failure to ask is not remembered and is not a refusal', async () => {
    let isDown = true;
    const check = createApiTokenCheck(async () => {
      if (isDown) throw new Error('down');
      return caller;
    });
    await expect(check('cdk_good')).rejects.toThrow('down');
    isDown = false;
    await expect(check('cdk_good')).resolves.toEqual({ caller, expiresAt: null, epoch: null });
  });

  test('a request with one is a request of its workspace', async () => {
    const open = await startGateway({ apiTokens: { cdk_good: caller } });
    try {
      const { body } = await open.send({ query: '{ me { id } }' }, { authorization: 'Bearer cdk_good' });
      expect(body).toEqual({ data: { me: { id: caller.agentId } } });
      expect((await open.send({ query: '{ me { id } }' }, { authorization: 'Bearer cdk_bad' })).status).toBe(401);
    } finally {
      await open.stop();
    }
  });
});

describe('standing of people', () => {
  function standingDesk() {
    let nowMs = 0;
    let asked = 0;
    let standing: Standing | null = { isActive: true, epoch: 3 };
    const ask = async () => {
      asked += 1;
      return standing;
    };
    const who = person();
    const check = createStandingCheck(
      () => desk.answer(),
      () => nowMs,
    );
    const desk = {
      answer: ask,
      asked: () => asked,
      is: (next: Standing | null) => {
        standing = next;
      },
      pass: (ms: number) => void (nowMs += ms),
      come: (epoch: number | null) =>
        check({ caller: { kind: 'agent', ...who, role: 'agent', authenticatedAtMs: 0 }, expiresAt: null, epoch }),
    };
    return desk;
  }

  test.each<[string, Standing | null]>([
    ['a new epoch', { isActive: true, epoch: 4 }],
    ['losing access', { isActive: false, epoch: 3 }],
    ['being removed', null],
  ])('%s ends a token within ten seconds, and all requests in that time ask once', async (_, next) => {
    const desk = standingDesk();
    await desk.come(3);
    desk.is(next);
    desk.pass(9_999);
    await Promise.all(Array.from({ length: 50 }, () => desk.come(3)));
    expect(desk.asked()).toBe(1);
    desk.pass(1);
    await expect(desk.come(3)).rejects.toThrow(BadToken);
    expect(desk.asked()).toBe(2);
  });

  test('a person who signs in again has access at once', async () => {
    const desk = standingDesk();
    await desk.come(3);
    desk.is({ isActive: true, epoch: 4 });
    await desk.come(4);
    await expect(desk.come(3)).rejects.toThrow(BadToken);
  });

  test('each session is asked about by itself: the end of one ends no other', async () => {
    const [ended, open] = [newId<SessionId>(), newId<SessionId>()];
    const who = { ...person(), kind: 'agent', role: 'agent', authenticatedAtMs: 0 } as const;
    const check = createStandingCheck(async (_tenant, _agent, sessionId) => ({
      isActive: sessionId !== ended,
      epoch: 0,
    }));
    const come = (sessionId: SessionId) => check({ caller: { ...who, sessionId }, expiresAt: null, epoch: 0 });
    await come(open);
    await expect(come(ended)).rejects.toThrow(BadToken);
    expect((await come(open)).caller).toMatchObject({ sessionId: open });
  });

  test('people of another issuer have access before they are known here, and none once they are disabled', async () => {
    const desk = standingDesk();
    desk.is(null);
    await desk.come(null);
    desk.is({ isActive: false, epoch: 0 });
    desk.pass(10_000);
    await expect(desk.come(null)).rejects.toThrow(BadToken);
  });

  test('while the owner does not answer, the last answer stays in use; without one the request fails instead of being refused', async () => {
    const desk = standingDesk();
    await desk.come(3);
    const { answer } = desk;
    desk.answer = async () => {
      throw new Error('down');
    };
    desk.pass(60_000);
    await desk.come(3);
    await expect(standingDeskThatIsDown().come(3)).rejects.toThrow('down');
    desk.answer = answer;
    desk.is({ isActive: true, epoch: 4 });
    desk.pass(5_000);
    await expect(desk.come(3)).rejects.toThrow(BadToken);
  });

  function standingDeskThatIsDown() {
    const desk = standingDesk();
    desk.answer = async () => {
      throw new Error('down');
    };
    return desk;
  }
});

describe('tokens of another issuer', () => {
  const issuer = 'https://id.example.com';
  const claims = (changes: Record<string, unknown> = {}) => ({
    iss: issuer,
    aud: 'crossdesk',
    sub: 'auth0|4711',
    'https://crossdesk/tenant': gateway.agent.tenantId,
    role: 'supervisor',
    iat: seconds(0),
    exp: seconds(600),
    ...changes,
  });

  async function provider(tokenType = 'at+jwt') {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'r', alg: 'RS256' }] });
    const verify = createExternalTokenVerifier({
      issuer,
      audience: 'crossdesk',
      keys,
      tokenType,
      tenantClaim: 'https://crossdesk/tenant',
      roleClaim: 'role',
      tokenAgeSecondsMax: 3_600,
      clock: systemClock,
    });
    const sign = (payload: Record<string, unknown>, typ = tokenType) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'r', typ }).sign(privateKey);
    return { verify, sign };
  }

  test('carry tenant and role in claims of the operator’s choice, and one person has one id', async () => {
    const { verify, sign } = await provider();
    const [first, second] = [await verify(await sign(claims())), await verify(await sign(claims()))];
    expect(first.caller).toMatchObject({ kind: 'agent', tenantId: gateway.agent.tenantId, role: 'supervisor' });
    expect(first.caller).toEqual(second.caller);
  });

  test('carry the person’s name, and an e-mail address unless the provider says it is not verified', async () => {
    const { verify, sign } = await provider();
    const named = await verify(await sign(claims({ name: 'Mina Berg', email: 'mina@provider.example' })));
    expect(named.caller).toMatchObject({ profile: { displayName: 'Mina Berg', email: 'mina@provider.example' } });
    const denied = await verify(await sign(claims({ email: 'mina@provider.example', email_verified: false })));
    expect(denied.caller).toMatchObject({ profile: { displayName: 'auth0|4711', email: null } });
  });

  test.each([
    ['an ID token with a nonce', { nonce: 'n' }],
    ['an ID token with a hash', { c_hash: 'h' }],
    ['an ID token that a claim names', { typ: 'ID' }],
    ['a refresh token that a claim names', { token_use: 'refresh' }],
    ['a logout token', { events: {} }],
    ['one of an empty subject', { sub: '' }],
    ['one of a blank subject', { sub: '  ' }],
    ['one of a subject that is too long', { sub: 'x'.repeat(256) }],
    ['one for another audience', { aud: 'another' }],
    ['one without a tenant', { 'https://crossdesk/tenant': undefined }],
    ['one that expired', { iat: seconds(-700), exp: seconds(-60) }],
  ])('%s is refused', async (_, changes) => {
    const { verify, sign } = await provider('JWT');
    await expect(verify(await sign(claims(changes)))).rejects.toThrow(BadToken);
  });

  test.each([
    ['at+jwt', 'application/at+jwt', true],
    ['at+jwt', 'JWT', false],
    ['at+jwt', 'logout+jwt', false],
    ['JWT', 'JWT', true],
    ['JWT', 'dpop+jwt', false],
  ])('when the provider’s access tokens are %s, a token of type %s is valid: %s', async (tokenType, typ, isValid) => {
    const { verify, sign } = await provider(tokenType);
    const outcome = verify(await sign(claims(), typ)).then(
      () => true,
      () => false,
    );
    expect(await outcome).toBe(isValid);
  });
});
