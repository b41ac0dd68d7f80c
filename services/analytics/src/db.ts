import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import type { ConversationState } from './inbox/inbox.domain.ts';
import type * as table from './db.generated.ts';

type Narrowed<Table, Columns extends Partial<Record<keyof Table, unknown>>> = Omit<Table, keyof Columns> & Columns;

/** The tables of this service, with the ids and closed words that their keys and check constraints guarantee. */
export interface Tables {
  conversation_fact: Narrowed<
    table.ConversationFactTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      state: ConversationState;
    }
  >;
  inbox_counter: Narrowed<
    table.InboxCounterTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; state: ConversationState }
  >;
  inbox_progress: Narrowed<table.InboxProgressTable, { tenant_id: TenantId }>;
}
