import type { AgentId, ChannelAccountId, ConversationId, MessageId, TeamId, TenantId } from '@crossdesk/contracts';
import type { Narrowed } from '@crossdesk/service-kit';
import type { Selectable } from 'kysely';
import type { ConversationPhase, ConversationState, EnquiryType, InboxMark } from './inbox/inbox.domain.ts';
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
      phase: ConversationPhase;
      assignee_id: AgentId | null;
      team_id: TeamId | null;
      enquiry_type: EnquiryType | null;
      marks: InboxMark[];
      abnormal_ids: MessageId[];
    }
  >;
  inbox_counter: Narrowed<
    table.InboxCounterTable,
    {
      tenant_id: TenantId;
      account_id: ChannelAccountId;
      state: ConversationState;
      phase: ConversationPhase;
      assignee_id: AgentId;
      team_id: TeamId;
      enquiry_type: EnquiryType | '';
    }
  >;
  inbox_change: Narrowed<table.InboxChangeTable, { tenant_id: TenantId }>;
  inbox_told: Narrowed<table.InboxToldTable, { tenant_id: TenantId }>;
  inbox_progress: Narrowed<table.InboxProgressTable, { tenant_id: TenantId }>;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
