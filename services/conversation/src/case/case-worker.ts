import { causedBySystem, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type Case, tellingOf, touchedCase } from './case.domain.ts';
import { caseDue } from './case.events.ts';
import { caseAggregate, lockDueCases, nextTellingInMs } from './case.store.ts';
import { recordStep } from './record-case.ts';

/** A case that was opened meanwhile may be due sooner than the one it waits for. */
const pollMs = 1_000;

/** Warns of cases that are nearly due, and tells those that are overdue. */
export function startCases(runtime: ServiceRuntime<DB>): DueWork {
  const { db, clock, log } = runtime;
  return startDueWork({
    name: 'cases',
    pollMs,
    concurrencyMax: 50,
    nextDueInMs: () => db.asWorker((trx) => nextTellingInMs(trx, clock.now())),
    // One transaction tells all of them, each once: nothing is left to do for each.
    claim: (limit) => db.asWorker((trx) => tellDueCases(runtime, trx, limit)),
    work: () => Promise.resolve(),
    log,
  });
}

async function tellDueCases(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  limit: number,
): Promise<readonly Case[]> {
  const now = deps.clock.now();
  const due = await lockDueCases(trx, limit, now);
  for (const before of due) {
    const stage = tellingOf(before, now);
    if (stage === null) continue;
    const origin = causedBySystem();
    const after = touchedCase(before, { told: stage });
    const told = { before: {}, after: { reason: stage } };
    await recordStep(
      deps,
      trx,
      { before, after, kind: 'due', told, events: [caseDue(caseAggregate(after), after, stage, origin)] },
      origin,
    );
  }
  return due;
}
