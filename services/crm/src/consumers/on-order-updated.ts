import type { TenantId } from '@crossdesk/contracts';
import { causedByEvent, type Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type Cause, linkedBefore, type LinkDeps, relink } from '../link/relink.commands.ts';
import { noteRelinked } from '../link/relinked.store.ts';
import { takeTurns } from '../link/turns.store.ts';
import { stepIn } from '../order/order-state.domain.ts';
import { saveSteps } from '../order/order-state.store.ts';
import {
  latestOrders,
  namesTouched,
  orderKey,
  type OrderName,
  type OrderRef,
  orderRefOf,
} from '../order/order.domain.ts';
import { recompute } from '../value/stats/recompute.commands.ts';
import { type BuyerName, customersOfBuyers } from '../value/stats/stats.store.ts';
import { conversationsNaming, readOrders, saveOrders, saveTrackings } from '../order/order.store.ts';

/** Keeps what linking needs of each order and the states it came to, and links the conversations that waited for it. */
export async function applyOrders(
  deps: LinkDeps,
  trx: Transaction<DB>,
  events: readonly Delivered<'ingest.order-updated'>[],
): Promise<void> {
  const orders = latestOrders(events.map(({ event }) => orderRefOf(event)));
  const known = await readOrders(trx, orders);
  const names = orders.flatMap((order) => namesTouched(order, known.get(orderKey(order))));
  // Most snapshots only change the state of an order: they change no link and share a turn.
  const writers = new Set(names.map(({ tenantId }) => tenantId));
  await takeTurns(trx, new Map(orders.map(({ tenantId }) => [tenantId, writers.has(tenantId) ? 'alone' : 'together'])));
  await saveOrders(trx, orders);
  await saveSteps(
    trx,
    events.map(({ event }) => stepIn(event)),
  );
  await revalue(deps, trx, events, [...orders.flatMap(buyerOf), ...names.flatMap(buyerNamed)]);
  if (names.length === 0) return;
  await noteRelinked(trx, await customersOfBuyers(trx, names.flatMap(buyerNamed)));
  await saveTrackings(trx, orders);
  await relink(deps, trx, (await conversationsNaming(trx, names)).map(linkedBefore), {
    ofConversation: new Map(),
    ofTenant: new Map<TenantId, Cause>(events.map((one) => [one.event.tenantId, one])),
  });
}

function buyerOf({ tenantId, accountId, buyerExternalId }: OrderRef): BuyerName[] {
  return buyerExternalId === null ? [] : [{ tenantId, accountId, buyerExternalId }];
}

/** Also the buyer of before, if the platform has put another in their place. */
function buyerNamed({ tenantId, accountId, kind, token }: OrderName): BuyerName[] {
  return kind === 'buyer' ? [{ tenantId, accountId, buyerExternalId: token }] : [];
}

/** What a buyer is worth follows each of their orders in the same transaction. */
async function revalue(
  deps: LinkDeps,
  trx: Transaction<DB>,
  events: readonly Delivered<'ingest.order-updated'>[],
  buyers: readonly BuyerName[],
): Promise<void> {
  if (buyers.length === 0) return;
  const causes = new Map(events.map((one) => [one.event.tenantId, one]));
  for (const [tenantId, found] of Map.groupBy(await customersOfBuyers(trx, buyers), (one) => one.tenantId)) {
    const cause = causes.get(tenantId);
    if (cause === undefined) continue;
    const profileIds = found.map(({ customerId }) => customerId);
    const origin = causedByEvent(cause, { kind: 'system', id: null });
    await recompute(deps, trx, { tenantId, profileIds, cause: 'order' }, origin);
  }
}
