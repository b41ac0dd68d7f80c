import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { handedOver } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { queueNow } from '../queue/queue.store.ts';
import { lookAfter } from '../queue/router-signal.ts';

/** The bot leaves conversations to people: they are looked for now. */
export async function takeHandOvers(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  handed: readonly Delivered<'automation.handover-decided'>[],
): Promise<void> {
  for (const { event, traceparent } of handed) {
    const locked = await lockConversation(trx, { tenantId: event.tenantId, id: event.data.conversationId });
    if (locked === null) continue;
    const after = handedOver(locked, clock.now());
    const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent({ event, traceparent }) };
    const events = [conversationChanged(told, 'state', locked.state)];
    if (after !== locked) await saveChanges({ outbox, clock }, trx, [{ before: locked, after, events }]);
    await queueNow(trx, [{ item: after, notFor: null }], { reason: 'handed-over', now: clock.now() });
  }
  lookAfter(trx, outbox);
}
