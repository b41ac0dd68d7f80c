import { type CustomerId, type ErasureId, newId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  isAdmin,
  lockedAggregate,
  type Outcome,
  refuse,
  refuseLimited,
  refuseOldSession,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { takeTurns } from '../link/turns.store.ts';
import { lockCustomer, profilesOf } from '../customer/lock-customer.ts';
import { type LedgerEntry, requestErasure } from './erasure.domain.ts';
import { conversationsToErase, findErasureOf, saveErasure } from './erasure.store.ts';

const adminsOnly = refuse('FORBIDDEN', null, 'Only admins erase customers: ask one.');
const noCustomer = refuse('NOT_FOUND', 'customerId', 'There is no customer with this id in your workspace.');

/**
 * Records in the ledger that a customer is to be erased and publishes it; each service then erases in its own
 * transaction.
 */
export async function eraseCustomer(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor, origin }: CommandCall<DB>,
  input: { readonly customerId: CustomerId; readonly isRepeat: boolean },
): Promise<Outcome<LedgerEntry, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN'>> {
  const { tenantId } = actor;
  const by = isAdmin(actor) ? agentOf(actor) : null;
  if (by === null) return adminsOnly;
  const refusal = refuseLimited(actor) ?? refuseOldSession(actor, clock.now());
  if (refusal !== null) return refusal;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const customerId = await lockCustomer(trx, tenantId, input.customerId);
  if (customerId === null) return noCustomer;
  const profileIds = await profilesOf(trx, tenantId, customerId);
  const known = await findErasureOf(trx, tenantId, customerId);
  const wish = { tenantId, customerId, profileIds, by, now: clock.now(), isRepeat: input.isRepeat };
  const erasure = requestErasure(known, wish, newId<ErasureId>);
  if (erasure === known) return unchanged(known);
  const conversationIds = await conversationsToErase(trx, erasure);
  await saveErasure(trx, erasure, conversationIds);
  await outbox.append(trx, [
    {
      aggregate: lockedAggregate({ tenantId, id: customerId, version: erasure.version }),
      type: 'crm.customer-erasure-requested',
      data: { erasureId: erasure.id, customerId, conversationIds },
      origin,
    },
  ]);
  return changed(erasure, customerId);
}
