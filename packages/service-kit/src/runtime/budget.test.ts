import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createBudget } from './budget.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('the budget is full again a minute after the first charge, and the refusal says so', () => {
  const budget = createBudget(10);
  expect(budget.charge('key', 10)).toBe(true);
  jest.advanceTimersByTime(20_000);
  expect(budget.charge('key', 1)).toBe(false);
  expect(budget.remainderOf('key')).toEqual({ left: 0, resetSeconds: 40 });
  jest.advanceTimersByTime(40_000);
  expect(budget.charge('key', 10)).toBe(true);
});

test('setting the clock back by an hour makes no caller wait longer, and setting it forward refills no budget', () => {
  const budget = createBudget(10);
  expect(budget.charge('key', 10)).toBe(true);
  for (const hours of [-1, 2]) {
    jest.setSystemTime(Date.now() + hours * 3_600_000);
    expect(budget.remainderOf('key')).toEqual({ left: 0, resetSeconds: 60 });
  }
});

test('an active caller gets no new budget because many others came', () => {
  const budget = createBudget(100);
  for (let n = 0; n < 100_000; n += 1) {
    if (n % 1_000 === 0) expect(budget.charge('key', 1)).toBe(true);
    budget.charge(`other ${n}`, 1);
  }
  expect(budget.charge('key', 1)).toBe(false);
});

test('work that was done already is taken down to nothing, and does not make the next minute shorter', () => {
  const budget = createBudget(10);
  budget.spend('key', 25);
  expect(budget.remainderOf('key').left).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(budget.remainderOf('key').left).toBe(10);
});
