import type { Channel, ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import type { ConversationState } from './inbox/inbox.domain.ts';

/** The tables of this service, as its migrations make them. */
export interface Tables {
  conversation_fact: {
    tenant_id: TenantId;
    conversation_id: ConversationId;
    account_id: ChannelAccountId;
    channel: Channel;
    state: ConversationState;
    unread_count: number;
    version: number;
  };
  inbox_counter: {
    tenant_id: TenantId;
    account_id: ChannelAccountId;
    channel: Channel;
    state: ConversationState;
    /** bigint: text on the way out of the driver. */
    conversation_count: string;
    unread_message_count: string;
  };
  inbox_progress: { tenant_id: TenantId; counted_until: Date };
}
