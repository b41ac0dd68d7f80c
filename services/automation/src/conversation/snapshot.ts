import type { ConversationFacts } from './conversation-facts.store.ts';

/** A conversation as we know it, in the words of its events. */
export function snapshotOf({ channel, account_id, state, assignee_id, waiting_since }: ConversationFacts) {
  return { channel, accountId: account_id, state, assigneeId: assignee_id, waitingSince: waiting_since };
}
