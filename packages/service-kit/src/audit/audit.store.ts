import { sql, type Transaction } from 'kysely';
import { type AuditEntry, type AuditPlace, startOfChain } from './audit-chain.ts';

/** Locks the end of a tenant's chain until the commit. `at` is read behind the lock: it goes the way of the chain. */
export async function lockHead<Tables>(
  trx: Transaction<Tables>,
  tenantId: string,
): Promise<{ readonly head: AuditPlace; readonly at: Date }> {
  const known = await tryLockHead(trx, tenantId);
  if (known !== null) return known;
  const { seq, hash } = startOfChain(tenantId);
  await sql`insert into audit_head (tenant_id, seq, hash) values (${tenantId}, ${seq}, decode(${hash}, 'hex'))
    on conflict (tenant_id) do nothing`.execute(trx);
  const made = await tryLockHead(trx, tenantId);
  if (made === null) throw new Error('the head of the audit chain is not there after it was made');
  return made;
}

async function tryLockHead<Tables>(trx: Transaction<Tables>, tenantId: string) {
  const { rows } = await sql<{ seq: string; hash: string; at: Date }>`
    with head as (select seq, hash from audit_head where tenant_id = ${tenantId} for update)
    select seq, encode(hash, 'hex') as hash, date_trunc('milliseconds', clock_timestamp()) as at from head`.execute(
    trx,
  );
  const [row] = rows;
  return row === undefined ? null : { head: { tenantId, seq: Number(row.seq), hash: row.hash }, at: row.at };
}

export async function insertEntry<Tables>(trx: Transaction<Tables>, entry: AuditEntry): Promise<void> {
  await sql`
    insert into audit_entry (tenant_id, seq, at, actor_kind, actor_id, action, target_id, previous_hash, hash)
    values (${entry.tenantId}, ${entry.seq}, ${entry.at}, ${entry.actorKind}, ${entry.actorId}, ${entry.action},
      ${entry.targetId}, decode(${entry.previousHash}, 'hex'), decode(${entry.hash}, 'hex'))`.execute(trx);
}

export async function saveHead<Tables>(trx: Transaction<Tables>, { tenantId, seq, hash }: AuditPlace): Promise<void> {
  await sql`update audit_head set seq = ${seq}, hash = decode(${hash}, 'hex') where tenant_id = ${tenantId}`.execute(
    trx,
  );
}

/** Entries of a tenant before a place, the newest first, one more than asked for. */
export async function listEntries<Tables>(
  trx: Transaction<Tables>,
  tenantId: string,
  first: number,
  beforeSeq: number | null,
): Promise<AuditEntry[]> {
  const { rows } = await sql<Omit<AuditEntry, 'seq'> & { seq: string }>`
    select tenant_id as "tenantId", seq, at, actor_kind as "actorKind", actor_id as "actorId", action,
      target_id as "targetId", encode(previous_hash, 'hex') as "previousHash", encode(hash, 'hex') as hash
    from audit_entry where tenant_id = ${tenantId} and (${beforeSeq}::bigint is null or seq < ${beforeSeq}::bigint)
    order by seq desc limit ${first + 1}`.execute(trx);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
