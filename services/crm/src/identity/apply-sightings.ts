import { type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import { causedByEvent } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Cause, LinkDeps } from '../link/relink.commands.ts';
import { takeTurns } from '../link/turns.store.ts';
import { recompute } from '../value/stats/recompute.commands.ts';
import { regroup } from './regroup.commands.ts';
import { planSightings, type Sighting, type SightingPlan, tenantsOf } from './sighting.domain.ts';
import { carryOut, claimedByOthersToo, readKnown } from './sighting.store.ts';

/**
 * Keeps the profiles of buyers and what they claim, and who is one customer by it. Whoever says nothing new writes nothing,
 * and shares the turn of the workspace.
 */
export async function applySightings(
  deps: LinkDeps,
  trx: Transaction<DB>,
  sightings: readonly Sighting[],
  causes: ReadonlyMap<TenantId, Cause>,
): Promise<void> {
  const identities = sightings.flatMap((sighting) => sighting.identities);
  const expected = planSightings(sightings, await readKnown(trx, identities), newId<CustomerId>);
  const alone = tenantsOf(expected);
  const tenantIds = new Set(sightings.map(({ tenantId }) => tenantId));
  await takeTurns(trx, new Map([...tenantIds].map((id) => [id, alone.has(id) ? 'alone' : 'together'])));
  if (alone.size === 0) return;
  // Read again after locking. Claims only grow, so a tenant with nothing to write before has nothing to write now either.
  const plan = planSightings(sightings, await readKnown(trx, identities), newId<CustomerId>);
  await carryOut(trx, plan);
  const shared = Map.groupBy(await claimedByOthersToo(trx, plan.claims), ({ tenantId }) => tenantId);
  for (const tenantId of tenantsOf(plan)) {
    const cause = causes.get(tenantId);
    if (cause === undefined) continue;
    const origin = causedByEvent(cause, { kind: 'system', id: null });
    const born = new Set(plan.created.filter((one) => one.tenantId === tenantId).map(({ id }) => id));
    const seeds = (shared.get(tenantId) ?? []).map(({ profileId }) => profileId);
    if (seeds.length > 0) await regroup(deps, trx, { tenantId, seeds, born }, origin);
    const profileIds = valuedAnew(plan, tenantId);
    if (profileIds.length > 0) await recompute(deps, trx, { tenantId, profileIds, cause: 'order' }, origin);
  }
}

/** New profiles, and those whose orders are known now by the id that orders name them by. */
function valuedAnew({ created, claims }: SightingPlan, tenantId: TenantId): CustomerId[] {
  const named = claims.filter(
    ({ identity }) => identity.tenantId === tenantId && identity.kind === 'platform_commerce',
  );
  const born = created.filter((one) => one.tenantId === tenantId);
  return [...new Set([...born.map(({ id }) => id), ...named.map(({ profileId }) => profileId)])];
}
