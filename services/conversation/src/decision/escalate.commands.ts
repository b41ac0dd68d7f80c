import { type AgentId, type ConversationId, newId, type NoteId } from '@crossdesk/contracts';
import { agentOf, changed, type CommandCall, type Outcome } from '@crossdesk/service-kit';
import { refuseUnseen } from '../agent/active-people.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, type ConversationPriority, escalate } from '../conversation/conversation.domain.ts';
import { noted } from '../conversation/noted.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { noteAdded } from '../note/note.events.ts';
import { insertNote } from '../note/note.store.ts';

export interface EscalateInput {
  readonly conversationId: ConversationId;
  readonly priority: ConversationPriority;
  /** Who takes it if nobody has it; null for nobody in particular. */
  readonly agentId: AgentId | null;
  /** Why. */
  readonly note: string;
}

/** Calls a person to the conversation, and says why in a note. */
export async function escalateConversation(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { conversationId, priority, agentId, note }: EscalateInput,
): Promise<Outcome<Conversation, 'NOT_FOUND'>> {
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const now = clock.now();
  const taker = agentId === null ? undefined : (await agentsByIds(trx, tenantId, [agentId])).get(agentId);
  const isTaken = taker?.isActive === true && (await refuseUnseen(trx, locked, [taker.id], 'agentId')) === null;
  // Somebody who has left, or may not see the store, does not take it: it goes the way of all that nobody has.
  const escalated = escalate(locked, { priority, agentId: isTaken ? taker.id : null }, now);
  const conversation = noted(escalated);
  const written = {
    tenantId,
    id: newId<NoteId>(),
    conversationId: locked.id,
    agentId: agentOf(actor),
    text: note,
    mentionedIds: [],
  };
  await insertNote(trx, { ...written, createdAt: now });
  const change = { aggregate: aggregateOf(escalated), conversation: escalated, origin };
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  await saveChanges({ outbox, clock }, trx, [
    ...(escalated === locked
      ? []
      : [{ before: locked, after: escalated, events: [conversationChanged(change, 'escalated', locked.state)] }]),
    { before: escalated, after: conversation, events: [noteAdded(told, written)] },
  ]);
  return changed(conversation, conversation.id);
}
