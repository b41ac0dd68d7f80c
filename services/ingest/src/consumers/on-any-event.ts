import { type ChannelAccountId, eventDefinitions } from '@crossdesk/contracts';
import { afterCommit, type ConsumerSpec, type Delivered, type Handlers } from '@crossdesk/service-kit';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { type StoredErasure, withoutErased } from '../webhook-endpoint/erased.domain.ts';
import { wants } from '../webhook-endpoint/endpoint.domain.ts';
import { endpointsOf, tenantsWithEndpoints } from '../webhook-endpoint/endpoint.store.ts';
import { insertDeliveries } from '../webhook-endpoint/webhook-delivery.store.ts';
import {
  accountsOfKeys,
  eraseEvents,
  type Erasure,
  erasuresOf,
  insertEvents,
  lockErasures,
} from '../webhook-endpoint/webhook-event.store.ts';

/** Everything that happens, for the addresses that want it. Workspaces without an address cost nothing. */
export function onAnyEvent(deps: Pick<IngestDeps, 'runtime'>, nudgeCourier: () => void): ConsumerSpec<DB> {
  const { db } = deps.runtime;
  const handle = (trx: Trx, delivered: readonly Delivered[]) => queueDeliveries(deps, nudgeCourier, trx, delivered);
  return {
    name: 'ingest.webhooks',
    // Each type has the same handler, which takes any event.
    on: Object.fromEntries(eventDefinitions.map(({ type }) => [type, handle])) as Handlers<DB>,
    tenantsWanted: () => db.asWorker(tenantsWithEndpoints),
  };
}

async function queueDeliveries(
  { runtime: { clock } }: Pick<IngestDeps, 'runtime'>,
  nudgeCourier: () => void,
  trx: Trx,
  delivered: readonly Delivered[],
): Promise<void> {
  const events = delivered.map(({ event }) => event);
  const endpoints = await endpointsOf(trx, [...new Set(events.map(({ tenantId }) => tenantId))]);
  if (endpoints.length === 0) return;
  await lockErasures(trx, 'shared');
  const keys = events.map(({ tenantId, aggregateId: key }) => ({ tenantId, key }));
  const isFiltered = endpoints.some(({ account_ids }) => account_ids.length > 0);
  const accounts = isFiltered ? await accountsOfKeys(trx, keys) : new Map<string, ChannelAccountId>();
  const erasures: readonly StoredErasure[] = await erasuresOf(trx, keys);
  const wanted = events.flatMap((event) => {
    const accountId = accountIn(event) ?? accounts.get(event.aggregateId) ?? null;
    const takers = endpoints.filter((one) => one.tenant_id === event.tenantId && wants(one, event.type, accountId));
    return takers.length === 0 ? [] : [{ event: withoutErased(event, erasures), accountId, takers }];
  });
  if (wanted.length > 0) await insertEvents(trx, wanted);
  const deliveries = wanted.flatMap(({ event: { tenantId, id: eventId, aggregateId: key }, takers }) =>
    takers.filter((one) => one.is_enabled).map(({ id: endpointId }) => ({ tenantId, endpointId, eventId, key })),
  );
  await insertDeliveries(trx, deliveries, clock.now());
  await eraseEvents(trx, events.flatMap(erasureIn));
  afterCommit(trx, nudgeCourier);
}

function accountIn({ data }: Delivered['event']): ChannelAccountId | null {
  if ('accountId' in data) return data.accountId;
  return 'conversation' in data ? data.conversation.accountId : null;
}

/** A service has erased what it knew of a conversation: so do we with the events that it published before. */
function erasureIn({ type, tenantId, source: by, recordedAt, data }: Delivered['event']): Erasure[] {
  if (!type.endsWith('.buyer-erased') && !type.endsWith('.personal-data-erased')) return [];
  return 'conversationId' in data && typeof data.conversationId === 'string'
    ? [{ tenantId, key: data.conversationId, by, erasedAt: new Date(recordedAt) }]
    : [];
}
