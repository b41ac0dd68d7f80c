import { expect, test } from '@jest/globals';
import { firstIdAt, isUuid, newId } from '../src/index.ts';

test('ids grow in the order they are made, and contain their time', () => {
  const before = firstIdAt(new Date());
  const ids = Array.from({ length: 20_000 }, () => newId());
  const after = firstIdAt(new Date(Date.now() + 1));
  expect(ids.every(isUuid)).toBe(true);
  expect(ids.every((id) => id[14] === '7')).toBe(true);
  expect(ids.every((id, index) => id > (ids[index - 1] ?? before))).toBe(true);
  expect((ids.at(-1) ?? '') < after).toBe(true);
});

test('an id cannot be guessed from the one before, except for its beginning', () => {
  const tails = Array.from({ length: 20_000 }, () => newId().slice(-11));
  expect(new Set(tails).size).toBe(tails.length);
});
