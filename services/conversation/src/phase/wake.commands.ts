import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, toConversation } from '../conversation/conversation.store.ts';
import { wake } from './phase.domain.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';

/** Wakes conversations whose time is over; those that are locked are left to who works on them, or to the next look. */
export async function wakeDue(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  limit: number,
): Promise<Conversation[]> {
  const { rows } = await sql<Row<'conversation'>>`
    select * from conversation where snoozed_until <= ${clock.now()}
    order by tenant_id, id limit ${limit} for update skip locked`.execute(trx);
  const changes = rows.map(toConversation).map((before) => {
    const after = wake(before);
    const told = {
      aggregate: aggregateOf(after),
      conversation: after,
      origin: causedBySystem(),
    };
    return { before, after, events: [conversationChanged(told, 'reopened', before.state)] };
  });
  await saveChanges({ outbox, clock }, trx, changes);
  return changes.map(({ after }) => after);
}

/** The milliseconds until the next snooze ends; null if nothing is snoozed. */
export async function snoozeEndsInMs(trx: Transaction<DB>, now: Date): Promise<number | null> {
  const { rows } = await sql<{ ends_at: Date | null }>`
    select min(snoozed_until) as ends_at from conversation where snoozed_until is not null`.execute(trx);
  const endsAt = rows[0]?.ends_at ?? null;
  return endsAt === null ? null : endsAt.getTime() - now.getTime();
}
