import { sql, type Transaction } from 'kysely';
import { type KitRow, kitTables } from '../db/kit-tables.ts';
import { countRows } from '../http/counted.ts';
import type { AuditEntry, AuditPlace } from './audit-chain.ts';

/** Locks the end of a tenant's chain until the commit; `at` is the time after locking. */
export async function lockHead<Tables>(
  trx: Transaction<Tables>,
  tenantId: string,
): Promise<{ readonly head: AuditPlace; readonly at: Date }> {
  const { rows } = await sql<Pick<KitRow<'audit_head'>, 'seq' | 'hash'> & Pick<KitRow<'audit_entry'>, 'at'>>`
    select seq, hash, at from lock_audit_head(${tenantId})`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error('the head of the audit chain could not be locked');
  return { head: { tenantId, seq: Number(row.seq), hash: hexOf(row.hash) }, at: row.at };
}

/** Adds an entry after the head, which it must have been made for, and moves the head to it. */
export async function appendEntry<Tables>(trx: Transaction<Tables>, entry: AuditEntry): Promise<void> {
  const { tenantId, at, actorKind, actorId, action, targetId, hash } = entry;
  await sql`select append_audit_entry(${tenantId}, ${at}, ${actorKind}, ${actorId}, ${action}, ${targetId},
    ${Buffer.from(hash, 'hex')})`.execute(trx);
}

/** Entries of a tenant before a place, newest first, one more than requested. */
export async function listEntries<Tables>(
  trx: Transaction<Tables>,
  tenantId: string,
  first: number,
  beforeSeq: number | null,
): Promise<AuditEntry[]> {
  const rows = await kitTables(trx)
    .selectFrom('audit_entry')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .$if(beforeSeq !== null, (query) => query.where('seq', '<', String(beforeSeq)))
    .orderBy('seq', 'desc')
    .limit(first + 1)
    .execute();
  return rows.map(toEntry);
}

/** How many entries the chain of the workspace has, counted up to a bound. */
export function countEntries<Tables>(trx: Transaction<Tables>, tenantId: string): Promise<number> {
  return countRows(trx, kitTables(trx).selectFrom('audit_entry').select('seq').where('tenant_id', '=', tenantId));
}

function toEntry(row: KitRow<'audit_entry'>): AuditEntry {
  return {
    tenantId: row.tenant_id,
    seq: Number(row.seq),
    at: row.at,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    action: row.action,
    targetId: row.target_id,
    previousHash: hexOf(row.previous_hash),
    hash: hexOf(row.hash),
  };
}

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex');
}
