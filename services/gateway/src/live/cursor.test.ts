import { describe, expect, test } from '@jest/globals';
import { cursorsOf } from './cursor.ts';

const topics = ['conversation.conversation', 'conversation.agent'] as const;
const cursors = cursorsOf({ field: 'events', topics });
const bounds = Array.from({ length: 8 }, () => ({ earliest: 0n, next: 1_000n }));
const vector = [1n, 22n, 333n, 4n, 5n, 1_000n, 0n, 7n];
const good = cursors.encode(vector);
const mark = Buffer.from(good, 'base64url').toString().split('.')[0] ?? '';

test('a cursor decodes to the place it was made from', () => {
  expect(cursors.decode(good, bounds)).toEqual(vector);
  expect(cursors.decode(cursors.beginning, bounds)).toEqual(vector.map(() => 0n));
});

describe('a cursor is refused', () => {
  const text = (positions: string) => Buffer.from(`${mark}.${positions}`).toString('base64url');

  test.each([
    '',
    'x',
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    `${good}A`,
    text('1.2'),
    text('1.22.333.4.5.1001.0.7'),
    text('00.0.0.0.0.0.0.0'),
    text('-1.0.0.0.0.0.0.0'),
    text('0x1.0.0.0.0.0.0.0'),
    text('99999999999999999999.0.0.0.0.0.0.0'),
    text('0.0.0.0.0.0.0.0.'),
    text('0.0.0.0.0.0.0.0.0'),
    Buffer.from('1.0.0.0.0.0.0.0.0').toString('base64url'),
    'A'.repeat(100_000),
  ])('that was changed: %.60s', (cursor) => {
    expect(() => cursors.decode(cursor, bounds)).toThrow('this is not a cursor of events');
  });

  test.each([
    ['another stream', { field: 'others', topics }],
    [
      'this stream when it had another topic instead',
      { field: 'events', topics: [topics[0], 'ingest.account'] as const },
    ],
    [
      'this stream before the order of its topics changed',
      { field: 'events', topics: [topics[1], topics[0]] as const },
    ],
  ])('that is of %s', (_, stream) => {
    expect(() => cursors.decode(cursorsOf(stream).encode(vector), bounds)).toThrow('this is not a cursor of events');
  });

  test('that is older than the log', () => {
    const later = bounds.with(6, { earliest: 1n, next: 1_000n });
    expect(() => cursors.decode(good, later)).toThrow('the log no longer holds the events behind this cursor');
  });
});
