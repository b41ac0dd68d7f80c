import type { CustomerId, EventData, TenantId } from '@crossdesk/contracts';
import { type AnyEventDraft, lockedAggregate, type Origin } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { countCustomerEvents } from '../customer/customer-version.store.ts';
import type { DB } from '../db.ts';
import { type LinkDeps, relinkNow } from '../link/relink.commands.ts';
import { recompute } from '../value/stats/recompute.commands.ts';
import { forgetMerged } from '../value/stats/stats.store.ts';
import { markedAmong, tellUnmarked } from '../value/stats/tell-unmarked.ts';
import { proposalsFrom } from './proposal.domain.ts';
import { saveProposals } from './proposal.store.ts';
import { moveProfiles, readRegion, type Region } from './region.store.ts';
import { type Edge, type Resolution, resolve } from './resolve.domain.ts';

export interface RegroupWish {
  readonly tenantId: TenantId;
  readonly seeds: readonly CustomerId[];
  /** Profiles of this transaction: nobody was told of them, so that they are not told to end as customers. */
  readonly born?: ReadonlySet<CustomerId>;
}

/**
 * Derives again who is one customer around some profiles, after a fact about them came, changed or went. Everything else
 * hangs on profiles and follows. Whoever calls it has the turn of the workspace alone.
 */
export async function regroup(
  deps: LinkDeps,
  trx: Transaction<DB>,
  { tenantId, seeds, born = new Set() }: RegroupWish,
  origin: Origin,
): Promise<Resolution> {
  const region = await readRegion(trx, tenantId, seeds);
  const resolution = resolve(region);
  const proposals = proposalsFrom(region.profiles, resolution);
  const ids = region.profiles.map(({ id }) => id);
  await saveProposals(trx, tenantId, { region: ids, proposals, now: deps.clock.now() });
  const moved = region.profiles.flatMap(({ id }) => {
    const into = resolution.customers.get(id);
    return into === undefined || into === region.stored.get(id) ? [] : [{ id, into }];
  });
  if (moved.length === 0) return resolution;
  const conversationIds = await moveProfiles(trx, tenantId, moved);
  await publish(deps, trx, { tenantId, told: whatHappened(region, resolution, born), origin });
  const gone = rootsOf(region.stored).filter((id) => resolution.customers.get(id) !== id);
  const marked = await markedAmong(trx, tenantId, gone);
  if (gone.length > 0) await forgetMerged(trx, tenantId, gone);
  await tellUnmarked(deps, trx, { tenantId, marked }, origin);
  await recompute(deps, trx, { tenantId, profileIds: touchedBy(moved, region), cause: 'merge' }, origin);
  const conversations = conversationIds.map((conversationId) => ({ tenantId, conversationId }));
  await relinkNow(deps, trx, conversations, origin);
  return resolution;
}

/** Those who left and those who came, and the customers they left. */
function touchedBy(moved: readonly { readonly id: CustomerId }[], { stored }: Region): CustomerId[] {
  return [...new Set(moved.flatMap(({ id }) => [id, stored.get(id) ?? id]))];
}

function rootsOf(customers: ReadonlyMap<CustomerId, CustomerId>): CustomerId[] {
  return [...customers].flatMap(([id, customerId]) => (id === customerId ? [id] : []));
}

type Told =
  | { readonly type: 'crm.customer-merged'; readonly data: EventData<'crm.customer-merged'> }
  | { readonly type: 'crm.customer-split'; readonly data: EventData<'crm.customer-split'> };

/** Customers that ended in others, and customers that are one again. */
function whatHappened({ stored }: Region, { customers, edges }: Resolution, born: ReadonlySet<CustomerId>): Told[] {
  const merged = rootsOf(stored).flatMap((id): Told[] => {
    const into = customers.get(id);
    if (into === undefined || into === id || born.has(id)) return [];
    const profileIds = membersOf(stored, id).filter((member) => customers.get(member) === into);
    const data = { customerId: id, into, profileIds, edges: edgesInto(profileIds, edges) };
    return [{ type: 'crm.customer-merged', data }];
  });
  const split = rootsOf(customers).flatMap((id): Told[] => {
    const from = stored.get(id);
    if (from === undefined || from === id) return [];
    return [{ type: 'crm.customer-split', data: { customerId: id, from, profileIds: membersOf(customers, id) } }];
  });
  return [...split, ...merged];
}

function membersOf(customers: ReadonlyMap<CustomerId, CustomerId>, customerId: CustomerId): CustomerId[] {
  return [...customers].flatMap(([id, of]) => (of === customerId ? [id] : []));
}

/** The edges that tie profiles to others. Neither number nor address is told. */
function edgesInto(profileIds: readonly CustomerId[], edges: readonly Edge[]) {
  const own = new Set(profileIds);
  return edges
    .filter(({ pair: [a, b] }) => own.has(a) !== own.has(b))
    .map(({ evidence, pair, decisionId }) => ({ evidence, profileIds: [...pair], decisionId }));
}

async function publish(
  { outbox }: LinkDeps,
  trx: Transaction<DB>,
  { tenantId, told, origin }: { readonly tenantId: TenantId; readonly told: readonly Told[]; readonly origin: Origin },
): Promise<void> {
  if (told.length === 0) return;
  const counts = told.map(({ data }) => ({ customerId: data.customerId, count: 1 }));
  const versions = await countCustomerEvents(trx, tenantId, counts);
  await outbox.append(
    trx,
    told.map((one): AnyEventDraft => {
      const { customerId: id } = one.data;
      return { ...one, aggregate: lockedAggregate({ tenantId, id, version: versions.get(id) ?? 0 }), origin };
    }),
  );
}
