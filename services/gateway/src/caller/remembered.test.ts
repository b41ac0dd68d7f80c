import { describe, expect, test } from '@jest/globals';
import { createRemembered } from './remembered.ts';

const heldForMs = 10_000;
const hourMs = 3_600_000;

/** Counts what is asked, so that each answer is another one. */
function remembering() {
  let nowMs = Date.UTC(2026, 0, 1);
  let asked = 0;
  const known = createRemembered<number>({ now: () => new Date(nowMs) }, () => heldForMs);
  return {
    set: (byMs: number) => {
      nowMs += byMs;
    },
    get: () => known.get('key', async () => (asked += 1)),
    fail: () => known.get('key', async () => Promise.reject(new Error('nobody answers'))),
  };
}

describe('an answer', () => {
  test('is remembered for as long as it holds, and then asked for anew', async () => {
    const { get, set } = remembering();
    expect([await get(), await get()]).toEqual([1, 1]);
    set(heldForMs - 1);
    expect(await get()).toBe(1);
    set(1);
    expect(await get()).toBe(2);
  });

  test('does not hold for an hour because the clock was set back by an hour', async () => {
    const { get, set } = remembering();
    expect(await get()).toBe(1);
    set(-hourMs);
    expect([await get(), await get()]).toEqual([2, 2]);
  });

  test('of before goes on for a short while when nobody answers, by whatever clock', async () => {
    const { get, fail, set } = remembering();
    expect(await get()).toBe(1);
    set(-hourMs);
    expect([await fail(), await get()]).toEqual([1, 1]);
    set(heldForMs);
    expect(await get()).toBe(2);
  });
});
