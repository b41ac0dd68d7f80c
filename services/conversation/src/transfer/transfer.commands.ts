import { newId, type NoteId } from '@crossdesk/contracts';
import {
  agentOf,
  type AnyEventDraft,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type Refused,
  refuseText,
} from '@crossdesk/service-kit';
import { areActivePeople, refuseUnseen } from '../agent/active-people.ts';
import type { DB } from '../db.ts';
import { shareDraft } from '../draft/draft.store.ts';
import { noteAdded } from '../note/note.events.ts';
import { insertNote, type Note, noteCharactersMax } from '../note/note.store.ts';
import { type ChangeInput, type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, seenBy, touched } from '../conversation/conversation.domain.ts';
import { noted } from '../conversation/noted.domain.ts';
import { conversationChanged, conversationTransferred } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import { teamsByIds } from '../team/team.store.ts';
import { type Receiver, transferTo, type TransferStep } from './transfer.domain.ts';

export interface TransferInput extends ChangeInput {
  readonly receiver: Receiver;
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
  { conversationId, receiver, reason, expectedVersion }: TransferInput,
): Promise<Outcome<Conversation, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const malformed = refuseText('reason', reason, noteCharactersMax);
  if (malformed !== null) return malformed;
  const absent = await refuseAbsent(trx, locked, receiver);
  if (absent !== null) return absent;
  const by = agentOf(actor);
  const now = deps.clock.now();
  const decision = transferTo(locked, receiver, { by, expectedVersion, now });
  if (!decision.ok) return decision;
  const common = { tenantId, conversationId: locked.id, createdAt: now };
  const note: Note = { ...common, id: newId<NoteId>(), agentId: by, text: reason, mentionedIds: [] };
  await insertNote(trx, note);
  for (const author of new Set([by, locked.assigneeId]))
    if (author !== null) await shareDraft(trx, { tenantId, conversationId: locked.id, agentId: author });
  const conversation = await recordTransfer(deps, call, { locked, steps: decision.value, receiver }, note);
  return changed(conversation, conversation.id);
}

async function refuseAbsent(
  trx: CommandCall<DB>['trx'],
  conversation: Conversation,
  receiver: Receiver,
): Promise<Refused<'NOT_FOUND'> | null> {
  const { tenantId } = conversation;
  if ('agentId' in receiver) {
    const isHere = await areActivePeople(trx, tenantId, [receiver.agentId]);
    return isHere
      ? refuseUnseen(trx, conversation, [receiver.agentId], 'agentId')
      : refuse('NOT_FOUND', 'agentId', 'There is no active agent with this id: take one from agents.');
  }
  const team = (await teamsByIds(trx, tenantId, [receiver.teamId])).get(receiver.teamId);
  const isHere = team !== undefined && !team.isArchived;
  return isHere ? null : refuse('NOT_FOUND', 'teamId', 'There is no team with this id: take one from teams.');
}

interface Handing {
  readonly locked: Conversation;
  readonly steps: readonly TransferStep[];
  readonly receiver: Receiver;
}

async function recordTransfer(
  deps: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { locked, steps, receiver }: Handing,
  note: Note,
): Promise<Conversation> {
  const explained = noted(steps.at(-1)?.after ?? locked);
  const handedOver = seenBy(agentOf(actor), touched(explained));
  const at = (conversation: Conversation) => ({ aggregate: aggregateOf(conversation), conversation, origin });
  const toTeamId = 'teamId' in receiver ? receiver.teamId : null;
  const events: AnyEventDraft[] = [
    ...steps.map(({ change, after }, n) =>
      conversationChanged(at(after), change, (steps[n - 1]?.after ?? locked).state),
    ),
    noteAdded(at(explained), note),
    conversationTransferred(at(handedOver), { fromAgentId: locked.assigneeId, toTeamId, noteId: note.id }),
  ];
  await saveChanges(deps, trx, [{ before: locked, after: handedOver, events }]);
  return handedOver;
}
