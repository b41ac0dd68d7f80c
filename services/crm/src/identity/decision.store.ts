import type { AgentId, CustomerId, MergeDecisionId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Pair, Verdict } from './resolve.domain.ts';

type Trx = Transaction<DB>;

/** What somebody decided about two profiles, and why. */
export interface MergeDecision {
  readonly tenantId: TenantId;
  readonly id: MergeDecisionId;
  readonly pair: Pair;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly decidedBy: AgentId;
  readonly decidedAt: Date;
}

export async function insertDecision(trx: Trx, one: MergeDecision): Promise<void> {
  const { tenantId, id, verdict, reason } = one;
  const [a, b] = one.pair;
  await trx
    .insertInto('identity_decision')
    .values({
      ...{ tenant_id: tenantId, id, profile_a: a, profile_b: b, verdict, reason },
      ...{ decided_by: one.decidedBy, decided_at: one.decidedAt },
    })
    .execute();
}

/** The decisions about these profiles that hold, the oldest first. */
export async function decisionsAmong(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<MergeDecision[]> {
  const rows = await trx
    .selectFrom('identity_decision')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`profile_a = any(${ids}::uuid[])`)
    .where(sql<boolean>`profile_b = any(${ids}::uuid[])`)
    .orderBy('decided_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...{ tenantId: row.tenant_id, id: row.id, pair: [row.profile_a, row.profile_b] as const, verdict: row.verdict },
    ...{ reason: row.reason, decidedBy: row.decided_by, decidedAt: row.decided_at },
  }));
}

export async function revokeDecision(
  trx: Trx,
  { tenantId, id }: MergeDecision,
  { by, at }: { readonly by: AgentId; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable('identity_decision')
    .set({ revoked_by: by, revoked_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

export interface BlockedKey {
  readonly tenantId: TenantId;
  readonly kind: 'phone' | 'email';
  readonly value: string;
  readonly reason: string;
  readonly blockedBy: AgentId;
  readonly blockedAt: Date;
}

/** False if it is blocked already. */
export async function insertBlock(trx: Trx, one: BlockedKey): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('blocked_key')
    .values({
      ...{ tenant_id: one.tenantId, kind: one.kind, value: one.value, reason: one.reason },
      ...{ blocked_by: one.blockedBy, blocked_at: one.blockedAt },
    })
    .onConflict((clash) => clash.doNothing())
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Takes a key off the list; false if it is not on it. */
export async function deleteBlock(
  trx: Trx,
  { tenantId, kind, value }: Pick<BlockedKey, 'tenantId' | 'kind' | 'value'>,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('blocked_key')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('value', '=', value)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Those who claim a key; more than `max` of them count as none: they are not joined by it. */
export async function claimersOf(
  trx: Trx,
  { tenantId, kind, value }: Pick<BlockedKey, 'tenantId' | 'kind' | 'value'>,
  max: number,
): Promise<CustomerId[]> {
  const rows = await trx
    .selectFrom('customer_identity')
    .select('profile_id')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('value', '=', value)
    .limit(max + 1)
    .execute();
  return rows.length > max ? [] : rows.map((row) => row.profile_id);
}
