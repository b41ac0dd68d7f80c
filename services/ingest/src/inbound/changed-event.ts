import type { MessageId } from '@crossdesk/contracts';
import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';
import type { WaitingChange } from '../db.ts';
import type { AccountName } from '../fact.ts';
import type { LockedThread } from '../thread/thread.store.ts';

/** The event of a change; its thread is locked. */
export function changedEvent(
  thread: LockedThread,
  { id: accountId, channel }: Pick<AccountName, 'id' | 'channel'>,
  told: WaitingChange & { readonly messageId: MessageId; readonly receivedAt: Date },
): AnyEventDraft {
  const { messageId, by, change, receivedAt, traceparent } = told;
  const actor = { kind: by === 'buyer' ? 'customer' : 'system', id: null } as const;
  return {
    aggregate: thread.nextAggregate(),
    type: 'ingest.message-changed',
    origin: causedOutside(actor, traceparent),
    occurredAt: new Date(told.occurredAt),
    receivedAt,
    data: { conversationId: thread.conversationId, messageId, accountId, channel, by, change },
  };
}
