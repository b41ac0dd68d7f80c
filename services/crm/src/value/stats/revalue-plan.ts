import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { causedByEvent } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { CustomerPlan } from '../../customer/customer.domain.ts';
import type { DB } from '../../db.ts';
import type { Cause } from '../../link/relink.commands.ts';
import { recompute, type RecomputeDeps } from './recompute.commands.ts';
import { forgetMerged } from './stats.store.ts';

/**
 * Values the customers whose orders are others after a plan was carried out: those who became one, and those whose
 * orders are known now by the id that orders name them by.
 */
export async function revaluePlan(
  deps: RecomputeDeps,
  trx: Transaction<DB>,
  { merged, added, created }: CustomerPlan,
  causes: ReadonlyMap<TenantId, Cause>,
): Promise<void> {
  const named = added.flatMap(({ identity, customerId }) =>
    identity.kind === 'platform_commerce' ? { tenantId: identity.tenantId, customerId } : [],
  );
  const grown = merged.map(({ tenantId, into }) => ({ tenantId, customerId: into }));
  const born = created.map(({ tenantId, id }) => ({ tenantId, customerId: id }));
  const absorbed = Map.groupBy(merged, ({ tenantId }) => tenantId);
  for (const [tenantId, touched] of Map.groupBy([...named, ...grown, ...born], (one) => one.tenantId)) {
    const cause = causes.get(tenantId);
    if (cause === undefined) continue;
    const gone = absorbed.get(tenantId) ?? [];
    if (gone.length > 0)
      await forgetMerged(
        trx,
        tenantId,
        gone.map(({ from }) => from),
      );
    const profileIds: CustomerId[] = [...new Set(touched.map(({ customerId }) => customerId))];
    const origin = causedByEvent(cause, { kind: 'system', id: null });
    await recompute(deps, trx, { tenantId, profileIds, cause: gone.length > 0 ? 'merge' : 'order' }, origin);
  }
}
