import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ConsentEnd,
  daysUntil,
  dueWarning,
  earlierEnd,
  endOfNewConsent,
  isWithdrawn,
  nextWarningAt,
} from './consent-end.domain.ts';

const dayMs = 86_400_000;
const at = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * dayMs);
const end = (day: number, warnedDays: number | null = null): ConsentEnd => ({
  endsAt: at(day),
  isAssumed: false,
  warnedDays,
});

test.each<[number, number | null, number | null]>([
  [69, null, null],
  [70, null, 30],
  [80, 30, null],
  [93, 30, 7],
  [95, null, 7],
  [98.9, 7, null],
  [99, 7, 1],
  [101, 1, null],
])('on day %d of an end on day 100, after the warning %s, the warning %s is due', (day, warned, due) => {
  expect(dueWarning(end(100, warned), [30, 7, 1], at(day))).toBe(due);
});

test('each warning is given once, in any order of configured days and however rarely somebody looks', () => {
  const warnDays = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 6 });
  const looks = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(warnDays, looks, (days, unsorted) => {
      let known = end(400);
      const given: number[] = [];
      for (const look of unsorted.toSorted((a, b) => a - b)) {
        const due = dueWarning(known, days, at(look));
        const next = nextWarningAt(known, days);
        // The time that the watch sleeps until is never too late, and never wakes it for nothing.
        expect(due === null).toBe(next === null || next > at(look));
        if (due === null) continue;
        given.push(due);
        known = { ...known, warnedDays: due };
      }
      expect(given).toEqual([...new Set(given)].toSorted((a, b) => b - a));
      const last = Math.max(...unsorted);
      const nearest = days.filter((day) => 400 - day <= last);
      expect(given.at(-1) ?? null).toBe(nearest.length === 0 ? null : Math.min(...nearest));
    }),
  );
});

test('a new consent ends when the platform says, or after the days of the channel; without both it has no end', () => {
  expect(endOfNewConsent(at(9), { authorisationDays: 365 }, at(0))).toEqual({ endsAt: at(9), isAssumed: false });
  expect(endOfNewConsent(null, { authorisationDays: 365 }, at(0))).toEqual({ endsAt: at(365), isAssumed: true });
  expect(endOfNewConsent(null, { authorisationDays: null }, at(0))).toBeNull();
});

test('a report that it ends by some day makes an end earlier or known, never later', () => {
  expect(earlierEnd(null, at(7))).toEqual({ endsAt: at(7), isAssumed: false });
  expect(earlierEnd(end(9), at(7))).toEqual({ endsAt: at(7), isAssumed: false });
  expect(earlierEnd(end(7), at(8))).toBeNull();
});

test('warnings are withdrawn by a consent that ends later or never, not by a correction of hours', () => {
  expect(isWithdrawn(end(10, 7), end(300))).toBe(true);
  expect(isWithdrawn(end(10, 7), null)).toBe(true);
  expect(isWithdrawn(end(10, 7), end(10.5))).toBe(false);
  expect(isWithdrawn(end(10), end(300))).toBe(false);
});

test('the days until an end are whole ones, and none after it', () => {
  expect([daysUntil(end(10), at(0)), daysUntil(end(10), at(9.5)), daysUntil(end(10), at(12))]).toEqual([10, 0, 0]);
});
