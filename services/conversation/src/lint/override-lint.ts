import { type ConversationId, type MessageId, newId, type NoteId, type TenantId } from '@crossdesk/contracts';
import { agentOf, changed, type CommandCall, type ServiceRuntime } from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import { noted } from '../conversation/noted.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { noteAdded } from '../note/note.events.ts';
import { insertNote } from '../note/note.store.ts';

interface WrittenMessage {
  readonly tenantId: TenantId;
  readonly id: MessageId;
  readonly conversationId: ConversationId;
}

/** Writes down that a message was sent although the check stopped it: a note, and an entry of the audit chain. */
export async function recordOverride(
  { outbox, clock, commands }: CommandDeps & Pick<ServiceRuntime<DB>, 'commands'>,
  call: CommandCall<DB>,
  { tenantId, id, conversationId }: WrittenMessage,
  text: string,
): Promise<void> {
  await commands.carryOut(call, 'overrideLint', async ({ trx, actor, origin }) => {
    const locked = await lockConversation(trx, { tenantId, id: conversationId });
    if (locked === null) throw new Error('the conversation of a message that was just written is gone');
    const conversation = noted(locked);
    const note = { tenantId, id: newId<NoteId>(), conversationId, agentId: agentOf(actor), text, mentionedIds: [] };
    await insertNote(trx, { ...note, createdAt: clock.now() });
    const told = { aggregate: aggregateOf(conversation), conversation, origin };
    await saveChanges({ outbox, clock }, trx, [
      { before: locked, after: conversation, events: [noteAdded(told, note)] },
    ]);
    return changed(note, id);
  });
}
