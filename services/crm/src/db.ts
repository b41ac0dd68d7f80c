import type { ChannelAccountId, ConversationId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import type { IdentityKind } from './customer/identity.domain.ts';
import type { LinkReason } from './link/link.domain.ts';
import type { MentionKind } from './link/mention.domain.ts';

/** The tables of this service, as its migrations make them. */
export interface Tables {
  customer: {
    tenant_id: TenantId;
    id: CustomerId;
    display_name: string | null;
    locale: string | null;
    avatar_url: string | null;
    profiled_at: Date;
    first_seen_at: Date;
    merged_into: CustomerId | null;
  };
  customer_identity: {
    tenant_id: TenantId;
    kind: IdentityKind;
    account_id: ChannelAccountId;
    value: string;
    customer_id: CustomerId;
    first_seen_at: Date;
  };
  order_ref: {
    tenant_id: TenantId;
    order_id: OrderId;
    account_id: ChannelAccountId;
    external_order_id: string;
    order_number: string;
    buyer_external_id: string | null;
    placed_at: Date;
    version: number;
  };
  order_tracking: {
    tenant_id: TenantId;
    account_id: ChannelAccountId;
    tracking_number: string;
    order_id: OrderId;
  };
  conversation_mention: {
    tenant_id: TenantId;
    conversation_id: ConversationId;
    kind: MentionKind;
    token: string;
    account_id: ChannelAccountId;
    mentioned_at: Date;
  };
  conversation_link: {
    tenant_id: TenantId;
    conversation_id: ConversationId;
    customer_id: CustomerId | null;
    order_id: OrderId | null;
    confidence: number | null;
    reason: LinkReason | null;
    linked_at: Date;
    version: number;
  };
}
