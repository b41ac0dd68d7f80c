import type { ConversationId, ErasedRows, ErasureId, TenantId } from '@crossdesk/contracts';
import { type AnyEventDraft, causedByEvent, type Delivered, type Outbox } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { lockForEvents } from '../analysis/analysis.store.ts';
import type { DB, Row } from '../db.ts';

/** A topic whose order the erasure of a conversation follows. */
export type ErasurePart = 'inbound' | 'conversation';

type ErasedBuyer = Delivered<'ingest.buyer-erased' | 'conversation.buyer-erased'>;

/**
 * Erases what one topic has brought of a conversation. Words come by two topics, which do not wait for each other: the
 * second to erase tells that this service is done.
 */
export async function notePart(
  { outbox }: { readonly outbox: Pick<Outbox, 'append'> },
  trx: Transaction<DB>,
  part: ErasurePart,
  erased: readonly ErasedBuyer[],
  erase: (conversation: {
    readonly tenantId: TenantId;
    readonly conversationId: ConversationId;
  }) => Promise<ErasedRows>,
): Promise<void> {
  for (const cause of erased) {
    const { tenantId, data } = cause.event;
    const { erasureId, conversationId } = data;
    const rows = await addPart(
      trx,
      { tenantId, erasureId, conversationId },
      part,
      await erase({ tenantId, conversationId }),
    );
    if (rows === null) continue;
    const [aggregate] = await lockForEvents(trx, [{ tenantId, conversationId }]);
    if (aggregate === undefined) continue;
    const told: AnyEventDraft = {
      aggregate,
      type: 'automation.personal-data-erased',
      data: { erasureId, conversationId, rows },
      origin: causedByEvent(cause),
    };
    await outbox.append(trx, [told]);
  }
}

/** The rows of both parts once both are done as often; null before. A repeated erasure does both again. */
async function addPart(
  trx: Transaction<DB>,
  { tenantId, erasureId, conversationId }: { tenantId: TenantId; erasureId: ErasureId; conversationId: ConversationId },
  part: ErasurePart,
  erased: ErasedRows,
): Promise<ErasedRows | null> {
  const [inbound, conversation] = part === 'inbound' ? [1, 0] : [0, 1];
  const { rows } = await sql<Pick<Row<'erasure_step'>, 'inbound_count' | 'conversation_count' | 'erased_rows'>>`
    insert into erasure_step as s (tenant_id, erasure_id, conversation_id, inbound_count, conversation_count, erased_rows)
    values (${tenantId}, ${erasureId}, ${conversationId}, ${inbound}, ${conversation}, ${JSON.stringify(erased)}::jsonb)
    on conflict (tenant_id, erasure_id, conversation_id) do update
    set inbound_count = s.inbound_count + excluded.inbound_count,
      conversation_count = s.conversation_count + excluded.conversation_count,
      erased_rows = case when s.inbound_count = s.conversation_count then excluded.erased_rows
        else s.erased_rows || excluded.erased_rows end
    returning inbound_count, conversation_count, erased_rows`.execute(trx);
  const [step] = rows;
  return step === undefined || step.inbound_count !== step.conversation_count ? null : step.erased_rows;
}
