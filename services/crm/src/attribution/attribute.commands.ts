import type { CustomerId, TenantId } from '@crossdesk/contracts';
import {
  type AnyEventDraft,
  causedBySystem,
  type DueWork,
  lockedAggregate,
  type ServiceRuntime,
  startDueWork,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { countCustomerEvents } from '../customer/customer-version.store.ts';
import type { DB } from '../db.ts';
import { takeRelinked, tenantRelinked } from '../link/relinked.store.ts';
import { takeTurns } from '../link/turns.store.ts';
import { customersWhoseContacts, deriveAttributions, saveAttributions } from './order-attribution.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

const pollMs = 1_000;
const customersMax = 100;

/** Attributes the orders of customers whose conversations or orders are others than before. */
export function startAttribution(runtime: ServiceRuntime<DB>): DueWork {
  const { db, log } = runtime;
  return startDueWork({
    ...{ name: 'attribution', pollMs, concurrencyMax: 1, log },
    claim: async () => ((await db.asWorker((trx) => attributeSome(runtime, trx))) ? [null] : []),
    // The claim has done it all in one transaction.
    work: () => Promise.resolve(),
  });
}

/** The turn comes before any row, as everywhere. A customer is locked last. */
async function attributeSome(deps: Deps, trx: Transaction<DB>): Promise<boolean> {
  const tenantId = await tenantRelinked(trx);
  if (tenantId === null) return false;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const touched = await takeRelinked(trx, tenantId, customersMax);
  const losers = await customersWhoseContacts(trx, tenantId, touched);
  await attribute(deps, trx, tenantId, [...new Set([...touched, ...losers])]);
  return true;
}

async function attribute(
  { outbox, clock }: Deps,
  trx: Transaction<DB>,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<void> {
  const changed = await deriveAttributions(trx, tenantId, customerIds);
  if (changed.length === 0) return;
  await saveAttributions(trx, tenantId, changed, clock.now());
  const byCustomer = Map.groupBy(changed, ({ customerId }) => customerId);
  const counts = [...byCustomer].map(([customerId, some]) => ({ customerId, count: some.length }));
  const firsts = await countCustomerEvents(trx, tenantId, counts);
  await outbox.append(
    trx,
    [...byCustomer].flatMap(([id, some]) =>
      some.map(({ contactAt, ...data }, n): AnyEventDraft => ({
        aggregate: lockedAggregate({ tenantId, id, version: (firsts.get(id) ?? 0) + n }),
        type: 'crm.order-attributed',
        data: { ...data, contactAt: contactAt?.toISOString() ?? null },
        origin: causedBySystem(),
      })),
    ),
  );
}
