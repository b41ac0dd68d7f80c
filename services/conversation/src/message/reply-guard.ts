import type { ConversationId } from '@crossdesk/contracts';
import { agentOf, type CommandCall, type Outcome, type Refused, unchanged } from '@crossdesk/service-kit';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { answersElsewhere } from './answers-elsewhere.store.ts';
import { replyBlocked } from './message.events.ts';
import { type BlockedCode, refuseAnswered, refuseStale, type ReplyBasis } from './reply-guard.domain.ts';

/** Refuses a reply of somebody who says what they knew, if there is something newer. Null: it may be sent. */
export async function refuseOvertaken(
  { trx, actor }: Pick<CommandCall<DB>, 'trx' | 'actor'>,
  locked: Conversation,
  known: ReplyBasis,
): Promise<Refused<BlockedCode> | null> {
  if (known.basis === null || known.basis === undefined) return null;
  const stale = refuseStale(locked, known);
  if (stale !== null) return stale;
  return refuseAnswered((await answersElsewhere(trx, locked, agentOf(actor))).length > 0, known);
}

/** Tells that a reply was refused, without its text: how often people get in each other's way is a figure of the team. */
export async function tellBlocked(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { conversationId, code }: { readonly conversationId: ConversationId; readonly code: BlockedCode },
): Promise<Outcome<Conversation, 'NOT_FOUND'>> {
  const locked = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (locked === null) return noConversation;
  const conversation = touched(locked);
  const told = { aggregate: aggregateOf(conversation), conversation, origin };
  const events = [replyBlocked(told, agentOf(actor), code)];
  await saveChanges({ outbox, clock }, trx, [{ before: locked, after: conversation, events }]);
  return unchanged(conversation);
}
