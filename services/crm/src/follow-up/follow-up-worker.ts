import { causedBySystem, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { nextCustomerEvent } from '../customer/customer-version.store.ts';
import type { DB } from '../db.ts';
import { type FollowUp, told } from './follow-up.domain.ts';
import { followUpDue } from './follow-up.events.ts';
import { lockDue, nextTellingInMs, saveFollowUp } from './follow-up.store.ts';

/** One that was created meanwhile may be due sooner than the one it waits for. */
const pollMs = 1_000;

/** Tells owners of what is due, each once: the row and its event are committed together. */
export function startFollowUps(runtime: ServiceRuntime<DB>): DueWork {
  const { db, clock, log } = runtime;
  return startDueWork({
    name: 'follow-ups',
    pollMs,
    concurrencyMax: 50,
    nextDueInMs: () => db.asWorker((trx) => nextTellingInMs(trx, clock.now())),
    // One in each transaction: it locks its customer as well, and two of those could wait for each other.
    claim: () => db.asWorker((trx) => tellOne(runtime, trx)),
    work: () => Promise.resolve(),
    log,
  });
}

async function tellOne(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
): Promise<readonly FollowUp[]> {
  const due = await lockDue(trx, clock.now());
  if (due === null) return [];
  await saveFollowUp(trx, told(due));
  const customer = await nextCustomerEvent(trx, due.tenantId, due.profileId);
  if (customer !== null) await outbox.append(trx, [followUpDue(customer, due, causedBySystem())]);
  return [due];
}
