import type { MessageId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { acknowledgementsAmong } from '../../decision/decision.store.ts';
import type { Occasion } from '../evaluate.commands.ts';
import { type End, planTimers, type Timer, timersOf } from './timer.domain.ts';
import { beginTimers, endTimers } from './timer.store.ts';

type Told = Delivered<'conversation.message-added' | 'conversation.changed'>;

/** Ends the times that events of conversations make void, and begins new ones. False: none is new. */
export async function followTimers(
  trx: Transaction<DB>,
  events: readonly Told[],
  occasions: readonly Occasion[],
): Promise<boolean> {
  if (events.length === 0) return false;
  const evaluated = new Map(occasions.map((occasion) => [occasion.id, occasion]));
  const acknowledgements = await acknowledgementsAmong(trx, events.flatMap(fromBot));
  const plan = planTimers(
    events.map((one) => {
      const occasion = evaluated.get(one.event.id);
      return { ends: endsOf(one, acknowledgements), begins: occasion === undefined ? [] : begunBy(one, occasion) };
    }),
  );
  await endTimers(trx, plan.ends);
  return beginTimers(trx, plan.begins);
}

function fromBot({ event }: Told) {
  if (event.type !== 'conversation.message-added' || event.data.author !== 'bot') return [];
  return [{ tenantId: event.tenantId, messageId: event.data.messageId }];
}

/** We have answered a message; the buyer or a colleague has moved on after a change of the conversation. */
function endsOf({ event }: Told, acknowledgements: ReadonlySet<MessageId>): End[] {
  const { tenantId, data } = event;
  const { conversationId } = data.conversation;
  if (event.type === 'conversation.changed') {
    const { change } = event.data;
    return change === 'state' || change === 'assignee' ? [{ tenantId, conversationId, trigger: 'conversation' }] : [];
  }
  if (acknowledgements.has(event.data.messageId)) return [];
  const trigger = event.data.author === 'buyer' ? 'conversation' : 'message';
  return [{ tenantId, conversationId, trigger }];
}

function begunBy({ event }: Told, { subject, ...occasion }: Occasion): Timer[] {
  const { tenantId, conversationId, correlationId } = subject;
  const { id: eventId, causationDepth } = event;
  return timersOf({ ...occasion, tenantId, conversationId, correlationId, causationDepth, eventId, orderId: null });
}
