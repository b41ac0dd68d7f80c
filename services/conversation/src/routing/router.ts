import { addDueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { drainTeam } from './drain.commands.ts';
import { claimLeavers, handOver } from './hand-over.commands.ts';
import { lookAfter, onQueueChanged } from '../queue/router-signal.ts';
import { dueInMs, withdrawUnopened } from './offer.commands.ts';
import { placeDue } from './place.commands.ts';
import { wokenTeams } from './queue-entry.store.ts';

/** Changes in this process nudge; what another process left when it died is found after this time. */
const pollMs = 5_000;
const batchMax = 200;

/** Work that a batch has done already: nothing is left for each row. */
const done = (): Promise<void> => Promise.resolve();

/** Brings what waits to people, as long as the service runs. */
export function addRouter(runtime: ServiceRuntime<DB>): void {
  const { db, clock, log, outbox } = runtime;
  const nudges = [
    addDueWork(runtime, () =>
      startDueWork({
        name: 'queue',
        pollMs,
        concurrencyMax: batchMax,
        nextDueInMs: () => db.asWorker((trx) => dueInMs(trx, clock.now())),
        claim: (limit) =>
          db.asWorker(async (trx) => {
            const withdrawn = await withdrawUnopened(runtime, trx, limit);
            const placed = await placeDue(runtime, trx, limit);
            if (withdrawn.length + placed.length > 0) lookAfter(trx, outbox);
            return [...withdrawn, ...placed];
          }),
        work: done,
        log,
      }),
    ),
    addDueWork(runtime, () =>
      startDueWork({
        name: 'routing',
        pollMs,
        concurrencyMax: 2,
        claim: (limit) => db.asWorker((trx) => wokenTeams(trx, limit)),
        work: async (team) => {
          await db.asWorker((trx) => drainTeam(runtime, trx, team));
        },
        log,
      }),
    ),
    addDueWork(runtime, () =>
      startDueWork({
        name: 'hand-over',
        pollMs,
        concurrencyMax: 1,
        claim: (limit) => db.asWorker((trx) => claimLeavers(trx, limit)),
        work: (leaver) =>
          db.asWorker(async (trx) => {
            await handOver(runtime, trx, leaver);
            lookAfter(trx, outbox);
          }),
        log,
      }),
    ),
  ];
  onQueueChanged(outbox, () => {
    for (const nudge of nudges) nudge();
  });
}
