import { addReading, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import { claimStates, nextLookInMs, type StateKey } from '../clock/state.store.ts';
import type { DB } from '../db.ts';
import { lookAtClocks } from './look-at-clocks.ts';

/** A clock that was set meanwhile may be due sooner than the one it waits for. */
const pollMs = 1_000;
const batchesMax = 2;
const batchSizeMax = 100;

/** Warns and tells breaches when their time has come. */
export function startClocks(runtime: ServiceRuntime<DB>): DueWork {
  const { db, clock, log } = runtime;
  return startDueWork<readonly StateKey[]>({
    name: 'clocks',
    pollMs,
    concurrencyMax: batchesMax,
    nextDueInMs: () => db.asWorker((trx) => nextLookInMs(trx, clock.now())),
    claim: async (limit) => {
      const claimed = await db.asWorker((trx) => claimStates(trx, limit * batchSizeMax, clock.now()));
      // What failed once goes alone, so that it stops no other.
      const [alone, together] = [claimed.filter(({ tries }) => tries > 1), claimed.filter(({ tries }) => tries <= 1)];
      return [...alone.map((one) => [one]), ...chunked(together)];
    },
    work: (keys) => db.asWorker((trx) => lookAtClocks(runtime, trx, keys)),
    log,
  });
}

function chunked<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / batchSizeMax);
  return Array.from({ length: count }, (_, n) => items.slice(n * batchSizeMax, (n + 1) * batchSizeMax));
}

/** How late the first clock is that nobody has looked at. */
export function measureClocks({ db, clock, metrics }: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'metrics'>): void {
  addReading(metrics, {
    name: 'crossdesk_sla_clock_overdue_seconds',
    help: 'Time since the first clock of a service level was due',
    read: async () => {
      const dueInMs = await db.asWorker((trx) => nextLookInMs(trx, clock.now()));
      return [{ value: Math.max(0, -(dueInMs ?? 0)) / 1_000 }];
    },
  });
}
