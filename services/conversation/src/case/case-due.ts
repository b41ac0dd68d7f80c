import { liftLimits } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Clock } from '../clock/clock.domain.ts';
import type { Priority } from '../clock/policy.domain.ts';
import { marksAskedBy, readSettings } from '../clock/settings.store.ts';
import { standardsFor } from '../clock/standards.ts';
import { clocksOfConversations } from '../clock/state.store.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import type { Due } from './case.domain.ts';
import { dueOf } from './due.domain.ts';

type Subject = Pick<Conversation, 'tenantId' | 'id' | 'accountId' | 'channel' | 'enquiry'>;

/** When a case is due that is opened now from a conversation: the rest of the conversation's clock, if one runs. */
export async function dueAtOpening(
  trx: Transaction<DB>,
  conversation: Conversation,
  priority: Priority,
  now: Date,
): Promise<Due> {
  const { tenantId, id } = conversation;
  const clocks = (await clocksOfConversations(trx, tenantId, [id])).get(id) ?? [];
  return dueFor(trx, conversation, priority, now, clocks);
}

/** When a case is due by the policy that applies now, counted from a time. */
export async function dueFor(
  trx: Transaction<DB>,
  subject: Subject,
  priority: Priority,
  startedAt: Date,
  handedOver: readonly Clock[] = [],
): Promise<Due> {
  // The case is decided, and its due time may follow from the tier of the customer.
  await liftLimits(trx);
  const settings = await readSettings(trx, [subject.tenantId]);
  const marksOf = await marksAskedBy(trx, settings, [subject]);
  return dueOf(startedAt, priority, standardsFor(settings, { ...subject, priority }, marksOf(subject)), handedOver);
}
