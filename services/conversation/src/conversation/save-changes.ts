import type { AnyEventDraft, ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { activityOf } from './activity.ts';
import { insertActivities } from './activity.store.ts';
import type { Conversation } from './conversation.domain.ts';
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
  { outbox }: Pick<ServiceRuntime<DB>, 'outbox'>,
  trx: Transaction<DB>,
  changes: readonly ConversationChange[],
): Promise<void> {
  const last = new Map(changes.map(({ after }) => [keyText(after), after]));
  await saveConversations(trx, [...last.values()]);
  await insertActivities(
    trx,
    changes.flatMap((change) => activityOf(change) ?? []),
  );
  await outbox.append(
    trx,
    changes.flatMap(({ events }) => events),
  );
}
