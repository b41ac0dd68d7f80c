import { setTimeout as pause } from 'node:timers/promises';

/** Longer than a chain of crashes keeps the system away, on a machine that has other work besides. */
const insistForMs = 240_000;

/** Asks until there is an answer: a client whose server was killed does not know what became of its request. */
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
