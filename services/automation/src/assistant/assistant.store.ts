import type { TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export type AssistantRow = Row<'assistant'>;

export async function readAssistant(trx: Transaction<DB>, tenantId: TenantId): Promise<AssistantRow | null> {
  const row = await trx.selectFrom('assistant').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst();
  return row ?? null;
}

/** Locks the assistant of a workspace, so that its budget is spent and its settings change one after the other. */
export async function lockAssistant(trx: Transaction<DB>, tenantId: TenantId): Promise<AssistantRow | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation assistant ${tenantId}`}, 0))`.execute(trx);
  return readAssistant(trx, tenantId);
}

/** Saves a row that was locked. */
export async function saveAssistant(trx: Transaction<DB>, row: AssistantRow): Promise<LockedAggregate> {
  const { tenant_id: tenantId, ...state } = row;
  await trx
    .insertInto('assistant')
    .values(row)
    .onConflict((clash) => clash.column('tenant_id').doUpdateSet(state))
    .execute();
  return lockedAggregate({ tenantId, id: row.id, version: row.event_version });
}

export async function deleteAssistant(trx: Transaction<DB>, tenantId: TenantId): Promise<void> {
  await trx.deleteFrom('assistant').where('tenant_id', '=', tenantId).execute();
}
