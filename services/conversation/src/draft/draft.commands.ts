import type { ConversationId } from '@crossdesk/contracts';
import { agentOf, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { areActivePeople } from '../agent/active-people.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { findConversation } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { openOffer } from '../queue/queue.store.ts';
import { type Draft, refuseDraft } from './draft.domain.ts';
import { deleteDraft, lockDraft, saveDraftRow } from './draft.store.ts';

export interface DraftInput {
  readonly conversationId: ConversationId;
  /** Empty: there is no draft any more. */
  readonly text: string;
  readonly basis: number;
  /** Null leaves it as it is. */
  readonly isShared: boolean | null;
  readonly expectedVersion: number;
}

/**
 * Keeps what an agent has begun to write; what the queue gave them is opened by it. It is their own: no event tells of it, and since it is saved while they type,
 * the audit chain has no entry for it (ADR 0080).
 */
export async function saveDraft(
  { clock }: Pick<CommandDeps, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  { conversationId, text, basis, isShared, expectedVersion }: DraftInput,
): Promise<Outcome<Draft | null, 'NOT_FOUND' | 'FORBIDDEN' | 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const { tenantId } = actor;
  const agentId = agentOf(actor);
  if (agentId === null || !(await areActivePeople(trx, tenantId, [agentId]))) return stranger;
  const conversation = await findConversation(trx, { tenantId, id: conversationId });
  if (conversation === null) return noConversation;
  const key = { tenantId, conversationId: conversation.id, agentId };
  const present = await lockDraft(trx, key);
  const refusal = refuseDraft({ text, expectedVersion }, present);
  if (refusal !== null) return refusal;
  await openOffer(trx, key);
  if (text === '') {
    await deleteDraft(trx, key);
    return unchanged(null);
  }
  const draft = {
    ...key,
    text,
    basis,
    isShared: isShared ?? present?.isShared ?? false,
    version: expectedVersion + 1,
    savedAt: clock.now(),
  };
  await saveDraftRow(trx, draft);
  return unchanged(draft);
}

const stranger = refuse('FORBIDDEN', null, 'Only agents of this workspace have drafts: an admin has to add you first.');
