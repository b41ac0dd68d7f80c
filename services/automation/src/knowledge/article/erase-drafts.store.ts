import type { ConversationId, ErasedRows, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';

/**
 * Erases the words that were drafted from a conversation, in every version before a person published the article. What was
 * published was approved as naming nobody.
 */
export async function eraseArticleDrafts(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numAffectedRows } = await sql`
    update article_version v set title = '', texts = (
      select coalesce(jsonb_agg(text || '{"title": "", "body": "", "questions": []}'), '[]')
      from jsonb_array_elements(v.texts) as t (text))
    from article a
    where a.tenant_id = ${tenantId} and a.conversation_id = ${conversationId}
      and v.tenant_id = a.tenant_id and v.article_id = a.id
      and v.version < coalesce((
        select min(version) from article_version p
        where p.tenant_id = a.tenant_id and p.article_id = a.id and p.in_force_from is not null), v.version + 1)`.execute(
    trx,
  );
  return [{ table: 'article_version', count: Number(numAffectedRows ?? 0) }];
}
