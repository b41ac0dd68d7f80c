import { createHmac } from 'node:crypto';
import { deriveKey } from '../runtime/keys.ts';

/** Who did it: a person, an API token, a rule, or the system, which has no id. */
export interface AuditActor {
  readonly actorKind: 'agent' | 'api-token' | 'automation' | 'system';
  readonly actorId: string | null;
}

/** An entry and its place. Hashes are in hexadecimal; an id is all it holds of anybody. */
export interface AuditEntry extends AuditActor {
  readonly tenantId: string;
  /** From 1 on, without a gap. */
  readonly seq: number;
  /** By the clock of the database, to the millisecond. */
  readonly at: Date;
  /** The name of the mutation. */
  readonly action: string;
  /** What it was done to; null where that has no id of ours. */
  readonly targetId: string | null;
  readonly previousHash: string;
  readonly hash: string;
}

/** How far a chain goes: its last entry. */
export interface AuditPlace {
  readonly tenantId: string;
  readonly seq: number;
  readonly hash: string;
}

export interface AuditBreak {
  /** The first entry that is not what it was; behind the last one where the end is missing. */
  readonly seq: number;
  readonly how: 'other tenant' | 'gap' | 'previous' | 'hash' | 'tail';
}

/** The key of a service's chains. Another service has another one, so that no entry can be carried over. */
export function auditKeyOf(master: Buffer, service: string): Buffer {
  return deriveKey(master, `audit:${service}`);
}

/** Where the chain of a tenant begins: before its first entry. */
export function startOfChain(tenantId: string): AuditPlace {
  return { tenantId, seq: 0, hash: '0'.repeat(64) };
}

/** Adds an entry behind a place. */
export function nextEntry(
  key: Buffer,
  { tenantId, seq, hash }: AuditPlace,
  what: Omit<AuditEntry, 'tenantId' | 'seq' | 'previousHash' | 'hash'>,
): AuditEntry {
  const entry = { ...what, tenantId, seq: seq + 1, previousHash: hash };
  return { ...entry, hash: hashOf(key, entry) };
}

/** HMAC-SHA256 of the fields in a fixed order, as JSON: one text for one entry. */
function hashOf(key: Buffer, entry: Omit<AuditEntry, 'hash'>): string {
  const { tenantId, seq, at, actorKind, actorId, action, targetId, previousHash } = entry;
  const fields = [tenantId, seq, at.toISOString(), actorKind, actorId, action, targetId, previousHash];
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest('hex');
}

/**
 * The first entry that breaks the chain; null for one that holds. `entries` are all between `from` and `head`, in their
 * order. A chain whose end is cut off together with its head holds: only an older head, kept elsewhere, shows that.
 */
export function verifyChain(
  entries: readonly AuditEntry[],
  head: AuditPlace,
  key: Buffer,
  from: AuditPlace = startOfChain(head.tenantId),
): AuditBreak | null {
  let place = from;
  for (const entry of entries) {
    const how = breakAt(place, entry, key);
    if (how !== null) return { seq: entry.seq, how };
    place = entry;
  }
  return place.seq === head.seq && place.hash === head.hash ? null : { seq: place.seq + 1, how: 'tail' };
}

function breakAt(place: AuditPlace, entry: AuditEntry, key: Buffer): AuditBreak['how'] | null {
  if (entry.tenantId !== place.tenantId) return 'other tenant';
  if (entry.seq !== place.seq + 1) return 'gap';
  if (entry.previousHash !== place.hash) return 'previous';
  return entry.hash === hashOf(key, entry) ? null : 'hash';
}
