import {
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type EventOf,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from './harness.ts';

export const aBuyer = {
  externalId: 'buyer-1',
  commerceId: 'buyer-1',
  name: 'Ana',
  phone: null,
  email: null,
  avatarUrl: null,
  locale: null,
};

export interface ReceivedMessage extends Partial<EventData<'ingest.message-received'>> {
  readonly tenantId: TenantId;
  readonly occurredAt?: Date;
}

/** A buyer's message as ingest publishes it; pass only the fields that matter for the test. */
export function givenMessage(overrides: ReceivedMessage): EventOf<'ingest.message-received'> {
  const { tenantId, occurredAt, ...data } = overrides;
  const conversationId = data.conversationId ?? newId<ConversationId>();
  return anEvent(
    'ingest.message-received',
    {
      conversationId,
      messageId: newId<MessageId>(),
      accountId: newId<ChannelAccountId>(),
      channel: 'shopee',
      externalThreadId: `thread-${conversationId}`,
      externalMessageId: `message-${newId()}`,
      direction: 'inbound',
      author: 'buyer',
      buyer: aBuyer,
      content: { kind: 'text', text: 'Where is my parcel?' },
      sequence: null,
      replyToExternalId: null,
      externalOrderIds: [],
      ...data,
    },
    { tenantId, aggregateId: conversationId, ...(occurredAt === undefined ? {} : { occurredAt }) },
  );
}
