import { causedBySystem, type DueWork, startDueWork } from '@crossdesk/service-kit';
import { lockAccount } from '../account/account.store.ts';
import { warnOfEnd } from '../account/consent-end.ts';
import { claimConsentEnds, nextWarningInMs } from '../account/consent-end.store.ts';
import type { IngestDeps } from '../deps.ts';

const leaseMs = 60_000;

/** Warns of authorisations that are about to end, at each of the configured days ahead once. */
export function startConsentWatch(deps: IngestDeps): DueWork {
  const { db, clock, log } = deps.runtime;
  return startDueWork({
    name: 'authorisation watch',
    pollMs: 2_000,
    nextDueInMs: () => db.asWorker((trx) => nextWarningInMs(trx, clock.now())),
    concurrencyMax: 4,
    log,
    claim: (limit) => db.asWorker((trx) => claimConsentEnds(trx, limit, clock.now(), leaseMs)),
    work: ({ tenant_id: tenantId, account_id: accountId }) =>
      db.asWorker(async (trx) => {
        const locked = await lockAccount(trx, tenantId, accountId);
        if (locked !== null) await warnOfEnd(deps, trx, locked, causedBySystem());
      }),
  });
}
