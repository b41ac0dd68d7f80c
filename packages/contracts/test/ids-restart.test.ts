import { afterEach, expect, jest, test } from '@jest/globals';

const minuteMs = 60_000;
const now = Date.now();

afterEach(() => {
  jest.restoreAllMocks();
});

/** The module as a new process loads it, without the state of the previous one. */
async function startAt(ms: number) {
  jest.resetModules();
  jest.spyOn(Date, 'now').mockReturnValue(ms);
  return import('../src/ids.ts');
}

test('a process that starts with its clock behind makes ids greater than those of its predecessor', async () => {
  const last = (await startAt(now + 4 * minuteMs)).newId();
  const { continueIdsAfter, newId } = await startAt(now);
  continueIdsAfter(last);
  const ids = Array.from({ length: 1_000 }, () => newId());
  expect(ids.every((id, index) => id > (ids[index - 1] ?? last))).toBe(true);
});

test('a predecessor whose clock was hours ahead is not followed', async () => {
  const last = (await startAt(now + 180 * minuteMs)).newId();
  const { continueIdsAfter, newId, firstIdAt } = await startAt(now);
  continueIdsAfter(last);
  expect(newId() < firstIdAt(new Date(now + 1))).toBe(true);
});
