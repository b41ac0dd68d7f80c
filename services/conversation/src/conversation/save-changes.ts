import { type AnyEventDraft, liftLimits, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { followClocks } from '../clock/follow-clocks.ts';
import type { DB } from '../db.ts';
import { activityOf } from './activity.ts';
import { insertActivities } from './activity.store.ts';
import type { Conversation } from './conversation.domain.ts';
import { marksChanged } from './conversation.events.ts';
import { areMarksNews } from './marks.domain.ts';
import { followQueue } from '../queue/follow-queue.ts';
import type { WorkChange } from '../queue/queue.domain.ts';
import { aggregateOf, keyText, saveConversations } from './conversation.store.ts';

/** One step of a locked conversation: as it was before, as it is after, and the events that tell it. */
export interface ConversationChange {
  readonly before: Conversation;
  readonly after: Conversation;
  readonly events: readonly AnyEventDraft[];
}

/**
 * Saves conversations, which must be locked in this transaction, with all that follows from their changes, and appends
 * the events. The steps are in their order; a conversation may have several. A few statements for all of them.
 */
export async function saveChanges(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  changes: readonly ConversationChange[],
): Promise<void> {
  // It is decided: whoever hands a conversation over may not see it any more, and clocks run by the tier of a customer.
  if (changes.length > 0) await liftLimits(trx);
  const followed = await followClocks(trx, changes, clock.now());
  const told = followed.map(withMarks);
  const last = new Map(followed.map(({ after }) => [keyText(after), after]));
  await saveConversations(trx, [...last.values()]);
  await insertActivities(
    trx,
    changes.flatMap((change) => activityOf(change) ?? []),
  );
  await followQueue({ outbox, clock }, trx, changes.map(workChange));
  await outbox.append(
    trx,
    told.flatMap(({ after, events }) => events.map((event) => tellingOverdue(event, after))),
  );
}

/** Marks change with what is owed as well: whoever caused that caused this. */
function withMarks(change: ConversationChange): ConversationChange {
  const { before, after, events } = change;
  const [first] = events;
  const isTold = events.some(({ type }) => type === 'conversation.marks-changed');
  if (first === undefined || isTold || !areMarksNews(before, after)) return change;
  const told = { aggregate: aggregateOf(after), conversation: after, origin: first.origin };
  return { ...change, events: [...events, marksChanged(told, before)] };
}

/** An answer that did not arrive makes a conversation overdue again: its event says so, as the row does. */
function tellingOverdue(event: AnyEventDraft, { overdueSince }: Conversation): AnyEventDraft {
  if (event.type !== 'conversation.delivery-changed' || overdueSince === null) return event;
  const conversation = { ...event.data.conversation, overdueSince: overdueSince.toISOString() };
  return { ...event, data: { ...event.data, conversation } };
}

function workChange({ before, after, events }: ConversationChange): WorkChange {
  const actor = events[0]?.origin.actor;
  return { before, after, by: actor?.kind === 'agent' ? actor.id : null };
}
