import type { TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type Cause, linkedBefore, type LinkDeps, relink } from '../link/relink.commands.ts';
import { takeTurns } from '../link/turns.store.ts';
import { stepIn } from '../order/order-state.domain.ts';
import { saveSteps } from '../order/order-state.store.ts';
import { latestOrders, namesTouched, orderKey, orderRefOf } from '../order/order.domain.ts';
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
  // Most snapshots only change the state of an order: they need no turn and change no link.
  await takeTurns(trx, new Map(names.map(({ tenantId }) => [tenantId, 'alone'])));
  await saveOrders(trx, orders);
  await saveSteps(
    trx,
    events.map(({ event }) => stepIn(event)),
  );
  if (names.length === 0) return;
  await saveTrackings(trx, orders);
  await relink(deps, trx, (await conversationsNaming(trx, names)).map(linkedBefore), {
    ofConversation: new Map(),
    ofTenant: new Map<TenantId, Cause>(events.map((one) => [one.event.tenantId, one])),
  });
}
