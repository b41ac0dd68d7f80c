import type { Origin } from '@crossdesk/service-kit';
import { type Conversation, release } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import type { ConversationChange } from '../conversation/save-changes.ts';
import type { Queued } from '../queue/queue.store.ts';

/** A locked conversation is taken from whoever has it. */
export function released(before: Conversation, origin: Origin): ConversationChange {
  const after = release(before);
  const told = { aggregate: aggregateOf(after), conversation: after, origin };
  return { before, after, events: [conversationChanged(told, 'assignee', before.state)] };
}

/** It waits for somebody else than whoever had it. */
export function notForWhoeverHadIt({ before, after }: ConversationChange): Queued {
  return { item: after, notFor: before.assigneeId };
}
