import type { EventData, TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Saves what workspaces have set; what is older than the row that is there changes nothing. */
export async function saveLintSettings(
  trx: Transaction<DB>,
  told: readonly Delivered<'conversation.lint-settings-changed'>[],
): Promise<void> {
  for (const { event } of told) {
    const state = { lowered: JSON.stringify(event.data.lowered), version: event.aggregateVersion };
    await trx
      .insertInto('lint_setting')
      .values({ tenant_id: event.tenantId, ...state })
      .onConflict((clash) =>
        clash.column('tenant_id').doUpdateSet(state).where('lint_setting.version', '<', event.aggregateVersion),
      )
      .execute();
  }
}

type Lowered = EventData<'conversation.lint-settings-changed'>['lowered'];

/** The rules of platforms that only warn, by channel. */
export async function readLowered(trx: Transaction<DB>, tenantId: TenantId): Promise<Lowered> {
  const row = await trx
    .selectFrom('lint_setting')
    .select('lowered')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.lowered ?? [];
}
