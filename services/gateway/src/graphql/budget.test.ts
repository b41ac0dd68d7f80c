import { expect, test } from '@jest/globals';
import { createBudget } from './budget.ts';

const minuteMs = 60_000;

function budgetAt(perMinuteMax: number) {
  let nowMs = Date.UTC(2026, 0, 1);
  const budget = createBudget(perMinuteMax, { now: () => new Date(nowMs) });
  return {
    charge: (units: number) => budget.charge('key', units),
    set: (byMs: number) => {
      nowMs += byMs;
    },
  };
}

test('what is spent comes back a minute after the first charge, and the refusal says so', () => {
  const { charge, set } = budgetAt(10);
  expect(charge(10)).toEqual({ ok: true });
  set(20_000);
  expect(charge(1)).toEqual({ ok: false, retryAfterSeconds: 40 });
  set(40_000);
  expect(charge(10)).toEqual({ ok: true });
});

test('nobody waits for an hour because the clock was set back by an hour', () => {
  const { charge, set } = budgetAt(10);
  expect(charge(10)).toEqual({ ok: true });
  set(-60 * minuteMs);
  expect(charge(10)).toEqual({ ok: true });
  expect(charge(1)).toEqual({ ok: false, retryAfterSeconds: 60 });
});
