import type { Delivered, ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { lockConversation } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { queueNow } from '../queue/queue.store.ts';
import { lookAfter } from '../queue/router-signal.ts';

/** The bot leaves conversations to people: they are looked for now. */
export async function takeHandOvers(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  handed: readonly Delivered<'automation.handover-decided'>[],
): Promise<void> {
  for (const { event } of handed) {
    const locked = await lockConversation(trx, { tenantId: event.tenantId, id: event.data.conversationId });
    if (locked === null) continue;
    await queueNow(trx, [{ item: locked, notFor: null }], { reason: 'handed-over', now: clock.now() });
  }
  lookAfter(trx, outbox);
}
