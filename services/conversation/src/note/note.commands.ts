import { type ConversationId, newId, type NoteId } from '@crossdesk/contracts';
import { accept, agentOf, type CommandCall, makeOnce, type Outcome, refuse, refuseText } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { noteAdded } from './note.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { insertNote, type Note, notesByIds } from './note.store.ts';

export interface NoteInput {
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  readonly text: string;
}

const noteCharactersMax = 10_000;

const stranger = refuse(
  'FORBIDDEN',
  'conversationId',
  'Only agents of this workspace can add notes: an admin has to add you first.',
);

type Refusal = 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'FORBIDDEN' | 'NOT_FOUND';

/** Adds a note for colleagues. Its text stays in the table `note`: no event, log line or platform ever gets it. */
export async function addNote(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { clientMutationId, conversationId, text }: NoteInput,
): Promise<Outcome<Note, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  return makeOnce<DB, Note, Refusal>(
    call,
    { kind: 'note', clientMutationId, content: [conversationId, text] },
    {
      find: async (id) => (await notesByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const malformed = refuseText('text', text, noteCharactersMax);
        if (malformed !== null) return malformed;
        const agentId = agentOf(actor);
        if (agentId === null || !(await agentsByIds(trx, tenantId, [agentId])).has(agentId)) return stranger;
        if (locked === null) return noConversation;
        const common = { tenantId, conversationId: locked.id, agentId, text };
        const note: Note = { ...common, id: newId<NoteId>(), createdAt: deps.clock.now() };
        return accept({ made: note, record: () => recordNote(deps, call, locked, note) });
      },
    },
  );
}

async function recordNote(
  { outbox }: CommandDeps,
  { trx, origin }: CommandCall<DB>,
  locked: Conversation,
  note: Note,
): Promise<void> {
  const conversation = touched(locked);
  await insertNote(trx, note);
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  await saveChanges({ outbox }, trx, [{ before: locked, after: conversation, events: [noteAdded(told, note)] }]);
}
