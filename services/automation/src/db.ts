import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import type { Narrowed } from '@crossdesk/service-kit';
import type { Selectable } from 'kysely';
import type * as table from './db.generated.ts';

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
  message_analysis: Narrowed<
    table.MessageAnalysisTable,
    { tenant_id: TenantId; message_id: MessageId; conversation_id: ConversationId }
  >;
  analysed_conversation: Narrowed<
    table.AnalysedConversationTable,
    { tenant_id: TenantId; conversation_id: ConversationId }
  >;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
