import { type ConversationId, newId, type NoteId, parseId } from '@crossdesk/contracts';
import { causedByRequest, type RequestContext, signedIn } from '@crossdesk/service-kit';
import { agentOf } from '../agent/agent.commands.ts';
import { claimClientRequest, findClientRequest } from '../client-request.store.ts';
import type { DB } from '../db.ts';
import { refuseClientMutationId, refuseText } from '../input.domain.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { touched } from '../conversation/conversation.domain.ts';
import { noteAdded } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation, saveConversations } from '../conversation/conversation.store.ts';
import { findNote, insertNote, type Note } from './note.store.ts';

export interface NoteInput {
  readonly clientMutationId: string;
  readonly conversationId: string;
  readonly text: string;
}

const noteCharactersMax = 10_000;

const stranger = refuse(
  'NOT_ALLOWED',
  'conversationId',
  'You are no agent of this workspace yet: an admin has to add you first.',
);

/** Leaves a note for colleagues. Its text stays in the table `note`: no event, log line or platform ever gets it. */
export async function addNote(deps: CommandDeps, request: RequestContext, input: NoteInput): Promise<Outcome<Note>> {
  const { db, outbox, audit, clock } = deps;
  const { tenantId, agentId } = signedIn(request);
  const refusal = refuseClientMutationId(input.clientMutationId) ?? refuseText('text', input.text, noteCharactersMax);
  if (refusal !== null) return refusal;
  const conversationId = parseId<ConversationId>(input.conversationId);
  if ((await agentOf(deps, request)) === null) return stranger;
  const clientRequest = { tenantId, kind: 'note', clientMutationId: input.clientMutationId } as const;
  const mutation = audit.mutation<DB, Outcome<Note>>(request, 'addNote', async (trx, done) => {
    const locked = conversationId === null ? null : await lockConversation(trx, { tenantId, id: conversationId });
    const earlierId = await findClientRequest(trx, clientRequest);
    const earlier = earlierId === null ? null : await findNote(trx, tenantId, earlierId);
    if (earlier !== null) return accept(earlier);
    if (locked === null) return noConversation;
    const now = clock.now();
    const note: Note = {
      tenantId,
      id: newId<NoteId>(),
      conversationId: locked.id,
      agentId,
      text: input.text,
      createdAt: now,
    };
    const first = await claimClientRequest(trx, clientRequest, note.id, now);
    if (first !== null) return accept((await findNote(trx, tenantId, first)) ?? note);
    const conversation = touched(locked);
    await insertNote(trx, note);
    await saveConversations(trx, [conversation]);
    await outbox.append(trx, [
      noteAdded({ aggregate: aggregateOf(conversation), conversation, origin: causedByRequest(request) }, note),
    ]);
    done(note.id);
    return accept(note);
  });
  const outcome = await db.forTenant(tenantId, mutation);
  outbox.nudge();
  return outcome;
}
