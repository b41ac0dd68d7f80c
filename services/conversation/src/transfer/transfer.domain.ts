import type { AgentId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { assignTo, type Change, type Conversation, moveTo } from '../conversation/conversation.domain.ts';

/** A hand-over in its steps; each has an event. */
export interface Transfer {
  readonly assigned: Conversation;
  /** The same as `assigned` if that is transferred already. */
  readonly moved: Conversation;
}

/** Hands the conversation to another person, who has it to read: also one that nobody had, or in which nothing was owed. */
export function transferTo(
  conversation: Conversation,
  agentId: AgentId,
  change: Change,
): Decision<Transfer, 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION'> {
  if (agentId === change.by)
    return refuse('INVALID_INPUT', 'agentId', 'This is you: take the conversation with assignConversation.');
  if (conversation.assigneeId === agentId)
    return refuse('INVALID_INPUT', 'agentId', 'They have the conversation already.');
  const assigned = assignTo(conversation, agentId, change);
  if (!assigned.ok) return assigned;
  const moved = moveTo(assigned.value, 'transferred', { ...change, expectedVersion: null });
  return moved.ok ? accept({ assigned: assigned.value, moved: moved.value }) : moved;
}
