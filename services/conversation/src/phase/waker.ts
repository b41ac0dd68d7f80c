import { type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { snoozeEndsInMs, wakeDue } from './wake.commands.ts';

/** A snooze that ends sooner nudges. */
const pollMs = 60_000;

/** Brings snoozed conversations back when their time is over. */
export function startWaker({ db, clock, outbox, log }: ServiceRuntime<DB>): DueWork {
  return startDueWork({
    name: 'snoozed',
    pollMs,
    concurrencyMax: 50,
    nextDueInMs: () => db.asWorker((trx) => snoozeEndsInMs(trx, clock.now())),
    // One transaction wakes all of them: nothing is left to do for each.
    claim: (limit) => db.asWorker((trx) => wakeDue({ outbox, clock }, trx, limit)),
    work: () => Promise.resolve(),
    log,
  });
}
