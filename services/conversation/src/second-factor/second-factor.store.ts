import type { AgentId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

type Trx = Transaction<DB>;

/** The second factor of a person, as it is stored. */
export interface SecondFactor {
  readonly tenantId: TenantId;
  /** The person. */
  readonly id: AgentId;
  /** Null until it was confirmed. */
  readonly sealedSecret: Buffer | null;
  /** A secret that was shown and is not confirmed yet. */
  readonly sealedPending: Buffer | null;
  readonly confirmedAt: Date | null;
  /** The time step of the last accepted code; 0 before the first. */
  readonly lastStep: number;
}

export async function findFactor(trx: Trx, tenantId: TenantId, id: AgentId): Promise<SecondFactor | null> {
  return (await factorsByIds(trx, tenantId, [id])).get(id) ?? null;
}

export async function factorsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, SecondFactor>> {
  const rows = await trx
    .selectFrom('second_factor')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toFactor(row)]));
}

/** Writes a factor of a person who is locked in this transaction. */
export async function saveFactor(trx: Trx, factor: SecondFactor): Promise<void> {
  const content = {
    sealed_secret: factor.sealedSecret,
    sealed_pending: factor.sealedPending,
    confirmed_at: factor.confirmedAt,
    last_step: factor.lastStep,
  };
  await trx
    .insertInto('second_factor')
    .values({ tenant_id: factor.tenantId, id: factor.id, ...content })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(content))
    .execute();
}

/** Deletes the factor of a person, with their recovery codes; false if they have none. */
export async function deleteFactor(trx: Trx, tenantId: TenantId, id: AgentId): Promise<boolean> {
  const row = await trx
    .deleteFrom('second_factor')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Replaces the recovery codes of a person. */
export async function replaceCodes(
  trx: Trx,
  { tenantId, id }: Pick<SecondFactor, 'tenantId' | 'id'>,
  hashes: readonly Buffer[],
): Promise<void> {
  await trx.deleteFrom('recovery_code').where('tenant_id', '=', tenantId).where('agent_id', '=', id).execute();
  const rows = hashes.map((hash) => ({ tenant_id: tenantId, agent_id: id, code_hash: hash, used_at: null }));
  await trx.insertInto('recovery_code').values(rows).execute();
}

/** Uses a recovery code up; false if the person has no such code, or has used it. */
export async function spendCode(
  trx: Trx,
  { tenantId, id }: Pick<SecondFactor, 'tenantId' | 'id'>,
  hash: Buffer,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .updateTable('recovery_code')
    .set({ used_at: now })
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', id)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('agent_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function countUnusedCodes(trx: Trx, tenantId: TenantId, id: AgentId): Promise<number> {
  const { count } = await trx
    .selectFrom('recovery_code')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Whether everybody of a workspace who has a password needs a second factor. */
export async function isFactorRequired(trx: Trx, tenantId: TenantId): Promise<boolean> {
  const row = await trx
    .selectFrom('workspace')
    .select('requires_second_factor')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.requires_second_factor ?? false;
}

/** Changes whether a workspace requires it; false if it was so already. */
export async function setFactorRequired(trx: Trx, tenantId: TenantId, isRequired: boolean): Promise<boolean> {
  const row = await trx
    .updateTable('workspace')
    .set({ requires_second_factor: isRequired })
    .where('tenant_id', '=', tenantId)
    .where('requires_second_factor', '<>', isRequired)
    .returning('tenant_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends the open sessions of all who have no confirmed factor. */
export async function endSessionsWithoutFactor(trx: Trx, tenantId: TenantId, now: Date): Promise<void> {
  await sql`
    update session s set ended_at = ${now}
    where s.tenant_id = ${tenantId} and s.ended_at is null and not exists (
      select from second_factor f where f.tenant_id = s.tenant_id and f.id = s.agent_id and f.confirmed_at is not null)`.execute(
    trx,
  );
}

function toFactor(row: Row<'second_factor'>): SecondFactor {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    sealedSecret: row.sealed_secret,
    sealedPending: row.sealed_pending,
    confirmedAt: row.confirmed_at,
    lastStep: row.last_step,
  };
}
