import type { MessageId } from '@crossdesk/contracts';
import { findAccounts } from '../account/account.store.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { releaseChanges } from '../thread/message-change.store.ts';
import { nameOfMessage } from '../thread/message-id.store.ts';
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
  const ids = new Map(messages.map((m) => [nameOfMessage(m.conversationId, m.externalMessageId), m.messageId]));
  const released = Map.groupBy(await releaseChanges(trx, messages), (row) => row.conversation_id);
  if (released.size === 0) return;
  const tenants = new Map(messages.map(({ conversationId, tenantId }) => [conversationId, tenantId]));
  for (const [conversationId, tenantId] of tenants) {
    const rows = released.get(conversationId) ?? [];
    if (rows.length === 0) continue;
    const thread = await lockThreadOf(trx, tenantId, conversationId, rows.length);
    const [account] = thread === null ? [] : await findAccounts(trx, tenantId, [thread.accountId]);
    if (thread === null || account === undefined) throw new Error('a change waited without its thread or account');
    const events = rows.map(({ external_message_id: externalId, waiting, received_at: receivedAt }) => {
      const messageId = ids.get(nameOfMessage(conversationId, externalId));
      if (messageId === undefined) throw new Error('a change waited without its message');
      return changedEvent(thread, account, { ...waiting, messageId, receivedAt });
    });
    await runtime.outbox.append(trx, events);
  }
}
