import {
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type EventOf,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from '@crossdesk/testkit';

type Snapshot = EventData<'conversation.changed'>['conversation'];

export interface GivenSnapshot extends Partial<Snapshot> {
  readonly tenantId: TenantId;
  readonly version: number;
}

/**
 * A change of a conversation as the conversation service publishes it; pass only the fields that matter to the test.
 */
export function givenChange({ tenantId, version, ...given }: GivenSnapshot): EventOf<'conversation.changed'> {
  const conversation: Snapshot = {
    conversationId: newId<ConversationId>(),
    accountId: newId<ChannelAccountId>(),
    channel: 'shopee',
    state: 'unread',
    priority: 'normal',
    assigneeId: null,
    unreadCount: 1,
    waitingSince: null,
    lastMessageAt: '2026-01-02T03:04:05.678Z',
    ...given,
  };
  return anEvent(
    'conversation.changed',
    { conversation, change: 'state', previousState: 'pending' },
    { tenantId, aggregateId: conversation.conversationId, aggregateVersion: version },
  );
}
