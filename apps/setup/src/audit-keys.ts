import {
  auditKeyOf,
  type AuditPlace,
  type Keys,
  keysIn,
  sealingKeyOf,
  type SealedPlace,
  unseal,
  verifyChain,
} from '@crossdesk/service-kit';
import { type Kysely, sql } from 'kysely';
import { entriesBehind, listHeads } from './audit-entries.ts';

export function retiredKeyPlace(id: string): SealedPlace {
  return { tenantId: 'installation', table: 'retired_audit_key', column: 'sealed_key', row: id };
}

/** The keys of a service's chains: of now, and of the master secrets before. */
export async function auditKeysOf(db: Kysely<unknown>, service: string, keys: Keys): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ id: string; sealed: Buffer }>`
    select id, sealed_key as sealed from retired_audit_key order by retired_at desc`.execute(db);
  const retired = rows.map(({ id, sealed }) =>
    Buffer.from(unseal(sealingKeyOf(keys, service), retiredKeyPlace(id), sealed), 'base64url'),
  );
  return [...keysIn(auditKeyOf(keys, service)), ...retired];
}

/** The workspaces whose last entry does not have this key. */
export async function chainsUnderOtherKeys(db: Kysely<unknown>, key: Buffer): Promise<string[]> {
  const tenants: string[] = [];
  for (const head of await listHeads(db)) if (!(await isEndedBy(db, head, key))) tenants.push(head.tenantId);
  return tenants;
}

/** Whether the last entry of a chain has this key; also true for a chain without entries. */
export async function isEndedBy(db: Kysely<unknown>, head: AuditPlace, key: Buffer): Promise<boolean> {
  const [last] = await entriesBehind(db, head.tenantId, head.seq - 1);
  if (last === undefined) return true;
  const before = { tenantId: head.tenantId, seq: last.seq - 1, hash: last.previousHash };
  return verifyChain([last], last, [key], before) === null;
}
