import { afterCommit, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';

/** What brings the queue of a service to people, by its outbox: each service has one. */
const routers = new WeakMap<Outbox, () => void>();

/** Sets what looks at the queue in this process. */
export function onQueueChanged(outbox: Outbox, look: () => void): void {
  routers.set(outbox, look);
}

/** The queue changes in this transaction: once it is committed, the router of this process looks. */
export function lookAfter<Tables>(trx: Transaction<Tables>, outbox: Outbox): void {
  const look = routers.get(outbox);
  if (look !== undefined) afterCommit(trx, look);
}
