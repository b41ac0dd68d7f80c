import type { Logger } from './log.ts';
import type { Stoppable } from './shutdown.ts';
import { createWakeUp } from './wake-up.ts';

export interface DueWorkSpec<Item> {
  readonly name: string;
  /** How long it waits at most when nothing is due. */
  readonly pollMs: number;
  /** The time until the next row is due; null = none. Work that tells it may have a long `pollMs`. */
  nextDueInMs?(): Promise<number | null>;
  readonly concurrencyMax: number;
  /** Takes up to `limit` due rows with a lease (`for update skip locked`), in a transaction of its own. */
  claim(limit: number): Promise<readonly Item[]>;
  /**
   * Works on one row and records the outcome. An error is logged; the row is due again when its lease ends. Work that takes long
   * ends early when `stop` is aborted.
   */
  work(item: Item, stop: AbortSignal): Promise<void>;
  readonly log: Logger;
}

export interface DueWork extends Stoppable {
  /** Looks now instead of at the next poll. */
  nudge(): void;
}

/** Works on rows that become due: claims a few at a time, works on them concurrently, and stops between two claims. */
export function startDueWork<Item>(spec: DueWorkSpec<Item>): DueWork {
  const wakeUp = createWakeUp();
  const working = new Set<Promise<void>>();
  const stopping = new AbortController();

  function begin(item: Item): void {
    const job = spec
      .work(item, stopping.signal)
      .catch((err: unknown) =>
        spec.log.error({ err, work: spec.name }, 'due work failed; it is due again when its lease ends'),
      )
      .finally(() => {
        working.delete(job);
        wakeUp.wake();
      });
    working.add(job);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const room = spec.concurrencyMax - working.size;
      let claimed = 0;
      let pauseMs = spec.pollMs;
      if (room > 0) {
        try {
          const items = await spec.claim(room);
          claimed = items.length;
          items.forEach(begin);
          if (claimed === 0) pauseMs = await untilDueMs(spec);
        } catch (err) {
          spec.log.warn({ err, work: spec.name }, 'cannot claim due work');
          await wakeUp.sleep(1_000);
        }
      }
      if (claimed === 0 || claimed === room) await wakeUp.sleep(pauseMs);
    }
  }

  const running = run();
  return {
    name: spec.name,
    nudge: wakeUp.wake,
    stop: async () => {
      stopping.abort();
      wakeUp.wake();
      await running;
      await Promise.all(working);
    },
  };
}

async function untilDueMs<Item>({ pollMs, nextDueInMs }: DueWorkSpec<Item>): Promise<number> {
  const dueInMs = (await nextDueInMs?.()) ?? pollMs;
  return Math.min(pollMs, Math.max(dueMsMin, dueInMs));
}

/** A row that is due and locked by another process is asked for again after this time. */
const dueMsMin = 250;

/** Work that begins with the service. The function that comes back makes it look now. */
export function addDueWork(
  runtime: { readonly addPart: (start: () => Stoppable) => void },
  start: () => DueWork,
): () => void {
  let nudge = (): void => undefined;
  runtime.addPart(() => {
    const work = start();
    nudge = work.nudge;
    return work;
  });
  return () => nudge();
}
