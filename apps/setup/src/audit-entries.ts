import type { AuditEntry, AuditPlace } from '@crossdesk/service-kit';
import { type Kysely, sql } from 'kysely';

export const entriesAtOnce = 5_000;

/** Includes tenants whose head was deleted: their head then says that there are no entries. */
export async function listHeads(db: Kysely<unknown>): Promise<AuditPlace[]> {
  const { rows } = await sql<{ tenantId: string; seq: string; hash: string }>`
    select tenant_id as "tenantId", coalesce(seq, 0) as seq, coalesce(encode(hash, 'hex'), '') as hash
    from (select distinct tenant_id from audit_entry) entry full join audit_head using (tenant_id)
    order by tenant_id`.execute(db);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

export async function entriesBehind(db: Kysely<unknown>, tenantId: string, seq: number): Promise<AuditEntry[]> {
  const { rows } = await sql<Omit<AuditEntry, 'seq'> & { seq: string }>`
    select tenant_id as "tenantId", seq, at, actor_kind as "actorKind", actor_id as "actorId", action,
      target_id as "targetId", encode(previous_hash, 'hex') as "previousHash", encode(hash, 'hex') as hash
    from audit_entry where tenant_id = ${tenantId} and seq > ${seq} order by seq limit ${entriesAtOnce}`.execute(db);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
