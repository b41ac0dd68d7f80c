import { createHmac } from 'node:crypto';
import type { Keyring, Keys } from '../runtime/keys.ts';

/** The actor: a person, an API token, a rule, or the system, which has no id. */
export interface AuditActor {
  readonly actorKind: 'agent' | 'api-token' | 'automation' | 'system';
  readonly actorId: string | null;
}

/** An entry and its place. Hashes are in hexadecimal. Of people it contains only ids. */
export interface AuditEntry extends AuditActor {
  readonly tenantId: string;
  /** From 1 on, without a gap. */
  readonly seq: number;
  /** By the clock of the database, to the millisecond. */
  readonly at: Date;
  /** The name of the mutation. */
  readonly action: string;
  /** The target of the action; null if it has no id of ours. */
  readonly targetId: string | null;
  readonly previousHash: string;
  readonly hash: string;
}

/** The end of a chain: its last entry. */
export interface AuditPlace {
  readonly tenantId: string;
  readonly seq: number;
  readonly hash: string;
}

export interface AuditBreak {
  /** The first entry that was altered; one after the last if the end is missing. */
  readonly seq: number;
  readonly how: 'other tenant' | 'gap' | 'previous' | 'hash' | 'tail';
}

/** The key of a service's chains. Each service has its own, so that no entry can be moved to another service. */
export function auditKeyOf(keys: Keys, service: string): Keyring {
  return keys.of(`${service}/audit`);
}

/** The start of a tenant's chain: the place before its first entry. */
export function startOfChain(tenantId: string): AuditPlace {
  return { tenantId, seq: 0, hash: '0'.repeat(64) };
}

/** Adds an entry after a place. */
export function nextEntry(
  key: Buffer,
  { tenantId, seq, hash }: AuditPlace,
  what: Omit<AuditEntry, 'tenantId' | 'seq' | 'previousHash' | 'hash'>,
): AuditEntry {
  const entry = { ...what, tenantId, seq: seq + 1, previousHash: hash };
  return { ...entry, hash: hashOf(key, entry) };
}

/** HMAC-SHA256 of the fields in a fixed order as JSON, so that different entries have different texts. */
function hashOf(key: Buffer, entry: Omit<AuditEntry, 'hash'>): string {
  const { tenantId, seq, at, actorKind, actorId, action, targetId, previousHash } = entry;
  const fields = [tenantId, seq, at.toISOString(), actorKind, actorId, action, targetId, previousHash];
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest('hex');
}

/**
 * The first entry that breaks the chain; null for a valid chain. `entries` are all entries between `from` and `head`,
 * in order; `keys` are the key of now and those before the master secret was changed. A chain whose end was cut off together with its head still passes: only an older head, kept elsewhere,
 * shows that.
 */
export function verifyChain(
  entries: readonly AuditEntry[],
  head: AuditPlace,
  keys: readonly Buffer[],
  from: AuditPlace = startOfChain(head.tenantId),
): AuditBreak | null {
  let place = from;
  for (const entry of entries) {
    const how = breakAt(place, entry, keys);
    if (how !== null) return { seq: entry.seq, how };
    place = entry;
  }
  return place.seq === head.seq && place.hash === head.hash ? null : { seq: place.seq + 1, how: 'tail' };
}

function breakAt(place: AuditPlace, entry: AuditEntry, keys: readonly Buffer[]): AuditBreak['how'] | null {
  if (entry.tenantId !== place.tenantId) return 'other tenant';
  if (entry.seq !== place.seq + 1) return 'gap';
  if (entry.previousHash !== place.hash) return 'previous';
  return keys.some((key) => entry.hash === hashOf(key, entry)) ? null : 'hash';
}
