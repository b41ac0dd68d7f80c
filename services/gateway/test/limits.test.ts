import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStopwatch } from '@crossdesk/testkit/waiting';
import { defaultLimits } from '../src/limits.ts';
import { startGateway, type TestGateway } from './gateway.ts';

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
    return `fragment F${n} on Customer { conversations { customer { ${below} } customer { ${below} } } }`;
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
    const refused = await refusalOf(fragmentBomb(6));
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

  test('sign-ins hidden behind aliases count one by one, and so do bad tokens', async () => {
    const strict = await startGateway({ limits: { ...defaultLimits, authAttemptsPerMinuteMax: 7 } });
    try {
      const one = (n: number) =>
        `a${n}: signIn(input: { workspace: "w", email: "e", password: "${n}" }) { accessToken }`;
      const burst = (count: number) =>
        strict.send({ query: `mutation { ${Array.from({ length: count }, (_, n) => one(n)).join(' ')} }` }, {});
      expect((await burst(5)).status).toBe(200);
      expect((await burst(3)).status).toBe(429);
      const badToken = () => strict.send({ query: '{ me { id } }' }, { authorization: 'Bearer nonsense' });
      expect([(await badToken()).status, (await badToken()).status, (await badToken()).status]).toEqual([
        401, 401, 429,
      ]);
    } finally {
      await strict.stop();
    }
  });
});
