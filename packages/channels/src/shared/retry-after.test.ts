import { expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

const now = new Date('2026-01-02T03:00:00Z');

test.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['Fri, 02 Jan 2026 03:01:00 GMT', 60_000],
  ['999999', 3_600_000],
  ['0', 500],
  ['Fri, 02 Jan 2026 02:00:00 GMT', 500],
  ['soon', 500],
  ['', 500],
])('Retry-After %j means a pause of %i ms', (header, pauseMs) => {
  expect(retryAfterMs({ 'retry-after': header }, now, 500)).toBe(pauseMs);
});

test('without the header the pause is the usual one', () => {
  expect(retryAfterMs({}, now, 500)).toBe(500);
});
