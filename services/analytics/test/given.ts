import {
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type EventOf,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from '@crossdesk/testkit';

export type Snapshot = EventData<'conversation.changed'>['conversation'];

/** An event after which a conversation may count as something else. */
export type Counted = EventOf<
  'conversation.changed' | 'conversation.message-added' | 'conversation.delivery-changed' | 'conversation.sla-breached'
>;

export interface GivenSnapshot extends Partial<Snapshot> {
  readonly tenantId: TenantId;
  readonly version: number;
}

const placed = ({ tenantId, version, ...given }: GivenSnapshot) => {
  const conversation = snapshotOf(given);
  const place = { tenantId, aggregateId: conversation.conversationId, aggregateVersion: version };
  return { conversation, place };
};

/** A conversation as events tell it; pass only the fields that matter to the test. */
function snapshotOf(given: Partial<Snapshot>): Snapshot {
  return {
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
}

/** A change of a conversation as the conversation service publishes it. */
export function givenChange(of: GivenSnapshot): EventOf<'conversation.changed'> {
  const { conversation, place } = placed(of);
  const data = { conversation, change: 'state', previousState: 'pending' } as const;
  return anEvent('conversation.changed', data, place);
}

export function givenMessage(
  of: GivenSnapshot,
  author: EventData<'conversation.message-added'>['author'],
): EventOf<'conversation.message-added'> {
  const { conversation, place } = placed(of);
  const direction = author === 'buyer' ? 'inbound' : 'outbound';
  const message = { messageId: newId<MessageId>(), direction, author, kind: 'text', text: null } as const;
  return anEvent('conversation.message-added', { conversation, ...message }, place);
}

export function givenDelivery(
  of: GivenSnapshot,
  delivery: Pick<EventData<'conversation.delivery-changed'>, 'messageId' | 'status'>,
): EventOf<'conversation.delivery-changed'> {
  const { conversation, place } = placed(of);
  const data = { conversation, failure: null, ...delivery };
  return anEvent('conversation.delivery-changed', data, place);
}
