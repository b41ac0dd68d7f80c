import type { EventOf } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

type CaseEvent = EventOf<'conversation.case-opened'> | EventOf<'conversation.case-state-changed'>;

/** Keeps where the cases of conversations stand: ids and closed words only. The events of a case come in their order. */
export async function saveCases(trx: Transaction<DB>, events: readonly { readonly event: CaseEvent }[]): Promise<void> {
  for (const { event } of events) {
    const { tenantId, occurredAt, data } = event;
    const { caseId, type, state } = data.case;
    if (event.type === 'conversation.case-opened')
      await sql`
        insert into customer_case (tenant_id, case_id, conversation_id, type, state, opened_at)
        values (${tenantId}, ${caseId}, ${event.data.conversationId}, ${type}, ${state}, ${occurredAt})
        on conflict do nothing`.execute(trx);
    else
      await sql`
        update customer_case set type = ${type}, state = ${state}, moved_at = ${occurredAt}
        where tenant_id = ${tenantId} and case_id = ${caseId}`.execute(trx);
  }
}
