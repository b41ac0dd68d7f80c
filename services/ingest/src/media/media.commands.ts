import type { MessageId } from '@crossdesk/contracts';
import { afterCommit, changed, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { lockThreadOf } from '../thread/thread.store.ts';
import { mediaChanged } from './media.events.ts';
import { findMedia, markPending, type MediaRow } from './media.store.ts';

const absent = refuse('NOT_FOUND', 'messageId', 'There is no such message, or it has no file.');

/** Fetches a failed file again. */
export async function retryMedia(
  { runtime, nudgeMedia }: Pick<IngestDeps, 'runtime' | 'nudgeMedia'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  messageId: MessageId,
): Promise<Outcome<MediaRow, 'NOT_FOUND'>> {
  const [known] = await findMedia(trx, tenantId, [messageId]);
  const thread = known === undefined ? null : await lockThreadOf(trx, tenantId, known.conversation_id, 1);
  const [row] = thread === null ? [] : await findMedia(trx, tenantId, [messageId]);
  if (thread === null || row === undefined || row.state === 'erased') return absent;
  if (row.state !== 'failed') return unchanged(row);
  const pending = await markPending(trx, row);
  afterCommit(trx, nudgeMedia);
  await runtime.outbox.append(trx, mediaChanged(thread, pending, origin));
  return changed(pending, messageId);
}
