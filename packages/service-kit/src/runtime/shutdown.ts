import type { Logger } from './log.ts';

export interface Stoppable {
  readonly name: string;
  stop(): Promise<void>;
}

/**
 * Stops parts one after another, in the given order, each within the remaining time. A part that fails or hangs is
 * logged and abandoned, so that the next ones are still stopped.
 */
export async function stopInOrder(parts: readonly Stoppable[], deadlineMs: number, log: Logger): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  for (const { name, stop } of parts) {
    const leftMs = Math.max(100, endsAt - performance.now());
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} did not stop within ${Math.round(leftMs)} ms`)), leftMs);
    });
    try {
      await Promise.race([stop(), timeout]);
    } catch (err) {
      log.error({ err, part: name }, 'part did not stop in order');
    } finally {
      clearTimeout(timer);
    }
  }
}
