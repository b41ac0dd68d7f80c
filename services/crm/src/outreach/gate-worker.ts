import { addReading, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { type GateDeps, passGate } from './decide.commands.ts';
import type { Outreach } from './outreach.domain.ts';
import { claimDue, countUnsettled, nextDueInMs } from './outreach.store.ts';

type Deps = GateDeps & Pick<ServiceRuntime<DB>, 'db' | 'log'>;

const pollMs = 30_000;
const concurrencyMax = 4;

/** Lets planned messages pass the gate when their time has come. */
export function startGate(deps: Deps): DueWork {
  const { db, clock, log } = deps;
  return startDueWork<Outreach>({
    name: 'outreach',
    pollMs,
    concurrencyMax,
    claim: (limit) => db.asWorker((trx) => claimDue(trx, limit, clock.now())),
    nextDueInMs: () => db.asWorker((trx) => nextDueInMs(trx, clock.now())),
    work: (claimed) => db.asWorker((trx) => passGate(deps, trx, claimed)),
    log,
  });
}

const unsettledMs = 5 * 60_000;

/** How many decided messages nobody has carried out or refused for five minutes. */
export function measureGate({ db, clock, metrics }: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'metrics'>): void {
  addReading(metrics, {
    name: 'crossdesk_outreach_unsettled',
    help: 'Messages that crm decided more than 5 minutes ago and that were neither written nor refused since',
    read: async () => {
      const before = new Date(clock.now().getTime() - unsettledMs);
      return [{ value: await db.asWorker((trx) => countUnsettled(trx, before)) }];
    },
  });
}
