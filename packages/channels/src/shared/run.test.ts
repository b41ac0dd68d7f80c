import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { continueRun, readRun, type RunLimits } from './run.ts';

const limits: RunLimits = { firstLookBackMs: 1_000_000, windowMsMax: null, pagesMax: 3 };
const now = new Date(1_800_000_000_000);

test('the first run looks back by the given time, the next begins ten minutes before the end of the first', () => {
  const run = readRun('', now, limits);
  expect(run).toEqual({ sinceMs: now.getTime() - 1_000_000, untilMs: now.getTime(), next: '', pages: 0 });
  const { cursor, hasMore } = continueRun(run, '', now, limits);
  expect(hasMore).toBe(false);
  expect(readRun(cursor, now, limits).sinceMs).toBe(now.getTime() - 600_000);
});

test('changes during the reading of the pages are read again, however long that took', () => {
  const run = readRun(continueRun(readRun('', now, limits), 'p2', now, limits).cursor, now, limits);
  const later = new Date(now.getTime() + 300_000);
  const { cursor } = continueRun(run, '', later, limits);
  expect(readRun(cursor, later, limits).sinceMs).toBe(now.getTime() - 600_000);
});

test('at the page limit the poll stops and keeps its position', () => {
  let run = readRun('', now, limits);
  for (const next of ['p2', 'p3']) run = readRun(continueRun(run, next, now, limits).cursor, now, limits);
  const atCap = continueRun(run, 'p4', now, limits);
  expect(atCap.hasMore).toBe(false);
  expect(readRun(atCap.cursor, now, limits)).toMatchObject({ next: 'p4', pages: 0, sinceMs: run.sinceMs });
});

test('an unchanged position ends the run', () => {
  const run = readRun(continueRun(readRun('', now, limits), 'p2', now, limits).cursor, now, limits);
  expect(continueRun(run, 'p2', now, limits).hasMore).toBe(false);
});

test('windows of any length cover the past without a gap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 700_000, max: 5_000_000 }),
      fc.integer({ min: 0, max: 60_000_000 }),
      (window, past) => {
        const windowed = { ...limits, windowMsMax: window, firstLookBackMs: past, pagesMax: 1_000 };
        let run = readRun('', now, windowed);
        let covered = run.sinceMs;
        for (let more = true; more;) {
          expect(run.sinceMs).toBeLessThanOrEqual(covered);
          expect(run.untilMs - run.sinceMs).toBeLessThanOrEqual(window);
          covered = Math.max(covered, run.untilMs);
          const { cursor, hasMore } = continueRun(run, '', now, windowed);
          more = hasMore;
          run = readRun(cursor, now, windowed);
        }
        expect(covered).toBeGreaterThanOrEqual(now.getTime() - 600_000);
      },
    ),
  );
});

test('an unreadable cursor starts the first run again', () => {
  for (const cursor of ['x', '[]', '{"sinceMs":"soon"}'])
    expect(readRun(cursor, now, limits).sinceMs).toBe(now.getTime() - 1_000_000);
});
