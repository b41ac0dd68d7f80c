import type { ConversationId, MessageId, TemplateId, TemplateVariantId, TenantId } from '@crossdesk/contracts';
import type { Variable } from '@crossdesk/message-template';
import type { Narrowed } from '@crossdesk/service-kit';
import type { JSONColumnType, Selectable } from 'kysely';
import type * as table from './db.generated.ts';
import type { Situation } from './template/template.domain.ts';

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
  template: Narrowed<
    table.TemplateTable,
    {
      tenant_id: TenantId;
      id: TemplateId;
      situation: Situation;
      variables: JSONColumnType<readonly Variable[]>;
    }
  >;
  template_variant: Narrowed<
    table.TemplateVariantTable,
    { tenant_id: TenantId; id: TemplateVariantId; template_id: TemplateId }
  >;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
