import type { AgentId, EventData, TeamId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import {
  assignTo,
  type Change,
  type Conversation,
  moveTo,
  moveToTeam,
  refuseVersion,
} from '../conversation/conversation.domain.ts';

/** Who gets it: a colleague, or whoever of a team has room. */
export type Receiver = { readonly agentId: AgentId } | { readonly teamId: TeamId };

/** One step of a hand-over; each has an event. */
export interface TransferStep {
  readonly change: Extract<EventData<'conversation.changed'>['change'], 'assignee' | 'state' | 'team'>;
  readonly after: Conversation;
}

type Refusal = 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION';

/** Hands the conversation over: also one that nobody had, or in which nothing was owed. */
export function transferTo(
  conversation: Conversation,
  receiver: Receiver,
  change: Change,
): Decision<TransferStep[], Refusal> {
  return 'teamId' in receiver
    ? toTeam(conversation, receiver.teamId, change)
    : toColleague(conversation, receiver.agentId, change);
}

/** They have it to read. */
function toColleague(conversation: Conversation, agentId: AgentId, change: Change): Decision<TransferStep[], Refusal> {
  if (agentId === change.by)
    return refuse('INVALID_INPUT', 'agentId', 'This is you: take the conversation with assignConversation.');
  if (conversation.assigneeId === agentId)
    return refuse('INVALID_INPUT', 'agentId', 'They have the conversation already.');
  const assigned = assignTo(conversation, agentId, change);
  if (!assigned.ok) return assigned;
  const moved = moveTo(assigned.value, 'transferred', { ...change, expectedVersion: null });
  if (!moved.ok) return moved;
  return accept(
    stepsFrom(conversation, { change: 'assignee', after: assigned.value }, { change: 'state', after: moved.value }),
  );
}

/** Nobody has it until the team takes it: what is owed stays owed. */
function toTeam(conversation: Conversation, teamId: TeamId, change: Change): Decision<TransferStep[], Refusal> {
  if (conversation.teamId === teamId && conversation.assigneeId === null)
    return refuse('INVALID_INPUT', 'teamId', 'The team has the conversation already.');
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  const freed = assignTo(conversation, null, change);
  if (!freed.ok) return freed;
  const owed =
    freed.value.state === 'handled'
      ? moveTo(freed.value, 'pending', { ...change, expectedVersion: null })
      : accept(freed.value);
  if (!owed.ok) return owed;
  return accept(
    stepsFrom(
      conversation,
      { change: 'assignee', after: freed.value },
      { change: 'state', after: owed.value },
      { change: 'team', after: moveToTeam(owed.value, teamId) },
    ),
  );
}

/** Only the steps that change something. */
function stepsFrom(conversation: Conversation, ...steps: readonly TransferStep[]): TransferStep[] {
  return steps.filter(({ after }, n) => after !== (steps[n - 1]?.after ?? conversation));
}
