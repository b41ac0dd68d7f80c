import type { UnreadableElement } from '@crossdesk/channels/adapters';
import { newId } from '@crossdesk/contracts';
import { createHash } from 'node:crypto';
import type { ConnectedAccount } from '../account/connected-account.ts';
import type { Trx } from '../db.ts';
import { insertParked, type ListSource } from './parked.store.ts';
import { insertReceipts } from './raw.store.ts';

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
