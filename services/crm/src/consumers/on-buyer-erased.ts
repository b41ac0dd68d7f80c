import { causedByEvent, type Delivered, eraseHistory } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import {
  eraseFacts,
  eraseProfiles,
  notePart,
  ordersNamingBuyerOf,
  othersNear,
  profilesToErase,
} from '../erasure/erasure.store.ts';
import { eraseFeedback } from '../feedback/feedback.store.ts';
import { eraseFollowUps } from '../follow-up/follow-up.store.ts';
import { regroup } from '../identity/regroup.commands.ts';
import type { LinkDeps } from '../link/relink.commands.ts';
import { takeTurns } from '../link/turns.store.ts';
import { markedAmong, tellUnmarked } from '../value/stats/tell-unmarked.ts';

/**
 * Erases the customer of a conversation: everything before this event in the order of the key. Later events create a
 * new customer. Who was one with them by what is erased now, and was not when it was requested, is a customer of their own.
 */
export async function eraseCustomers(
  deps: LinkDeps,
  trx: Transaction<DB>,
  erased: readonly Delivered<'ingest.buyer-erased'>[],
): Promise<void> {
  await takeTurns(trx, new Map(erased.map(({ event }) => [event.tenantId, 'alone'])));
  for (const one of erased) {
    const { tenantId, data } = one.event;
    const { conversationId, customerId, erasureId } = data;
    const ids = await profilesToErase(trx, { tenantId, erasureId, conversationId });
    const seeds = await othersNear(trx, tenantId, ids);
    const orderIds = await ordersNamingBuyerOf(trx, tenantId, conversationId);
    const marked = await markedAmong(trx, tenantId, [customerId, ...ids]);
    const followUps = await eraseFollowUps(trx, tenantId, ids, deps.clock.now());
    const feedback = await eraseFeedback(trx, tenantId, ids);
    const profiles = await eraseProfiles(trx, { tenantId, customerId, ids });
    if (seeds.length > 0)
      await regroup(deps, trx, { tenantId, seeds }, causedByEvent(one, { kind: 'system', id: null }));
    const rows = [
      { table: 'follow_up', count: followUps },
      { table: 'feedback', count: feedback },
      ...profiles,
      ...(await eraseFacts(trx, { tenantId, conversationId, ids })),
      ...(await eraseHistory(trx, tenantId, [conversationId, ...orderIds])),
    ];
    await tellUnmarked(deps, trx, { tenantId, marked }, causedByEvent(one, { kind: 'system', id: null }));
    await notePart(trx, { tenantId, erasureId, conversationId, service: 'crm', rows }, deps.clock.now());
  }
}
