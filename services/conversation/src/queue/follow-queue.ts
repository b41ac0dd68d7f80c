import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { followChanges, type WorkChange } from './queue.domain.ts';
import { lookAfter } from './router-signal.ts';
import {
  changeLoads,
  deleteEntries,
  deleteOffers,
  enterQueue,
  noteActing,
  renewEntries,
  wakeTeamsOf,
} from './queue.store.ts';

/**
 * Keeps the queue, and what each person has, in step with changes of conversations, in their transaction. Nothing is
 * written for changes that do not concern them; at most seven statements for all. It comes last: it locks rows of people.
 */
export async function followQueue(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  changes: readonly WorkChange[],
): Promise<void> {
  const now = clock.now();
  const { enter, renew, leave, settled, loads, doers } = followChanges(changes);
  if (enter.length > 0) await enterQueue(trx, enter, now);
  if (renew.length > 0) await renewEntries(trx, renew, now);
  if (leave.length > 0) await deleteEntries(trx, leave);
  if (settled.length > 0) await deleteOffers(trx, settled);
  if (loads.length > 0) await changeLoads(trx, loads);
  if (doers.length > 0) await noteActing(trx, doers);
  const freed = loads.filter(({ by }) => by < 0);
  if (freed.length > 0) await wakeTeamsOf(trx, freed);
  if (enter.length + renew.length + freed.length > 0) lookAfter(trx, outbox);
}
