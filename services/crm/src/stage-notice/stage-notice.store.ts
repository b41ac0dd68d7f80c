import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { StageNotice } from './stage-notice.domain.ts';
import type { NoticeStage } from '../order/stage.domain.ts';

type Trx = Transaction<DB>;

interface NoticeKey {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly stage: NoticeStage;
}

export async function lockNotice(trx: Trx, { tenantId, accountId, stage }: NoticeKey): Promise<StageNotice | null> {
  // A row that does not exist cannot be locked: of two who create it at once, one waits for the other.
  await sql`select pg_advisory_xact_lock(hashtext('crm.stage-notice'), hashtext(${`${accountId} ${stage}`}))`.execute(
    trx,
  );
  const row = await trx
    .selectFrom('stage_notice')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('account_id', '=', accountId)
    .where('stage', '=', stage)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toNotice(row);
}

export async function saveNotice(trx: Trx, notice: StageNotice): Promise<void> {
  const { tenantId, accountId, stage, texts, isOn, onSince, version } = notice;
  const set = { texts: JSON.stringify(texts), is_on: isOn, on_since: onSince, version };
  await trx
    .insertInto('stage_notice')
    .values({ tenant_id: tenantId, account_id: accountId, stage, ...set })
    .onConflict((clash) => clash.columns(['tenant_id', 'account_id', 'stage']).doUpdateSet(set))
    .execute();
}

/** The notices of a workspace, or of one store. */
export async function listNotices(
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId | null,
): Promise<StageNotice[]> {
  const rows = await trx
    .selectFrom('stage_notice')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .$if(accountId !== null, (query) => query.where('account_id', '=', accountId))
    .orderBy('account_id')
    .orderBy('stage')
    .execute();
  return rows.map(toNotice);
}

/** The notices that are on, of several stores. */
export async function noticesOn(trx: Trx, accountIds: readonly ChannelAccountId[]): Promise<StageNotice[]> {
  const rows = await trx
    .selectFrom('stage_notice')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .where('is_on', '=', true)
    .execute();
  return rows.map(toNotice);
}

function toNotice(row: Row<'stage_notice'>): StageNotice {
  return {
    tenantId: row.tenant_id,
    accountId: row.account_id,
    stage: row.stage,
    texts: row.texts,
    isOn: row.is_on,
    onSince: row.on_since,
    version: row.version,
  };
}
