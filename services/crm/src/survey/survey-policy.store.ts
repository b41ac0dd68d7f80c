import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { SurveyPolicy } from './survey.domain.ts';

type Trx = Transaction<DB>;

export async function lockPolicy(trx: Trx, tenantId: TenantId, key: string): Promise<SurveyPolicy | null> {
  // A row that does not exist cannot be locked: of two who create it at once, one waits for the other.
  await sql`select pg_advisory_xact_lock(hashtext('crm.survey-policy'), hashtext(${`${tenantId} ${key}`}))`.execute(
    trx,
  );
  const row = await trx
    .selectFrom('survey_policy')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toPolicy(row);
}

export async function savePolicy(trx: Trx, policy: SurveyPolicy): Promise<void> {
  const { tenantId, id, key, accountIds, texts, isOn, onSince, delayMinutes, mailDelayMinutes, version } = policy;
  const set = {
    account_ids: [...accountIds],
    texts: JSON.stringify(texts),
    ...{ is_on: isOn, on_since: onSince, delay_minutes: delayMinutes, mail_delay_minutes: mailDelayMinutes, version },
  };
  await trx
    .insertInto('survey_policy')
    .values({ tenant_id: tenantId, id, key, ...set })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(set))
    .execute();
}

/** The policies of a workspace, the oldest first. */
export async function listPolicies(trx: Trx, tenantId: TenantId): Promise<SurveyPolicy[]> {
  const rows = await trx
    .selectFrom('survey_policy')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('id')
    .execute();
  return rows.map(toPolicy);
}

/** The policies that are on, of several workspaces. */
export async function policiesOn(trx: Trx, tenantIds: readonly TenantId[]): Promise<SurveyPolicy[]> {
  const rows = await trx
    .selectFrom('survey_policy')
    .selectAll()
    .where('tenant_id', 'in', tenantIds)
    .where('is_on', '=', true)
    .execute();
  return rows.map(toPolicy);
}

function toPolicy(row: Row<'survey_policy'>): SurveyPolicy {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    key: row.key,
    accountIds: row.account_ids,
    texts: row.texts,
    isOn: row.is_on,
    onSince: row.on_since,
    delayMinutes: row.delay_minutes,
    mailDelayMinutes: row.mail_delay_minutes,
    version: row.version,
  };
}
