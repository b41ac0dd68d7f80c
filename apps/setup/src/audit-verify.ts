import {
  type AuditBreak,
  type AuditEntry,
  type AuditPlace,
  auditKeyOf,
  keysIn,
  verifyChain,
} from '@crossdesk/service-kit';
import { type Kysely, sql } from 'kysely';
import { asWorkerOf } from './as-worker-of.ts';
import type { MigrateConfig } from './config.ts';
import { services } from './migrate-all.ts';

export interface VerifiedChain {
  readonly service: string;
  readonly tenantId: string;
  /** Length and hash of the head; operators keep both elsewhere. */
  readonly length: number;
  readonly hash: string;
  readonly broken: AuditBreak | null;
}

const entriesAtOnce = 5_000;

/** Verifies every audit chain of every service from its first entry to its head, while the services may run. */
export async function verifyAudit(config: MigrateConfig): Promise<VerifiedChain[]> {
  const chains = [];
  for (const service of services) {
    const keys = keysIn(auditKeyOf(config.keys, service));
    chains.push(...(await asWorkerOf(config, service, (db) => verifyService(db, service, keys))));
  }
  return chains;
}

/** Reads everything in one snapshot, so that entries and heads match although services add entries meanwhile. */
function verifyService(db: Kysely<unknown>, service: string, keys: readonly Buffer[]): Promise<VerifiedChain[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const chains = [];
      for (const head of await listHeads(trx)) {
        const { tenantId, seq: length, hash } = head;
        chains.push({ service, tenantId, length, hash, broken: await firstBreak(trx, head, keys) });
      }
      return chains;
    });
}

async function firstBreak(db: Kysely<unknown>, head: AuditPlace, keys: readonly Buffer[]): Promise<AuditBreak | null> {
  let from: AuditPlace | undefined;
  for (;;) {
    const entries = await entriesBehind(db, head.tenantId, from?.seq ?? 0);
    const last = entries.length < entriesAtOnce ? undefined : entries.at(-1);
    const broken = verifyChain(entries, last ?? head, keys, from);
    if (broken !== null || last === undefined) return broken;
    from = last;
  }
}

/** Includes tenants whose head was deleted: their head then says that there are no entries. */
async function listHeads(db: Kysely<unknown>): Promise<AuditPlace[]> {
  const { rows } = await sql<{ tenantId: string; seq: string; hash: string }>`
    select tenant_id as "tenantId", coalesce(seq, 0) as seq, coalesce(encode(hash, 'hex'), '') as hash
    from (select distinct tenant_id from audit_entry) entry full join audit_head using (tenant_id)
    order by tenant_id`.execute(db);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

async function entriesBehind(db: Kysely<unknown>, tenantId: string, seq: number): Promise<AuditEntry[]> {
  const { rows } = await sql<Omit<AuditEntry, 'seq'> & { seq: string }>`
    select tenant_id as "tenantId", seq, at, actor_kind as "actorKind", actor_id as "actorId", action,
      target_id as "targetId", encode(previous_hash, 'hex') as "previousHash", encode(hash, 'hex') as hash
    from audit_entry where tenant_id = ${tenantId} and seq > ${seq} order by seq limit ${entriesAtOnce}`.execute(db);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
