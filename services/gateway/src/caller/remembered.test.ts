import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRemembered } from './remembered.ts';

const heldForMs = 10_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Counts the questions, so that each answer is a different one. */
function remembering() {
  let asked = 0;
  const known = createRemembered<number>(() => heldForMs);
  return {
    get: () => known.get('key', async () => (asked += 1)),
    fail: () => known.get('key', async () => Promise.reject(new Error('nobody answers'))),
  };
}

describe('an answer', () => {
  test('is remembered for its time, and then asked for again', async () => {
    const { get } = remembering();
    expect([await get(), await get()]).toEqual([1, 1]);
    jest.advanceTimersByTime(heldForMs - 1);
    expect(await get()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await get()).toBe(2);
  });

  test.each([-3_600_000, 3_600_000])(
    'is remembered for the same time when the clock is changed by %i ms',
    async (byMs) => {
      const { get } = remembering();
      expect(await get()).toBe(1);
      jest.setSystemTime(Date.now() + byMs);
      expect(await get()).toBe(1);
      jest.advanceTimersByTime(heldForMs);
      expect(await get()).toBe(2);
    },
  );

  test('is used again for a short time when asking fails', async () => {
    const { get, fail } = remembering();
    expect(await get()).toBe(1);
    jest.advanceTimersByTime(heldForMs);
    expect([await fail(), await get()]).toEqual([1, 1]);
    jest.advanceTimersByTime(heldForMs);
    expect(await get()).toBe(2);
  });
});

test('an answer in use stays remembered while thousands of others come and go', async () => {
  const known = createRemembered<string>(() => heldForMs);
  let asked = 0;
  for (let n = 0; n < 25_000; n += 1) {
    if (n % 1_000 === 0) await known.get('in use', async () => `asked ${(asked += 1)} times`);
    await known.get(`other ${n}`, async () => 'once');
  }
  expect(asked).toBe(1);
});
