import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { cursorsOf } from './cursor.ts';

const topics = ['conversation.conversation', 'conversation.agent'] as const;
const key = { current: randomBytes(32), previous: null };
const tenantId = newId<TenantId>();
const cursors = cursorsOf({ field: 'events', topics }, key);
const bounds = Array.from({ length: 8 }, () => ({ earliest: 0n, next: 1_000n }));
const vector = [1n, 22n, 333n, 4n, 5n, 1_000n, 0n, 7n];
const good = cursors.encode(tenantId, vector);

test('a cursor decodes to the place it was made from, and a place has one cursor', () => {
  expect(cursors.decode(tenantId, good, bounds)).toEqual(vector);
  expect(cursors.encode(tenantId, vector)).toBe(good);
});

test('nothing of a place is in its cursor: those of neighbours share no bytes and have one length', () => {
  const others = [vector.with(0, 2n), vector.with(7, 2n ** 63n), vector.map(() => 0n)];
  for (const other of others) {
    const cursor = cursors.encode(tenantId, other);
    expect(cursor).toHaveLength(good.length);
    expect(cursor.slice(0, 8)).not.toBe(good.slice(0, 8));
    expect(cursor.slice(-8)).not.toBe(good.slice(-8));
  }
});

describe('a cursor is refused', () => {
  test.each([
    '',
    'x',
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    `${good}A`,
    'A'.repeat(100_000),
    'A'.repeat(good.length),
  ])('that was changed: %.60s', (cursor) => {
    expect(() => cursors.decode(tenantId, cursor, bounds)).toThrow('this is not a cursor of events');
  });

  test('that was changed in any one character', () => {
    for (let at = 0; at < good.length; at += 1) {
      const changed = good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);
      expect(() => cursors.decode(tenantId, changed, bounds)).toThrow('this is not a cursor of events');
    }
  });

  test.each([
    ['another workspace', { field: 'events', topics }, newId<TenantId>(), key],
    ['another installation', { field: 'events', topics }, tenantId, { ...key, current: randomBytes(32) }],
    ['another stream', { field: 'others', topics }, tenantId, key],
    [
      'this stream when it had another topic instead',
      { field: 'events', topics: [topics[0], 'ingest.account'] as const },
      tenantId,
      key,
    ],
    [
      'this stream before the order of its topics changed',
      { field: 'events', topics: [topics[1], topics[0]] as const },
      tenantId,
      key,
    ],
  ])('that is of %s', (_, stream, tenant, ofKey) => {
    const cursor = cursorsOf(stream, ofKey).encode(tenant, vector);
    expect(() => cursors.decode(tenantId, cursor, bounds)).toThrow('this is not a cursor of events');
  });

  test('that another key sealed, unless it is the previous one', () => {
    const changing = { current: randomBytes(32), previous: key.current };
    const stream = { field: 'events', topics } as const;
    expect(cursorsOf(stream, changing).decode(tenantId, good, bounds)).toEqual(vector);
    const changed = cursorsOf(stream, changing).encode(tenantId, vector);
    expect(() => cursors.decode(tenantId, changed, bounds)).toThrow('this is not a cursor of events');
  });

  test('that is ahead of the log', () => {
    const cursor = cursors.encode(tenantId, vector.with(0, 1_001n));
    expect(() => cursors.decode(tenantId, cursor, bounds)).toThrow('this is not a cursor of events');
  });

  test('that is older than the log', () => {
    const later = bounds.with(6, { earliest: 1n, next: 1_000n });
    expect(() => cursors.decode(tenantId, good, later)).toThrow(
      'the log no longer holds the events behind this cursor',
    );
  });
});
