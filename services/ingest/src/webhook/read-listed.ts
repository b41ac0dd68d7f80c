import { type Listed, UnparsableDelivery } from '@crossdesk/channels/adapters';
import type { ConnectedAccount } from '../account/connected-account.ts';
import type { IngestDeps } from '../deps.ts';
import type { ListSource } from '../raw/parked.store.ts';
import type { ReadDelivery } from './read-delivery.ts';

/** Reads a parked element of a list again; null when the channel no longer has the list. */
export function readListedAgain(
  { adapters }: Pick<IngestDeps, 'adapters'>,
  account: ConnectedAccount,
  source: ListSource,
  body: Uint8Array,
): Omit<ReadDelivery, 'deliveryKey'> | null {
  const { threads, messages, orders } = adapters[account.channel];
  const raw = Buffer.from(body).toString('utf8');
  try {
    if (source === 'orders') {
      if (orders === null) return null;
      return found(orders.readAgain(account, raw), (order) => ({ account, fact: { type: 'order', order } }));
    }
    const list = threads ?? messages;
    if (list === null) return null;
    return found(list.readAgain(account, raw), (message) => ({ account, fact: { type: 'message', message } }));
  } catch (cause) {
    if (!(cause instanceof UnparsableDelivery)) throw cause;
    return { facts: [], problems: [{ at: '', reason: cause.message }], ignored: [] };
  }
}

function found<Item>(
  { items, unreadable }: Listed<Item>,
  toFact: (item: Item) => ReadDelivery['facts'][number],
): Omit<ReadDelivery, 'deliveryKey'> {
  return { facts: items.map(toFact), problems: unreadable.map(({ reason }) => ({ at: '', reason })), ignored: [] };
}
