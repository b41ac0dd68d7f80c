import { type Listed, UnparsableDelivery, type UnreadableElement } from '@crossdesk/channels/adapters';
import { newId } from '@crossdesk/contracts';
import { createHash } from 'node:crypto';
import type { ConnectedAccount } from '../account/connected-account.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { insertReceipts } from '../inbound/raw.store.ts';
import { insertParked, type ParkedSource } from './parked.store.ts';
import type { ReadDelivery } from './read-delivery.ts';

type ListSource = Exclude<ParkedSource, 'webhook'>;

/** Parks the elements of a list that could not be read. An element that is listed again unchanged is parked once. */
export async function parkListed(
  trx: Trx,
  account: ConnectedAccount,
  source: ListSource,
  elements: readonly UnreadableElement[],
  receivedAt: Date,
): Promise<void> {
  if (elements.length === 0) return;
  const { tenantId, id: addressId, channel } = account;
  const parked = elements.map(({ raw, reason }) => ({ raw, reason, rawId: newId() }));
  const fresh = await insertReceipts(
    trx,
    parked.map(({ raw, rawId }) => {
      const deliveryKey = `listed:${source}:${createHash('sha256').update(raw).digest('hex')}`;
      return { tenantId, addressId, deliveryKey, rawId, body: Buffer.from(raw), receivedAt };
    }),
  );
  const shared = {
    tenantId,
    addressId,
    channel,
    source,
    at: '',
    method: 'GET',
    headers: {},
    query: {},
    from: 0,
  } as const;
  await insertParked(
    trx,
    parked.filter(({ rawId }) => fresh.has(rawId)).map(({ rawId, reason }) => ({ ...shared, rawId, reason })),
  );
}

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
    return { facts: [], problems: [{ at: '', reason: cause.message }] };
  }
}

function found<Item>(
  { items, unreadable }: Listed<Item>,
  toFact: (item: Item) => ReadDelivery['facts'][number],
): Omit<ReadDelivery, 'deliveryKey'> {
  return { facts: items.map(toFact), problems: unreadable.map(({ reason }) => ({ at: '', reason })) };
}
