import { setTimeout as pause } from 'node:timers/promises';

/** Longer than a series of crashes takes on a busy machine. */
const insistForMs = 240_000;

/** Asks until there is an answer, because a server that is killed answers nothing. */
export async function insist<Result>(ask: () => Promise<Result>): Promise<Result> {
  const endsAt = performance.now() + insistForMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await pause(100);
    }
  }
}
