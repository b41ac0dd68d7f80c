import type { AgentId, ConversationId } from '@crossdesk/contracts';
import { agentOf, changed, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { areActivePeople, refuseUnseen } from '../agent/active-people.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { type Member, membersMax, type MemberStep, refuseMany, roleAfter } from './member.domain.ts';
import { memberChanged } from './member.events.ts';
import { deleteMember, membersOfConversations, saveMembers } from './member.store.ts';

export interface MemberInput {
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly step: MemberStep;
}

/** Makes an agent a member or a watcher of a conversation, or ends it. */
export async function changeMember(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { conversationId, agentId, step }: MemberInput,
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const members = await membersOf(trx, locked);
  const present = members.find((one) => one.agentId === agentId)?.role ?? null;
  const role = roleAfter(present, step);
  if (role !== null && !(await areActivePeople(trx, tenantId, [agentId])))
    return refuse('NOT_FOUND', 'agentId', 'There is no active agent with this id: take one from agents.');
  if (role === present) return unchanged(locked);
  const unseen = role === null ? null : await refuseUnseen(trx, locked, [agentId], 'agentId');
  if (unseen !== null) return unseen;
  const many = present === null ? refuseMany(members.length) : null;
  if (many !== null) return many;
  const member = { tenantId, conversationId: locked.id, agentId };
  if (role === null) await deleteMember(trx, member);
  else await saveMembers(trx, [{ ...member, role, addedBy: agentOf(actor), addedAt: clock.now() }]);
  const conversation = touched(locked);
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  const events = [memberChanged(told, agentId, role)];
  await saveChanges({ outbox, clock }, trx, [{ before: locked, after: conversation, events }]);
  return changed(conversation, conversation.id);
}

/**
 * Agents who are called in a note watch the conversation from then on, so that they see what becomes of it. Returns the
 * changes of the conversation; the caller saves them.
 */
export async function addWatchers(
  { clock }: Pick<CommandDeps, 'clock'>,
  { trx, actor, origin }: CommandCall<DB>,
  locked: Conversation,
  agentIds: readonly AgentId[],
): Promise<ConversationChange[]> {
  if (agentIds.length === 0) return [];
  const present = await membersOf(trx, locked);
  const fresh = agentIds
    .filter((id) => !present.some(({ agentId }) => agentId === id))
    .slice(0, Math.max(0, membersMax - present.length));
  const common = { tenantId: locked.tenantId, conversationId: locked.id, role: 'watcher' } as const;
  await saveMembers(
    trx,
    fresh.map((agentId) => ({ ...common, agentId, addedBy: agentOf(actor), addedAt: clock.now() })),
  );
  let before = locked;
  return fresh.map((agentId) => {
    const after = touched(before);
    const told = { aggregate: aggregateOf(after), conversation: after, origin };
    const change = { before, after, events: [memberChanged(told, agentId, 'watcher')] };
    before = after;
    return change;
  });
}

async function membersOf(trx: CommandCall<DB>['trx'], { tenantId, id }: Conversation): Promise<Member[]> {
  return (await membersOfConversations(trx, tenantId, [id])).get(id) ?? [];
}
