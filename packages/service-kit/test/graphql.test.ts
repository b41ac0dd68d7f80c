import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { connectionOf, dateTimeScalar, decodeKeyset, encodeKeyset, pageSize, toEnum } from '../src/http/graphql.ts';
import type { Caller, RequestContext } from '../src/caller/request-context.ts';
import { signedIn, signedInAs } from '../src/caller/signed-in.ts';

const contextOf = (caller: Caller): RequestContext => ({
  caller,
  requestId: newId(),
  traceparent: '',
  clientAddress: '',
  userAgent: '',
});
const agent: Caller = { kind: 'agent', tenantId: newId(), agentId: newId(), role: 'agent', authenticatedAtMs: 0 };

test('a cursor leads back to its place', () => {
  const place = { at: new Date('2026-03-01T12:00:00.123Z'), id: newId() };
  expect(decodeKeyset(encodeKeyset(place))).toEqual(place);
  expect(decodeKeyset(null)).toBeNull();
  expect(decodeKeyset(undefined)).toBeNull();
});

const base64 = (text: string) => Buffer.from(text).toString('base64url');

test.each([
  '',
  'x',
  base64('2026-03-01T12:00:00.123Z'),
  base64(`yesterday ${newId()}`),
  base64(`2026-03-01T12:00:00.123Z ' or 1=1`),
  base64(' '),
])('the cursor %j is refused', (cursor) => {
  expect(() => decodeKeyset(cursor)).toThrow(/not a cursor of this list/);
});

test.each([
  ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04Z', '2026-01-02T03:04:00.000Z'],
  ['2026-01-02T03:04:05+08:00', '2026-01-01T19:04:05.000Z'],
])('DateTime %s is %s', (text, instant) => {
  expect((dateTimeScalar.parseValue(text) as Date).toISOString()).toBe(instant);
});

test.each([
  '',
  '2026-01-02',
  '2026-01-02T03:04:05',
  '2026-13-02T03:04:05Z',
  '2026-01-02T03:04:05Z; drop',
  '2026-01-02T25:04:05Z',
  1_767_323_045,
  null,
  '02/01/2026',
  '2026-01-02T(3)',
])('DateTime %j is refused', (value) => {
  expect(() => dateTimeScalar.parseValue(value)).toThrow(/must be ISO 8601/);
});

test('DateTime is written in UTC with milliseconds, and only from a date', () => {
  expect(dateTimeScalar.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(() => dateTimeScalar.serialize('1970-01-01')).toThrow(/not a date/);
});

test('pages have 1 to 100 rows', () => {
  expect([pageSize(1), pageSize(100)]).toEqual([1, 100]);
  for (const first of [0, -1, 101, Number.NaN]) expect(() => pageSize(first)).toThrow(/between 1 and 100/);
});

test('a page says whether there are more', () => {
  const page = (rows: readonly number[], first: number, after: string | null) =>
    connectionOf(rows, { first, after }, String, (row) => row);
  expect(page([1, 2, 3], 2, null)).toEqual({
    edges: [
      { cursor: '1', node: 1 },
      { cursor: '2', node: 2 },
    ],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: '1', endCursor: '2' },
  });
  expect(page([3], 2, '2').pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: '3',
    endCursor: '3',
  });
  expect(page([], 2, null).pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  });
});

test('a caller who is not signed in, or has another role, is told so', () => {
  expect(signedIn(contextOf(agent))).toBe(agent);
  expect(() => signedIn(contextOf({ kind: 'anonymous' }))).toThrow(/Sign in first/);
  expect(() => signedInAs(contextOf(agent), 'supervisor', 'admin')).toThrow(
    'Your role is agent; this needs supervisor or admin.',
  );
  expect(() => signedInAs(contextOf({ kind: 'anonymous' }), 'agent')).toThrow(/Sign in first/);
});

test('values of the domain become names of GraphQL', () => {
  expect(toEnum('tiktok-shop')).toBe('TIKTOK_SHOP');
});
