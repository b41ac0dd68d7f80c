import type { ConversationId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { factsOf } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { holderOf } from './turn.domain.ts';
import { lockTurn, saveTurn } from './turn.store.ts';

/** Lets the bot answer again, from the next message of the buyer on. */
export async function returnToBot(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  conversationId: ConversationId,
): Promise<Outcome<ConversationId, 'NOT_FOUND'>> {
  const turn = await lockTurn(trx, { tenantId, conversationId });
  const facts = await factsOf(trx, tenantId, conversationId);
  if (facts === null || turn === null) return noTurn;
  if (holderOf(facts, turn) === 'bot') return unchanged(conversationId);
  const handedOver = {
    ...{ handed_over_version: null, handed_over_at: null },
    ...{ handed_over_code: null, promised_by: null },
  };
  await saveTurn(trx, { ...turn, ...handedOver, returned_version: facts.version });
  return changed(conversationId, conversationId);
}

const noTurn = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no conversation with this id that the bot could answer: rules with the trigger TURN, or the policy, have to be on when the buyer writes.',
);
