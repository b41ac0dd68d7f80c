import type { ConversationId, ErasedRows, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import { jobLostAfterMs } from '../background.ts';

export type SummaryRow = Row<'conversation_summary'>;

/** With whether it takes the last message into account. */
export interface StoredSummary extends SummaryRow {
  readonly isCurrent: boolean;
}

/** Notes that a summary is being written. False: it is there for the last message already, or somebody else just asked. */
export async function beginSummary(trx: Transaction<DB>, row: SummaryRow): Promise<boolean> {
  const lostBefore = new Date(row.begun_at.getTime() - jobLostAfterMs);
  const { tenant_id: _tenantId, conversation_id: _conversationId, locale: _locale, ...state } = row;
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('conversation_summary')
    .values(row)
    .onConflict((clash) =>
      clash
        .columns(['tenant_id', 'conversation_id', 'locale'])
        .doUpdateSet(state)
        .where(
          sql<boolean>`not (conversation_summary.message_id = excluded.message_id
            and (conversation_summary.state = 'written'
              or conversation_summary.state = 'writing' and conversation_summary.begun_at > ${lostBefore}))`,
        ),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Writes what became of a summary; nothing if its conversation was erased, or summarised anew, meanwhile. */
export async function finishSummary(
  trx: Transaction<DB>,
  { tenant_id, conversation_id, locale, message_id, begun_at }: SummaryRow,
  content: Pick<SummaryRow, 'text' | 'state' | 'failure' | 'model'>,
): Promise<void> {
  await trx
    .updateTable('conversation_summary')
    .set(content)
    .where('tenant_id', '=', tenant_id)
    .where('conversation_id', '=', conversation_id)
    .where('locale', '=', locale)
    .where('message_id', '=', message_id)
    .where('begun_at', '=', begun_at)
    .execute();
}

/** The summaries of conversations in a language. */
export async function summariesIn(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
  locale: string,
): Promise<ReadonlyMap<ConversationId, StoredSummary>> {
  const { rows } = await sql<StoredSummary>`
    select s.*, not exists (select from message_text t
      where t.tenant_id = s.tenant_id and t.conversation_id = s.conversation_id
        and t.position > (select position from message_text l
          where l.tenant_id = s.tenant_id and l.message_id = s.message_id)) as "isCurrent"
    from conversation_summary s
    where s.tenant_id = ${tenantId} and s.conversation_id = any(${conversationIds}::uuid[]) and s.locale = ${locale}`.execute(
    trx,
  );
  return new Map(rows.map((row) => [row.conversation_id, row]));
}

export async function eraseSummaries(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numDeletedRows } = await trx
    .deleteFrom('conversation_summary')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return [{ table: 'conversation_summary', count: Number(numDeletedRows) }];
}

export async function forgetSummaries(trx: Transaction<DB>, before: Date): Promise<void> {
  await trx.deleteFrom('conversation_summary').where('begun_at', '<', before).execute();
}
