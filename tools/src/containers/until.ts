import { setTimeout as pause } from 'node:timers/promises';

/** Looks again and again until the check stops throwing; after `withinMs` its last error is thrown. */
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
