import type { AnyEventDraft, ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { followClocks } from '../clock/follow-clocks.ts';
import type { DB } from '../db.ts';
import { activityOf } from './activity.ts';
import { insertActivities } from './activity.store.ts';
import type { Conversation } from './conversation.domain.ts';
import { followQueue } from '../queue/follow-queue.ts';
import type { WorkChange } from '../queue/queue.domain.ts';
import { keyText, saveConversations } from './conversation.store.ts';

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
  const followed = await followClocks(trx, changes, clock.now());
  const last = new Map(followed.map(({ after }) => [keyText(after), after]));
  await saveConversations(trx, [...last.values()]);
  await insertActivities(
    trx,
    changes.flatMap((change) => activityOf(change) ?? []),
  );
  await followQueue({ outbox, clock }, trx, changes.map(workChange));
  await outbox.append(
    trx,
    changes.flatMap(({ events }) => events),
  );
}

function workChange({ before, after, events }: ConversationChange): WorkChange {
  const actor = events[0]?.origin.actor;
  return { before, after, by: actor?.kind === 'agent' ? actor.id : null };
}
