import type { ChannelAccountId, ConversationId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import type { IdentityKind } from './customer/identity.domain.ts';
import type { LinkReason } from './link/link.domain.ts';
import type * as table from './db.generated.ts';

type Narrowed<Table, Columns extends Partial<Record<keyof Table, unknown>>> = Omit<Table, keyof Columns> & Columns;

/** The tables of this service, with the ids and closed words that their keys and check constraints guarantee. */
export interface Tables {
  customer: Narrowed<table.CustomerTable, { tenant_id: TenantId; id: CustomerId; merged_into: CustomerId | null }>;
  customer_identity: Narrowed<
    table.CustomerIdentityTable,
    { tenant_id: TenantId; kind: IdentityKind; account_id: ChannelAccountId; customer_id: CustomerId }
  >;
  conversation_link: Narrowed<
    table.ConversationLinkTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      customer_id: CustomerId | null;
      order_id: OrderId | null;
      reason: LinkReason | null;
    }
  >;
}
