import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import type * as table from './db.generated.ts';

type Narrowed<Table, Columns extends Partial<Record<keyof Table, unknown>>> = Omit<Table, keyof Columns> & Columns;

/** The tables of this service, with the ids and closed words that their keys and check constraints guarantee. */
export interface Tables {
  message_analysis: Narrowed<
    table.MessageAnalysisTable,
    { tenant_id: TenantId; message_id: MessageId; conversation_id: ConversationId }
  >;
  analysed_conversation: Narrowed<
    table.AnalysedConversationTable,
    { tenant_id: TenantId; conversation_id: ConversationId }
  >;
}
