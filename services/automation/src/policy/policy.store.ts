import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Policy } from './policy.domain.ts';

export type PolicyRow = Row<'automation_policy'>;

export function policyIn({ mode, wait_seconds: waitSeconds, content }: PolicyRow): Policy {
  return { mode, waitSeconds, content };
}

export async function readPolicy(trx: Transaction<DB>, tenantId: TenantId): Promise<PolicyRow | null> {
  const row = await trx
    .selectFrom('automation_policy')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}

/** Locks the policy of a workspace, also one that has none yet. */
export async function lockPolicy(trx: Transaction<DB>, tenantId: TenantId): Promise<PolicyRow | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation policy ${tenantId}`}, 0))`.execute(trx);
  return readPolicy(trx, tenantId);
}

export async function savePolicy(trx: Transaction<DB>, { tenant_id, content, ...state }: PolicyRow): Promise<void> {
  const values = { ...state, content: JSON.stringify(content) };
  await trx
    .insertInto('automation_policy')
    .values({ tenant_id, ...values })
    .onConflict((clash) => clash.column('tenant_id').doUpdateSet(values))
    .execute();
}
