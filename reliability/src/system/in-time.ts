import { setTimeout as pause } from 'node:timers/promises';

/** Waits for something, but not forever. `what` is the text of the error. */
export async function inTime<Result>(done: Promise<Result>, withinMs: number, what: string): Promise<Result> {
  const late = pause(withinMs, null, { ref: false }).then(() => {
    throw new Error(`${what} within ${withinMs / 1_000} s`);
  });
  return Promise.race([done, late]);
}

const lookEveryMs = 1_000;

/** Waits for something as long as the number still changes: gives up when it has stayed the same for the given time. */
export async function whileItGoesOn<Result>(
  done: Promise<Result>,
  progress: () => number,
  stuckAfterMs: number,
  what: string,
): Promise<Result> {
  const settled = new AbortController();
  const { signal } = settled;
  const watch = async (): Promise<never> => {
    let [seen, changedAt] = [progress(), performance.now()];
    while (performance.now() - changedAt < stuckAfterMs) {
      await pause(lookEveryMs, null, { ref: false, signal });
      if (progress() !== seen) [seen, changedAt] = [progress(), performance.now()];
    }
    throw new Error(`${what}: nothing went on for ${stuckAfterMs / 1_000} s`);
  };
  return Promise.race([done, watch()]).finally(() => settled.abort());
}
