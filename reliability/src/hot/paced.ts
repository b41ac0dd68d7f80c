import { setTimeout as pause } from 'node:timers/promises';

const tickMs = 10;

/**
 * Does something so many times a second without waiting for it. A sender that waits for answers sends less when they are slow,
 * and so never measures how slow they are.
 */
export async function paced(perSecond: number, forMs: number, once: (n: number) => void): Promise<void> {
  const startedAt = performance.now();
  let done = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    const due = Math.floor((Math.min(elapsedMs, forMs) * perSecond) / 1_000);
    for (; done < due; done += 1) once(done);
    if (elapsedMs >= forMs) return;
    await pause(tickMs);
  }
}
