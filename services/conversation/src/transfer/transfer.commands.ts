import { type AgentId, newId, type NoteId } from '@crossdesk/contracts';
import {
  agentOf,
  type AnyEventDraft,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseText,
} from '@crossdesk/service-kit';
import { areActivePeople } from '../agent/active-people.ts';
import type { DB } from '../db.ts';
import { shareDraft } from '../draft/draft.store.ts';
import { noteAdded } from '../note/note.events.ts';
import { insertNote, type Note, noteCharactersMax } from '../note/note.store.ts';
import { type ChangeInput, type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, noted, seenBy, touched } from '../conversation/conversation.domain.ts';
import { conversationChanged, conversationTransferred } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import { type Transfer, transferTo } from './transfer.domain.ts';

export interface TransferInput extends ChangeInput {
  readonly agentId: AgentId;
  readonly reason: string;
}

type Refusal = 'NOT_FOUND' | 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION';

/**
 * Hands the conversation to a colleague as one act: the assignee, the state, a note with the reason, and what the
 * former assignee and the person who hands over have begun to write.
 */
export async function transferConversation(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { conversationId, agentId, reason, expectedVersion }: TransferInput,
): Promise<Outcome<Conversation, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const malformed = refuseText('reason', reason, noteCharactersMax);
  if (malformed !== null) return malformed;
  if (!(await areActivePeople(trx, tenantId, [agentId]))) return noAgent;
  const by = agentOf(actor);
  const now = deps.clock.now();
  const decision = transferTo(locked, agentId, { by, expectedVersion, now });
  if (!decision.ok) return decision;
  const common = { tenantId, conversationId: locked.id, createdAt: now };
  const note: Note = { ...common, id: newId<NoteId>(), agentId: by, text: reason, mentionedIds: [] };
  await insertNote(trx, note);
  for (const author of new Set([by, locked.assigneeId]))
    if (author !== null) await shareDraft(trx, { tenantId, conversationId: locked.id, agentId: author });
  const conversation = await recordTransfer(deps, call, { locked, ...decision.value }, note);
  return changed(conversation, conversation.id);
}

const noAgent = refuse('NOT_FOUND', 'agentId', 'There is no active agent with this id: take one from agents.');

async function recordTransfer(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { locked, assigned, moved }: Transfer & { readonly locked: Conversation },
  note: Note,
): Promise<Conversation> {
  const explained = noted(moved);
  const handedOver = seenBy(agentOf(actor), touched(explained));
  const at = (conversation: Conversation) => ({ aggregate: aggregateOf(conversation), conversation, origin });
  const events: AnyEventDraft[] = [
    conversationChanged(at(assigned), 'assignee', locked.state),
    ...(moved === assigned ? [] : [conversationChanged(at(moved), 'state', assigned.state)]),
    noteAdded(at(explained), note),
    conversationTransferred(at(handedOver), { fromAgentId: locked.assigneeId, noteId: note.id }),
  ];
  await saveChanges({ outbox, clock }, trx, [{ before: locked, after: handedOver, events }]);
  return handedOver;
}
