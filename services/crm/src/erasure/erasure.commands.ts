import { type CustomerId, type ErasureId, newId, parseId } from '@crossdesk/contracts';
import {
  causedByRequest,
  crashPoint,
  lockedAggregate,
  type RequestContext,
  type ServiceRuntime,
  signedIn,
} from '@crossdesk/service-kit';
import type { Tables } from '../db.ts';
import { type LedgerEntry, requestErasure } from './erasure.domain.ts';
import { conversationsToErase, findErasureOf, lockCustomer, saveErasure } from './erasure.store.ts';

export type EraseOutcome =
  | { readonly ok: true; readonly erasure: LedgerEntry }
  | { readonly ok: false; readonly code: 'NOT_FOUND' | 'NOT_ALLOWED'; readonly path: string; readonly message: string };

const adminsOnly = {
  ok: false,
  code: 'NOT_ALLOWED',
  path: 'input',
  message: 'Only admins erase customers: ask one.',
} as const;
const noCustomer = {
  ok: false,
  code: 'NOT_FOUND',
  path: 'customerId',
  message: 'There is no customer with this id in your workspace.',
} as const;

/** Notes in the ledger that a customer is to be erased and tells the services; they erase, each in its own transaction. */
export async function eraseCustomer(
  { db, outbox, clock, audit }: Pick<ServiceRuntime<Tables>, 'db' | 'outbox' | 'clock' | 'audit'>,
  request: RequestContext,
  input: { readonly customerId: string; readonly isRepeat: boolean },
): Promise<EraseOutcome> {
  const { tenantId, role, agentId: by } = signedIn(request);
  if (role !== 'admin') return adminsOnly;
  const askedId = parseId<CustomerId>(input.customerId);
  const mutation = audit.mutation<Tables, EraseOutcome>(request, 'eraseCustomer', async (trx, done) => {
    const customerId = askedId === null ? null : await lockCustomer(trx, tenantId, askedId);
    if (customerId === null) return noCustomer;
    const known = await findErasureOf(trx, tenantId, customerId);
    const wish = { tenantId, customerId, by, now: clock.now(), isRepeat: input.isRepeat };
    const erasure = requestErasure(known, wish, newId<ErasureId>);
    if (erasure === null) return known === null ? noCustomer : { ok: true, erasure: known };
    const conversationIds = await conversationsToErase(trx, erasure);
    await saveErasure(trx, erasure, conversationIds);
    await outbox.append(trx, [
      {
        aggregate: lockedAggregate({ tenantId, id: customerId, version: erasure.version }),
        type: 'crm.customer-erasure-requested',
        data: { erasureId: erasure.id, customerId, conversationIds },
        origin: causedByRequest(request),
      },
    ]);
    done(customerId);
    return { ok: true, erasure };
  });
  const outcome = await db.forTenant(tenantId, mutation);
  // The ledger has it, no schema is erased yet.
  if (outcome.ok) crashPoint('erasure-step-committed', 'crm');
  outbox.nudge();
  return outcome;
}
