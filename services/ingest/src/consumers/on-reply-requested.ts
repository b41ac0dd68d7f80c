import { type ConsumerSpec, type Delivered, runsUntil } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { insertIntents, type IntentToInsert } from '../delivery/delivery.store.ts';
import { letErase } from '../erasure/erasure.store.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';

type Consumed = 'conversation.reply-requested' | 'conversation.buyer-erased';
type Requested = Delivered<'conversation.reply-requested'>;

/** Every reply that somebody wants delivered becomes a durable intent; the sender takes it from there. */
export function onReplyRequested(nudgeSender: () => void): ConsumerSpec<DB, Consumed> {
  return {
    name: 'ingest.replies',
    topics: ['conversation.conversation'],
    types: ['conversation.reply-requested', 'conversation.buyer-erased'],
    handle: async (trx, events) => {
      for (const run of runsUntil(events, 'conversation.buyer-erased')) {
        const requests = run.filter(isRequest);
        if (requests.length > 0) await insertIntents(trx, requests.map(toIntent));
        for (const { event } of run)
          if (event.type === 'conversation.buyer-erased')
            await letErase(trx, { ...event.data, tenantId: event.tenantId });
      }
      nudgeSender();
    },
  };
}

function isRequest(delivered: Delivered<Consumed>): delivered is Requested & Delivered<Consumed> {
  return delivered.event.type === 'conversation.reply-requested';
}

function toIntent({ event: { tenantId, data }, traceparent }: Requested): IntentToInsert {
  const { messageId, conversationId, accountId, content } = data;
  return { tenantId, messageId, conversationId, accountId, content, fingerprint: fingerprintOf(content), traceparent };
}
