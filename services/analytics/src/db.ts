import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import type { Narrowed } from '@crossdesk/service-kit';
import type { Selectable } from 'kysely';
import type { ConversationState } from './inbox/inbox.domain.ts';
import type * as table from './db.generated.ts';

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
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

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
