import { setTimeout as pause } from 'node:timers/promises';

/** Repeats the check until it no longer throws; after `withinMs` it throws the last error. */
export async function until<Result>(withinMs: number, check: () => Promise<Result> | Result): Promise<Result> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(200);
    }
  }
}
