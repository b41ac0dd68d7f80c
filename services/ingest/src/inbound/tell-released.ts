import type { MessageId } from '@crossdesk/contracts';
import { findAccounts } from '../account/account.store.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { nameInConversation, releaseChanges } from '../thread/message-change.store.ts';
import { type LockedThread, lockThreadOf } from '../thread/thread.store.ts';
import { changedEvent } from './changed-event.ts';

export interface KnownMessage extends Pick<LockedThread, 'tenantId' | 'conversationId'> {
  readonly externalMessageId: string;
  readonly messageId: MessageId;
}

/**
 * Publishes the changes that waited for these messages, whose threads are locked. Call it after the events of the
 * messages: the versions it takes are later.
 */
export async function tellReleased(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  messages: readonly KnownMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const released = await releaseChanges(trx, messages);
  const ids = new Map(messages.map((m) => [nameInConversation(m.conversationId, m.externalMessageId), m.messageId]));
  for (const row of released) {
    const thread = await lockThreadOf(trx, row.tenant_id, row.conversation_id, 1);
    const [account] = await findAccounts(trx, row.tenant_id, [row.account_id]);
    const messageId = ids.get(nameInConversation(row.conversation_id, row.external_message_id));
    if (thread === null || account === undefined || messageId === undefined)
      throw new Error('a change waited without its thread, account or message');
    const told = { ...row.waiting, messageId, receivedAt: row.received_at };
    await runtime.outbox.append(trx, [changedEvent(thread, account, told)]);
  }
}
