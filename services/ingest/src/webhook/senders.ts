import { createBudget, networkOf } from '@crossdesk/service-kit';
import { LRUCache } from 'lru-cache';

/** What the addresses cost that ingest is asked from, and what they are good for. */
export interface Senders {
  /** How many seconds an address has to wait because too much of it was refused; null = it may send. */
  waitSecondsOf(address: string): number | null;
  noteRefused(address: string, bytes: number): void;
  /** A delivery with a valid signature came from there. */
  noteAccepted(address: string): void;
}

interface Limits {
  readonly refusedPerMinuteMax: number;
  /** Of an address that recently sent valid deliveries: all shops of a platform may share it, also badly connected ones. */
  readonly refusedOfProvenPerMinuteMax: number;
}

const limits: Limits = { refusedPerMinuteMax: 600, refusedOfProvenPerMinuteMax: 30_000 };

const provenForMs = 10 * 60_000;
const addressesMax = 50_000;
/** A refusal costs one unit, and one more for each of these. */
const bytesPerUnit = 64 * 1024;

export function createSenders({ refusedPerMinuteMax, refusedOfProvenPerMinuteMax } = limits): Senders {
  const unknown = createBudget(refusedPerMinuteMax);
  const proven = createBudget(refusedOfProvenPerMinuteMax);
  const provenAddresses = new LRUCache<string, true>({ max: addressesMax, ttl: provenForMs });
  const budgetOf = (network: string) => (provenAddresses.has(network) ? proven : unknown);

  return {
    waitSecondsOf(address) {
      const network = networkOf(address);
      const { left, resetSeconds } = budgetOf(network).remainderOf(network);
      return left > 0 ? null : resetSeconds;
    },
    noteRefused(address, bytes) {
      const network = networkOf(address);
      budgetOf(network).spend(network, 1 + Math.floor(bytes / bytesPerUnit));
    },
    noteAccepted: (address) => void provenAddresses.set(networkOf(address), true),
  };
}
