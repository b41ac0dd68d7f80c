import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStopwatch } from '@crossdesk/testkit/waiting';
import { defaultLimits } from '../src/limits.ts';
import { type Reply, startGateway, type TestGateway } from './gateway.ts';
import { person } from './tokens.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ introspection: false });
});
afterAll(() => gateway.stop());

const refusalOf = async (query: string) => (await gateway.ask(query)).body.errors?.[0];

/** Each fragment spreads the next one many times: a few hundred characters, billions of fields. */
function fragmentBomb(levels: number): string {
  const fragments = Array.from({ length: levels }, (_, n) => {
    const below = n + 1 === levels ? 'id' : `...F${n + 1}`;
    return `fragment F${n} on Customer { conversations { edges { node { customer { ${below} } customer { ${below} } } } } }`;
  });
  return `{ customer(id: "c") { ...F0 } } ${fragments.join(' ')}`;
}

describe('before anything is planned', () => {
  test.each([
    [
      'levels of fields',
      `{ customer(id: "c") ${'{ conversations { customer '.repeat(10)} { id } ${'} }'.repeat(10)} }`,
    ],
    ['aliases', `{ ${Array.from({ length: 31 }, (_, n) => `a${n}: __typename`).join(' ')} }`],
    ['directives', `{ __typename ${'@include(if: true) '.repeat(31)} }`],
    ['root fields', `{ ${Array.from({ length: 11 }, (_, n) => `a${n}: me { id }`).join(' ')} }`],
  ])('too many %s are refused with the numbers', async (unit, query) => {
    const refused = await refusalOf(query);
    expect(refused?.extensions).toEqual({
      code: 'QUERY_TOO_LARGE',
      unit,
      actual: expect.any(Number),
      limit: expect.any(Number),
    });
  });

  test('a document of too many tokens is not parsed to its end', async () => {
    const refused = await refusalOf(`{ ${'me { id } '.repeat(1_000)} }`);
    expect(refused?.extensions).toEqual({ code: 'QUERY_TOO_LARGE', unit: 'tokens', limit: defaultLimits.tokensMax });
  });

  test('a body that is too large is refused', async () => {
    const { status, body } = await gateway.send({ query: `{ me { id } } #${'x'.repeat(defaultLimits.bodyBytesMax)}` });
    expect(status).toBe(413);
    expect(body.errors?.[0]?.extensions).toEqual({
      code: 'QUERY_TOO_LARGE',
      limit: defaultLimits.bodyBytesMax,
      unit: 'bytes',
    });
  });

  test('lists within lists cost as much as their longest answer', async () => {
    const query =
      '{ conversations(first: 100) { edges { node { messages(first: 100) { edges { node { agent { id } } } } } } } }';
    const refused = await refusalOf(query);
    expect(refused?.extensions).toMatchObject({ code: 'QUERY_TOO_COSTLY', limit: defaultLimits.costMax });
    expect(Number(refused?.extensions['actual'])).toBeGreaterThan(100 * 100);
  });

  test('a page size in a variable counts like one in the text', async () => {
    const query =
      'query($n: Int!) { conversations(first: $n) { edges { node { messages(first: $n) { edges { node { agent { id } } } } } } } }';
    expect((await gateway.ask(query, { n: 100 })).body.errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COSTLY');
    expect((await gateway.ask(query, { n: 5 })).body.errors).toBeUndefined();
  });

  test('deeply nested fragments are refused at once', async () => {
    const watch = startStopwatch();
    const refused = await refusalOf(fragmentBomb(3));
    expect(refused?.extensions['code']).toMatch(/QUERY_TOO_(LARGE|COSTLY)/);
    expect(watch.quietMs()).toBeLessThan(1_000);
  });

  test('fragments that spread themselves are refused', async () => {
    const refused = await refusalOf('{ me { ...A } } fragment A on Agent { ...B } fragment B on Agent { ...A }');
    expect(refused?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('a hidden schema is not shown, neither whole nor by suggestions', async () => {
    expect((await refusalOf('{ __schema { types { name } } }'))?.extensions['code']).toBe('INTROSPECTION_DISABLED');
    const refused = await refusalOf('{ mee { id } }');
    expect(refused?.message).toBe('Cannot query field "mee" on type "Query".');
  });

  const markRead =
    'mutation($input: MarkConversationReadInput!) { markConversationRead(input: $input) { errors { code } } }';
  const input = { conversationId: 'c', expectedVersion: 1 };

  test.each<[string, Record<string, unknown>, string]>([
    [
      'with 3,000 unknown fields',
      Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`f${n}`, n])),
      'BAD_USER_INPUT',
    ],
    ['with a field of 100,000 characters', { expectedVersion: 'x'.repeat(100_000) }, 'BAD_USER_INPUT'],
    ['with a name of 100,000 characters', { ['x'.repeat(100_000)]: 1 }, 'BAD_USER_INPUT'],
    ['of 20,000 values', { clientMutationId: Array.from({ length: 20_000 }, () => 0) }, 'QUERY_TOO_LARGE'],
  ])('variables %s get a short answer', async (_, fields, code) => {
    const { status, body } = await gateway.ask(markRead, { input: { ...input, ...fields } });
    expect(status).toBe(200);
    expect(body.errors?.[0]?.extensions['code']).toBe(code);
    expect(JSON.stringify(body).length).toBeLessThan(4_000);
  });

  test('variables of 20,000 levels get a short answer', async () => {
    const deep = `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`;
    const { body } = await gateway.send(`{"query":${JSON.stringify(markRead)},"variables":{"input":${deep}}}`);
    expect(body.errors?.[0]?.extensions['code']).toBe('QUERY_TOO_LARGE');
  });

  test('an error that repeats what the client sent is cut', async () => {
    const { body } = await gateway.ask(
      `{ conversation(id: "c", after: "${'x'.repeat(100_000)}") { id } ${'y'.repeat(9_000)} }`,
    );
    expect(JSON.stringify(body).length).toBeLessThan(4_000);
  });

  test('an ordinary page of the inbox passes', async () => {
    const query =
      '{ conversations(first: 50) { edges { node { id customer { displayName } messages(first: 10) { edges { cursor } } } } } }';
    expect((await gateway.ask(query)).body.errors).toBeUndefined();
  });
});

describe('per minute', () => {
  test('a caller who spent their units is told when to come back', async () => {
    const poor = await startGateway({ limits: { ...defaultLimits, costPerMinuteMax: 5 } });
    try {
      const replies = [];
      for (let n = 0; n < 6; n += 1) replies.push(await poor.ask('{ me { id } }'));
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
      expect(Number(replies.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(replies.at(-1)?.body.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', limit: 5 });
    } finally {
      await poor.stop();
    }
  });

  const signIn = (n: number) =>
    `a${n}: signIn(input: { workspace: "w", email: "e", password: "right" }) { accessToken }`;
  const signIns = (to: TestGateway, count: number) =>
    to.send({ query: `mutation { ${Array.from({ length: count }, (_, n) => signIn(n)).join(' ')} }` }, {});
  const badToken = (to: TestGateway) => to.send({ query: '{ me { id } }' }, { authorization: 'Bearer nonsense' });
  const codeOf = ({ body }: Reply) => body.errors?.[0]?.extensions['code'];

  test('sign-ins hidden behind aliases count one by one', async () => {
    const strict = await startGateway({ limits: { ...defaultLimits, signInsPerMinuteMax: 7 } });
    try {
      expect((await signIns(strict, 5)).status).toBe(200);
      expect((await signIns(strict, 3)).status).toBe(429);
    } finally {
      await strict.stop();
    }
  });

  test('refused work of an address is refused unread after too much of it, but people there still sign in and work', async () => {
    const strict = await startGateway({ limits: { ...defaultLimits, refusedWorkPerMinuteMax: 100 } });
    const anonymous = (query: string) => strict.send({ query }, {});
    try {
      const statuses = [];
      for (let n = 0; n < 70; n += 1) statuses.push((await badToken(strict)).status);
      expect(new Set(statuses)).toEqual(new Set([401]));
      expect((await signIns(strict, 1)).status).toBe(200);
      for (let n = 0; n < 30; n += 1) await anonymous(`{ me { ${'id '.repeat(300)} } }`);
      expect((await badToken(strict)).status).toBe(429);
      expect(codeOf(await anonymous('{ me { id } }'))).toBe('RATE_LIMITED');
      expect(codeOf(await anonymous(`{ nothing } # ${'x'.repeat(2_000)}`))).toBe('RATE_LIMITED');
      expect((await signIns(strict, 2)).status).toBe(200);
      expect((await strict.ask('{ me { id } }')).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  test('refused work of a caller counts for them only', async () => {
    const strict = await startGateway({ limits: { ...defaultLimits, refusedWorkPerMinuteMax: 3 } });
    try {
      for (let n = 0; n < 3; n += 1) expect(codeOf(await strict.ask('{ nothing }'))).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(codeOf(await strict.ask('{ nothing }'))).toBe('RATE_LIMITED');
      const other = await strict.tokenFor(person());
      expect((await strict.send({ query: '{ me { id } }' }, { authorization: `Bearer ${other}` })).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  test('every answer says what it cost and what is left', async () => {
    const fresh = await startGateway();
    try {
      const { extensions } = await fresh.ask('{ me { id } }');
      expect(extensions).toEqual({
        cost: {
          used: 1,
          limit: defaultLimits.costPerMinuteMax,
          left: defaultLimits.costPerMinuteMax - 1,
          resetSeconds: 60,
        },
      });
    } finally {
      await fresh.stop();
    }
  });
});
