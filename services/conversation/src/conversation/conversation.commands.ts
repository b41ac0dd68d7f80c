import type { AgentId, ConversationId, EventData } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { areActivePeople, refuseUnseen } from '../agent/active-people.ts';
import { raiseReadMark } from './read-mark.store.ts';
import { saveChanges } from './save-changes.ts';
import type { DB } from '../db.ts';
import {
  assignTo,
  type Change,
  type Conversation,
  type ConversationPriority,
  type ConversationState,
  markRead,
  moveTo,
  prioritise,
  seenBy,
} from './conversation.domain.ts';
import { conversationChanged } from './conversation.events.ts';
import { aggregateOf, lockConversation } from './conversation.store.ts';

export type CommandDeps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface ChangeInput {
  readonly conversationId: ConversationId;
  /** Null for a caller who decides by the present state of the conversation. */
  readonly expectedVersion: number | null;
}

export function setConversationState(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput & { readonly state: ConversationState },
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION'>> {
  return changeConversation(deps, call, input, 'state', async (conversation, made) =>
    moveTo(conversation, input.state, made),
  );
}

export function setConversationPriority(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput & { readonly priority: ConversationPriority },
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  return changeConversation(deps, call, input, 'priority', async (conversation, made) =>
    prioritise(conversation, input.priority, made),
  );
}

export function markConversationRead(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput,
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  return changeConversation(deps, call, input, 'read', async (conversation, made) => {
    const decision = markRead(conversation, made);
    const { tenantId, id: conversationId, inboundSeq: seq } = conversation;
    if (decision.ok && made.by !== null)
      await raiseReadMark(call.trx, { tenantId, conversationId, agentId: made.by, seq });
    return decision;
  });
}

export function assignConversation(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput & { readonly agentId: AgentId | null },
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const { agentId } = input;
  return changeConversation(deps, call, input, 'assignee', async (conversation, made) => {
    if (agentId === null || agentId === conversation.assigneeId) return assignTo(conversation, agentId, made);
    if (!(await areActivePeople(call.trx, call.actor.tenantId, [agentId])))
      return refuse('NOT_FOUND', 'agentId', 'There is no active agent with this id: take one from agents.');
    const unseen = await refuseUnseen(call.trx, conversation, [agentId], 'agentId');
    return unseen ?? assignTo(conversation, agentId, made);
  });
}

/** Lock, decide, save, publish. A decision that does not change the conversation writes and publishes nothing. */
export async function changeConversation<Code extends string>(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { conversationId, expectedVersion }: ChangeInput,
  kind: EventData<'conversation.changed'>['change'],
  decide: (conversation: Conversation, change: Change) => Promise<Decision<Conversation, Code>>,
): Promise<Outcome<Conversation, Code | 'NOT_FOUND'>> {
  const locked = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const decision = await decide(locked, { by: agentOf(actor), expectedVersion, now: clock.now() });
  if (!decision.ok) return decision;
  if (decision.value === locked) return unchanged(locked);
  // To read is not yet to act.
  const conversation = kind === 'read' ? decision.value : seenBy(agentOf(actor), decision.value);
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  const events = [conversationChanged(told, kind, locked.state)];
  await saveChanges({ outbox, clock }, trx, [{ before: locked, after: conversation, events }]);
  return changed(conversation, conversation.id);
}

export const noConversation = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no conversation with this id in your workspace.',
);
