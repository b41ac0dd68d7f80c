import type { Verification } from '@crossdesk/channels/adapters';
import { LRUCache } from 'lru-cache';
import type { WebhookTarget } from './account-directory.ts';
import type { IngestDeps } from '../deps.ts';
import { type Refusal, saveRefusal } from './refusal.store.ts';

type Reason = Extract<Verification, { readonly ok: false }>['reason'];

export type NoteRefusal = (target: WebhookTarget, reason: Reason) => Promise<void>;

const noteEveryMs = 10_000;

/** Notes refused deliveries with their address, at most every ten seconds, so that its owner sees why nothing arrives. */
export function createRefusalNotes({ runtime: { db, clock, log } }: IngestDeps): NoteRefusal {
  const notedAt = new LRUCache<string, true>({ max: 10_000, ttl: noteEveryMs });
  return async ({ tenantId, addressId }, reason) => {
    if (notedAt.has(addressId)) return;
    notedAt.set(addressId, true);
    const refusal = { tenant_id: tenantId, address_id: addressId, reason, refused_at: clock.now() };
    try {
      await db.asWorker((trx) => saveRefusal(trx, refusal));
    } catch (err) {
      log.warn({ err, addressId }, 'refusal of a webhook not noted');
    }
  };
}

const sentences: Readonly<Record<Reason, string>> = {
  MISSING_SIGNATURE: 'Deliveries arrive without a signature: switch on signing at the platform.',
  BAD_SIGNATURE:
    'Deliveries arrive, but their signature does not fit: compare the secret and the webhook address entered here with those at the platform.',
  STALE_TIMESTAMP: 'Deliveries arrive with a time that is more than a few minutes off: set the clock of the sender.',
};

/** What is wrong with the deliveries to an address, for its owner; null when the last one was accepted. */
export function problemOf(refusal: Refusal | null): string | null {
  return refusal === null ? null : `${sentences[refusal.reason]} Last refused: ${refusal.refused_at.toISOString()}.`;
}
