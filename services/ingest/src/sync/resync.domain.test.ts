import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseSpan, pauseAfter, spanOfGap } from './resync.domain.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const before = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

test.each<[string, Date, Date | null, boolean]>([
  ['until now', before(24), null, true],
  ['a span', before(24), before(12), true],
  ['a span of no length', before(24), before(24), false],
  ['the future', before(24), before(-1), false],
  ['more than a year', before(24 * 366), null, false],
])('%s: %s to %s', (_what, from, to, isAccepted) => {
  expect(chooseSpan(from, to, now).ok).toBe(isAccepted);
});

test('a gap is always read again, by a new job or by one that runs', () => {
  const hours = fc.integer({ min: 1, max: 500 });
  const spans = fc.array(fc.tuple(hours, hours), { maxLength: 5 });
  fc.assert(
    fc.property(hours, hours, spans, (a, b, others) => {
      const gap = { from: before(Math.max(a, b)), to: before(Math.min(a, b)) };
      const running = others.map(([one, other]) => ({
        from: before(Math.max(one, other)),
        to: before(Math.min(one, other)),
      }));
      const added = spanOfGap(gap, running, now);
      const all = added === null ? running : [...running, added];
      expect(all.some((span) => span.from <= gap.from && span.to >= gap.to)).toBe(true);
      expect(spanOfGap(gap, all, now)).toBeNull();
    }),
  );
});

test('a job that fails again and again tries at most eight times, at longer intervals', () => {
  expect([1, 2, 7, 8].map(pauseAfter)).toEqual([60_000, 120_000, 3_600_000, null]);
});
