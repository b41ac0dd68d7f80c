import { type AnyEvent, checkEvent, type EventId, type TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { kitTables } from '../db/kit-tables.ts';

/** Events of the service's own history by their ids, in no order; unknown ids are left out. */
export async function readEvents<Tables>(
  trx: Transaction<Tables>,
  tenantId: TenantId,
  ids: readonly EventId[],
): Promise<AnyEvent[]> {
  const rows = await kitTables(trx)
    .selectFrom('outbox_event')
    .select('envelope')
    .where('tenant_id', '=', tenantId)
    .where('event_id', 'in', ids)
    .execute();
  return rows.map(({ envelope }) => checkEvent(envelope));
}
