import { type Clock, type Delivered, eraseHistory } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { eraseProfile, notePart, ordersNamingBuyerOf } from '../erasure/erasure.store.ts';
import { eraseFollowUps } from '../follow-up/follow-up.store.ts';
import { takeTurns } from '../link/turns.store.ts';

/**
 * Erases the customer of a conversation: everything before this event in the order of the key. Later events create a
 * new customer.
 */
export async function eraseCustomers(
  { clock }: { readonly clock: Clock },
  trx: Transaction<DB>,
  erased: readonly Delivered<'ingest.buyer-erased'>[],
): Promise<void> {
  await takeTurns(trx, new Map(erased.map(({ event }) => [event.tenantId, 'alone'])));
  for (const { event } of erased) {
    const { tenantId, data } = event;
    const { conversationId, erasureId } = data;
    const orderIds = await ordersNamingBuyerOf(trx, tenantId, conversationId);
    const followUps = await eraseFollowUps(trx, { tenantId, ...data }, clock.now());
    const rows = [
      { table: 'follow_up', count: followUps },
      ...(await eraseProfile(trx, { tenantId, ...data })),
      ...(await eraseHistory(trx, tenantId, [conversationId, ...orderIds])),
    ];
    await notePart(trx, { tenantId, erasureId, conversationId, service: 'crm', rows }, clock.now());
  }
}
