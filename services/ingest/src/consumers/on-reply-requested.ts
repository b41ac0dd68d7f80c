import { afterCommit, type ConsumerSpec, type Delivered } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { insertIntents, type IntentToInsert } from '../delivery/delivery.store.ts';
import { letErase } from '../erasure/erasure.store.ts';
import { fileOf } from '../media/media.domain.ts';
import { insertMedia, type MediaToInsert } from '../media/media.store.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';

type Requested = Delivered<'conversation.reply-requested'>;

/** Every requested reply becomes a durable intent, which the sender works on. */
export function onReplyRequested(nudgeSender: () => void, nudgeMedia: () => void): ConsumerSpec<DB> {
  return {
    name: 'ingest.replies',
    on: {
      'conversation.reply-requested': async (trx, requests) => {
        await insertIntents(trx, requests.map(toIntent));
        await insertMedia(nudgeMedia, trx, requests.flatMap(toMedia));
        afterCommit(trx, nudgeSender);
      },
      'conversation.buyer-erased': async (trx, erased) => {
        for (const { event } of erased) await letErase(trx, { ...event.data, tenantId: event.tenantId });
      },
    },
  };
}

/** The picture of a reply is kept as well: its address may not be valid for long. */
function toMedia({ event: { tenantId, data } }: Requested): MediaToInsert[] {
  const { messageId, conversationId, accountId, content } = data;
  const file = fileOf(content, false);
  return file === null ? [] : [{ ...file, tenantId, messageId, conversationId, accountId }];
}

function toIntent({ event: { tenantId, data }, traceparent }: Requested): IntentToInsert {
  const { messageId, conversationId, accountId, content } = data;
  const isBulk = data.purpose === 'bulk';
  const fingerprint = fingerprintOf(content);
  return { tenantId, messageId, conversationId, accountId, content, fingerprint, isBulk, traceparent };
}
