import type { TenantId } from '@crossdesk/contracts';
import { addDueWork, causedOutside, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { changedTenants, takeChanges } from './tell.store.ts';

/** A workspace is told at most this often that its numbers have changed. */
const pauseMs = 1_000;

/** Tells that the numbers of workspaces have changed, as long as the service runs. */
export function addTeller(runtime: ServiceRuntime<DB>): void {
  const { db, log } = runtime;
  addDueWork(runtime, () =>
    startDueWork({
      name: 'overview',
      pollMs: pauseMs,
      concurrencyMax: 2,
      claim: (limit) => db.asWorker((trx) => changedTenants(trx, { pauseMs, limit })),
      work: (tenantId) => tell(runtime, tenantId),
      log,
    }),
  );
}

async function tell({ db, outbox }: ServiceRuntime<DB>, tenantId: TenantId): Promise<void> {
  await db.asWorker(async (trx) => {
    const taken = await takeChanges(trx, tenantId, pauseMs);
    if (taken === null) return;
    const { aggregate, countedUntil } = taken;
    const origin = causedOutside({ kind: 'system', id: null });
    const data = { countedUntil: countedUntil.toISOString() };
    await outbox.append(trx, [{ aggregate, type: 'analytics.overview-changed', origin, data }]);
  });
}
