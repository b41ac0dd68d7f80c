import type { TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type LintSetting, noLintSetting } from './lint-setting.domain.ts';

export async function readLintSetting(trx: Transaction<DB>, tenantId: TenantId): Promise<LintSetting> {
  const row = await trx
    .selectFrom('lint_setting')
    .select(['lowered', 'version'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row ?? noLintSetting;
}

/** Locks the setting of a workspace, also before the first. */
export async function lockLintSetting(trx: Transaction<DB>, tenantId: TenantId): Promise<LintSetting> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`conversation lint ${tenantId}`}, 0))`.execute(trx);
  return readLintSetting(trx, tenantId);
}

/** Writes the setting that is locked in this transaction. */
export async function saveLintSetting(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { lowered, version }: LintSetting,
  changedAt: Date,
): Promise<LockedAggregate> {
  const state = { lowered: JSON.stringify(lowered), version, changed_at: changedAt };
  await trx
    .insertInto('lint_setting')
    .values({ tenant_id: tenantId, ...state })
    .onConflict((clash) => clash.column('tenant_id').doUpdateSet(state))
    .execute();
  return lockedAggregate({ tenantId, id: tenantId, version });
}
