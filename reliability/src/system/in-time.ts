import { setTimeout as pause } from 'node:timers/promises';

/** Waits for something, but not forever. `what` is the text of the error. */
export async function inTime<Result>(done: Promise<Result>, withinMs: number, what: string): Promise<Result> {
  const late = pause(withinMs, null, { ref: false }).then(() => {
    throw new Error(`${what} within ${withinMs / 1_000} s`);
  });
  return Promise.race([done, late]);
}
