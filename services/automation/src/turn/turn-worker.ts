import { type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { nextDueInMs } from '../job/due-rows.store.ts';
import { createSetReader } from '../rule/set-reader.ts';
import { takeTurn } from './take-turn.commands.ts';
import { claimDueTurns, type TurnRow } from './turn.store.ts';

const pollMs = 60_000;
const concurrencyMax = 4;

/** Answers turns when they end. */
export function startTurns({ db, clock, outbox, metrics, log }: ServiceRuntime<DB>): DueWork {
  const deps = { clock, outbox, metrics, readSets: createSetReader() };
  return startDueWork<TurnRow>({
    name: 'turns',
    pollMs,
    concurrencyMax,
    nextDueInMs: () => db.asWorker((trx) => nextDueInMs(trx, 'turn', clock.now())),
    claim: (limit) => db.asWorker((trx) => claimDueTurns(trx, limit, clock.now())),
    work: (row) => db.asWorker((trx) => takeTurn(deps, trx, row)),
    log,
  });
}
