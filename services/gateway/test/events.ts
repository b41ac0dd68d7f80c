import {
  type AgentId,
  type AnyEvent,
  type ChannelAccountId,
  type ConversationId,
  type MessageId,
  newId,
  type NoteId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from '@crossdesk/testkit';

const at = '2026-01-02T03:04:05.678Z';

export interface InboxFact {
  readonly tenantId: TenantId;
  readonly conversationId?: ConversationId;
  readonly type?: 'conversation.message-added' | 'conversation.note-added' | 'conversation.reply-requested';
}

/** An event of the conversation topic as its owner writes it. */
export function inboxEvent({
  tenantId,
  conversationId = newId(),
  type = 'conversation.message-added',
}: InboxFact): AnyEvent {
  const of = { tenantId, aggregateId: conversationId };
  const accountId = newId<ChannelAccountId>();
  const conversation = {
    conversationId,
    accountId,
    channel: 'shopee',
    state: 'unread',
    priority: 'normal',
    assigneeId: null,
    unreadCount: 1,
    waitingSince: at,
    lastMessageAt: at,
  } as const;
  const said = {
    messageId: newId<MessageId>(),
    direction: 'inbound',
    author: 'buyer',
    kind: 'text',
    text: 'hi',
  } as const;
  const content = { kind: 'text', text: 'hello' } as const;
  const asked = { conversationId, messageId: newId<MessageId>(), accountId, content, lastInboundAt: null };
  switch (type) {
    case 'conversation.message-added':
      return anEvent(type, { conversation, ...said }, of);
    case 'conversation.note-added':
      return anEvent(type, { conversation, noteId: newId<NoteId>(), agentId: newId<AgentId>() }, of);
    case 'conversation.reply-requested':
      return anEvent(type, asked, of);
  }
}

export interface StoreFact {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
}

export function accountChanged({ tenantId, accountId }: StoreFact): AnyEvent {
  const account = { accountId, channel: 'shopee', displayName: 'Store', externalAccountId: '7' } as const;
  const data = { ...account, status: 'connected', statusReason: null } as const;
  return anEvent('ingest.account-changed', data, { tenantId, aggregateId: accountId });
}

export function deliveryUpdated({ tenantId, accountId }: StoreFact, status: 'sent' | 'failed'): AnyEvent {
  const conversationId = newId<ConversationId>();
  const nothing = { failure: null, detail: null, externalMessageId: null };
  const data = { messageId: newId<MessageId>(), conversationId, accountId, status, ...nothing };
  return anEvent('ingest.delivery-updated', data, { tenantId, aggregateId: conversationId });
}
