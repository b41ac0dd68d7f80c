import { sql } from 'kysely';
import type * as original from '../../../../services/ingest/src/delivery/delivery.store.ts';

export * from '../../../../services/ingest/src/delivery/delivery.store.ts';

/** Claims every reply that is due, also when an earlier one of its conversation is not sent yet. */
export const claimDue: typeof original.claimDue = async (trx, limit, leaseMs) => {
  const { rows } = await sql<original.IntentRow>`
    update delivery_intent set status = 'sending', attempts = attempts + 1, attempted_at = now(),
      leased_until = now() + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, message_id) in (
      select tenant_id, message_id from delivery_intent i
      where status = 'queued' and due_at <= now() and not exists (
        select from send_quota q where q.tenant_id = i.tenant_id and q.account_id = i.account_id and q.waits_until > now()
      )
      order by due_at limit ${limit} for update skip locked
    )
    returning *`.execute(trx);
  return rows;
};
