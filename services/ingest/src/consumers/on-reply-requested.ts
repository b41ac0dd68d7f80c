import type { ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { insertIntents, type IntentToInsert } from '../delivery/delivery.store.ts';
import { letErase } from '../erasure/erasure.store.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';

type Requested = Delivered<'conversation.reply-requested'>;

/** Every requested reply becomes a durable intent, which the sender works on. */
export function onReplyRequested(nudgeSender: () => void): ConsumerSpec<DB> {
  return {
    name: 'ingest.replies',
    on: {
      'conversation.reply-requested': async (trx, requests) => {
        await insertIntents(trx, requests.map(toIntent));
        nudgeSender();
      },
      'conversation.buyer-erased': async (trx, erased) => {
        for (const { event } of erased) await letErase(trx, { ...event.data, tenantId: event.tenantId });
      },
    },
  };
}

function toIntent({ event: { tenantId, data }, traceparent }: Requested): IntentToInsert {
  const { messageId, conversationId, accountId, content } = data;
  return { tenantId, messageId, conversationId, accountId, content, fingerprint: fingerprintOf(content), traceparent };
}
