import { type MessageId, newId } from '@crossdesk/contracts';
import { afterCommit, causedByEvent, type ConsumerSpec, type Delivered } from '@crossdesk/service-kit';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { insertIntents, type IntentToInsert } from '../delivery/delivery.store.ts';
import { letErase } from '../erasure/erasure.store.ts';
import { type AttachedUpload, attachUploads } from '../media/attached.store.ts';
import { fileOf } from '../media/media.domain.ts';
import { mediaChanged } from '../media/media.events.ts';
import { insertMedia, type MediaToInsert } from '../media/media.store.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';
import { lockThreadOf } from '../thread/thread.store.ts';

type Requested = Delivered<'conversation.reply-requested'>;
type NoteAdded = Delivered<'conversation.note-added'>;

/** Every requested reply becomes a durable intent, which the sender works on. */
export function onReplyRequested(
  deps: Pick<IngestDeps, 'runtime' | 'nudgeMedia'>,
  nudgeSender: () => void,
): ConsumerSpec<DB> {
  return {
    name: 'ingest.replies',
    on: {
      'conversation.reply-requested': async (trx, requests) => {
        await insertIntents(trx, requests.map(toIntent));
        await insertMedia(deps.nudgeMedia, trx, requests.flatMap(toMedia));
        await attachToReplies(deps, trx, requests);
        afterCommit(trx, nudgeSender);
      },
      'conversation.note-added': async (trx, added) => {
        const attached = added.flatMap(toAttachedOfNote);
        if (attached.length > 0) await attachUploads(trx, attached);
      },
      'conversation.buyer-erased': async (trx, erased) => {
        for (const { event } of erased) await letErase(trx, { ...event.data, tenantId: event.tenantId });
        afterCommit(trx, deps.nudgeMedia);
      },
    },
  };
}

/** The picture of a reply is kept as well: its address may not be valid for long. An uploaded file is here already. */
function toMedia({ event: { tenantId, data } }: Requested): MediaToInsert[] {
  const { messageId, conversationId, accountId, content } = data;
  const file = 'uploadId' in content ? null : fileOf(content, false);
  return file === null ? [] : [{ ...file, tenantId, messageId, conversationId, accountId }];
}

function toIntent({ event: { tenantId, data }, traceparent }: Requested): IntentToInsert {
  const { messageId, conversationId, accountId, content } = data;
  const isBulk = data.purpose === 'bulk';
  const fingerprint = fingerprintOf(content);
  return { tenantId, messageId, conversationId, accountId, content, fingerprint, isBulk, traceparent };
}

/** Gives uploaded files to their messages, and publishes it in the order of each conversation. */
async function attachToReplies(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  requests: readonly Requested[],
): Promise<void> {
  const attached = requests.flatMap(toAttached);
  if (attached.length === 0) return;
  const rows = new Map((await attachUploads(trx, attached)).map((row) => [row.message_id, row]));
  for (const request of requests) {
    const row = rows.get(request.event.data.messageId);
    const thread = row === undefined ? null : await lockThreadOf(trx, row.tenant_id, row.conversation_id, 1);
    if (row !== undefined && thread !== null)
      await runtime.outbox.append(trx, mediaChanged(thread, row, causedByEvent(request)));
  }
}

function toAttached({ event: { tenantId, data } }: Requested): AttachedUpload[] {
  const { messageId, conversationId, content } = data;
  if (!('uploadId' in content) || content.uploadId === undefined) return [];
  return [{ tenantId, uploadId: content.uploadId, messageId, noteId: null, conversationId }];
}

function toAttachedOfNote({ event: { tenantId, data } }: NoteAdded): AttachedUpload[] {
  const { noteId, conversation, uploadIds = [] } = data;
  const { conversationId } = conversation;
  return uploadIds.map((uploadId) => ({ tenantId, uploadId, messageId: newId<MessageId>(), noteId, conversationId }));
}
