import { type AgentId, type ConversationId, newId, type NoteId } from '@crossdesk/contracts';
import { accept, agentOf, type CommandCall, makeOnce, type Outcome, refuse, refuseText } from '@crossdesk/service-kit';
import { areActivePeople, refuseUnseen } from '../agent/active-people.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation } from '../conversation/conversation.domain.ts';
import { noted } from '../conversation/noted.domain.ts';
import { type AttachedFile, decideFiles, type NamedFile } from '../attachment/attached-file.domain.ts';
import { noteAdded } from './note.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { addWatchers } from '../member/member.commands.ts';
import { insertNote, type Note, noteCharactersMax, notesByIds } from './note.store.ts';

export interface NoteInput {
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  readonly text: string;
  /** The agents that it calls; each watches the conversation from then on. */
  readonly mentionedIds: readonly AgentId[];
  readonly attachments?: readonly NamedFile[];
}

const mentionsMax = 20;

const stranger = refuse(
  'FORBIDDEN',
  'conversationId',
  'Only agents of this workspace can add notes: an admin has to add you first.',
);

const manyMentions = refuse('INVALID_INPUT', 'mentionedAgentIds', `A note calls at most ${mentionsMax} agents.`);
const unknownMention = refuse(
  'NOT_FOUND',
  'mentionedAgentIds',
  'One of these is no active agent: take the ids from agents.',
);

type Refusal = 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'FORBIDDEN' | 'NOT_FOUND';

/** Adds a note for colleagues. Its text stays in the table `note`: no event, log line or platform ever gets it. */
export async function addNote(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { clientMutationId, conversationId, text, mentionedIds: mentioned, attachments = [] }: NoteInput,
): Promise<Outcome<Note, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const mentionedIds = [...new Set(mentioned)];
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  return makeOnce<DB, Note, Refusal>(
    call,
    {
      kind: 'note',
      clientMutationId,
      content: [conversationId, text, ...mentionedIds, ...attachments.map(({ name }) => name)],
    },
    {
      find: async (id) => (await notesByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const malformed = refuseText('text', text, noteCharactersMax);
        if (malformed !== null) return malformed;
        const agentId = agentOf(actor);
        if (agentId === null || !(await agentsByIds(trx, tenantId, [agentId])).has(agentId)) return stranger;
        if (locked === null) return noConversation;
        if (mentionedIds.length > mentionsMax) return manyMentions;
        if (!(await areActivePeople(trx, tenantId, mentionedIds))) return unknownMention;
        const unseen = await refuseUnseen(trx, locked, mentionedIds, 'mentionedAgentIds');
        if (unseen !== null) return unseen;
        const files = decideFiles(attachments);
        if (!files.ok) return files;
        const common = { tenantId, conversationId: locked.id, agentId, text, mentionedIds };
        const note: Note = { ...common, id: newId<NoteId>(), createdAt: deps.clock.now() };
        return accept({ made: note, record: () => recordNote(deps, call, locked, note, files.value) });
      },
    },
  );
}

async function recordNote(
  deps: CommandDeps,
  call: CommandCall<DB>,
  locked: Conversation,
  note: Note,
  files: readonly AttachedFile[],
): Promise<void> {
  const { trx, origin } = call;
  const conversation = noted(locked);
  await insertNote(trx, note);
  const told = noteAdded({ aggregate: aggregateOf(conversation), conversation, origin }, note, files);
  const change = { before: locked, after: conversation, events: [told] };
  await saveChanges(deps, trx, [change, ...(await addWatchers(deps, call, conversation, note.mentionedIds))]);
}
