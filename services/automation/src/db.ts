import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';

/** The tables of this service, as its migrations make them. */
export interface Tables {
  message_analysis: {
    tenant_id: TenantId;
    message_id: MessageId;
    conversation_id: ConversationId;
    language: string | null;
    confidence: number;
    engine: string;
    analysed_at: Date;
  };
  analysed_conversation: { tenant_id: TenantId; conversation_id: ConversationId; version: number };
}
