import { sql, type Transaction } from 'kysely';
import { type KitRow, kitTables } from '../db/kit-tables.ts';
import { type AuditEntry, type AuditPlace, startOfChain } from './audit-chain.ts';

/**
 * Locks the end of a tenant's chain until the commit. `at` is read after locking, so that times grow along the chain.
 */
export async function lockHead<Tables>(
  trx: Transaction<Tables>,
  tenantId: string,
): Promise<{ readonly head: AuditPlace; readonly at: Date }> {
  const known = await tryLockHead(trx, tenantId);
  if (known !== null) return known;
  const { seq, hash } = startOfChain(tenantId);
  await kitTables(trx)
    .insertInto('audit_head')
    .values({ tenant_id: tenantId, seq, hash: bytesOf(hash) })
    .onConflict((clash) => clash.column('tenant_id').doNothing())
    .execute();
  const made = await tryLockHead(trx, tenantId);
  if (made === null) throw new Error('the head of the audit chain does not exist after it was created');
  return made;
}

async function tryLockHead<Tables>(trx: Transaction<Tables>, tenantId: string) {
  const { rows } = await sql<Pick<KitRow<'audit_head'>, 'seq' | 'hash'> & Pick<KitRow<'audit_entry'>, 'at'>>`
    with head as (select seq, hash from audit_head where tenant_id = ${tenantId} for update)
    select seq, hash, date_trunc('milliseconds', clock_timestamp()) as at from head`.execute(trx);
  const [row] = rows;
  return row === undefined ? null : { head: { tenantId, seq: Number(row.seq), hash: hexOf(row.hash) }, at: row.at };
}

export async function insertEntry<Tables>(trx: Transaction<Tables>, entry: AuditEntry): Promise<void> {
  await kitTables(trx)
    .insertInto('audit_entry')
    .values({
      tenant_id: entry.tenantId,
      seq: entry.seq,
      at: entry.at,
      actor_kind: entry.actorKind,
      actor_id: entry.actorId,
      action: entry.action,
      target_id: entry.targetId,
      previous_hash: bytesOf(entry.previousHash),
      hash: bytesOf(entry.hash),
    })
    .execute();
}

export async function saveHead<Tables>(trx: Transaction<Tables>, { tenantId, seq, hash }: AuditPlace): Promise<void> {
  await kitTables(trx)
    .updateTable('audit_head')
    .set({ seq, hash: bytesOf(hash) })
    .where('tenant_id', '=', tenantId)
    .execute();
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

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}
