import type { EventOf } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

type CaseEvent = EventOf<
  | 'conversation.case-opened'
  | 'conversation.case-state-changed'
  | 'conversation.case-changed'
  | 'conversation.case-linked'
>;

/** Keeps where the cases of conversations stand: ids and closed words only. The events of a case come in their order. */
export async function saveCases(trx: Transaction<DB>, events: readonly { readonly event: CaseEvent }[]): Promise<void> {
  for (const { event } of events) {
    switch (event.type) {
      case 'conversation.case-opened':
        await openCase(trx, event);
        break;
      case 'conversation.case-state-changed':
        await moveCase(trx, event);
        break;
      case 'conversation.case-changed':
        await dueCase(trx, event);
        break;
      case 'conversation.case-linked':
        await linkCase(trx, event);
        break;
    }
  }
}

async function openCase(
  trx: Transaction<DB>,
  { tenantId, occurredAt, data }: EventOf<'conversation.case-opened'>,
): Promise<void> {
  const { caseId, type, state, number, dueAt } = data.case;
  await sql`
    insert into customer_case (tenant_id, case_id, conversation_id, type, state, opened_at, number, due_at)
    values (${tenantId}, ${caseId}, ${data.conversationId}, ${type}, ${state}, ${occurredAt}, ${number}, ${dueAt})
    on conflict do nothing`.execute(trx);
  if (data.orderId === null) return;
  await sql`
    insert into case_order (tenant_id, case_id, order_id) values (${tenantId}, ${caseId}, ${data.orderId})
    on conflict do nothing`.execute(trx);
}

async function moveCase(
  trx: Transaction<DB>,
  { tenantId, occurredAt, data }: EventOf<'conversation.case-state-changed'>,
): Promise<void> {
  const { caseId, type, state, dueAt } = data.case;
  await sql`
    update customer_case set type = ${type}, state = ${state}, moved_at = ${occurredAt}, due_at = ${dueAt}
    where tenant_id = ${tenantId} and case_id = ${caseId}`.execute(trx);
}

async function dueCase(trx: Transaction<DB>, { tenantId, data }: EventOf<'conversation.case-changed'>): Promise<void> {
  if (data.change !== 'details') return;
  await sql`
    update customer_case set due_at = ${data.case.dueAt}
    where tenant_id = ${tenantId} and case_id = ${data.case.caseId}`.execute(trx);
}

async function linkCase(trx: Transaction<DB>, { tenantId, data }: EventOf<'conversation.case-linked'>): Promise<void> {
  const { orderId, isLinked } = data;
  if (orderId === null) return;
  const { caseId } = data.case;
  if (isLinked)
    await sql`
      insert into case_order (tenant_id, case_id, order_id) values (${tenantId}, ${caseId}, ${orderId})
      on conflict do nothing`.execute(trx);
  else
    await sql`
      delete from case_order
      where tenant_id = ${tenantId} and case_id = ${caseId} and order_id = ${orderId}`.execute(trx);
}
