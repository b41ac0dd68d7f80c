import type { ArticleId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { type ContentRow, said, toContent } from '../article/article.store.ts';
import type { PublishedArticle } from './knowledge-index.ts';

export interface ChangedArticle {
  readonly articleId: ArticleId;
  /** Null: it is not published. */
  readonly version: number | null;
  readonly changedAt: Date;
}

/** Articles that were changed since a time, published or not. */
export async function changedSince(trx: Transaction<DB>, tenantId: TenantId, since: Date): Promise<ChangedArticle[]> {
  const rows = await trx
    .selectFrom('article')
    .select(['id', 'published_version', 'updated_at'])
    .where('tenant_id', '=', tenantId)
    .where('updated_at', '>', since)
    .execute();
  return rows.map((row) => ({ articleId: row.id, version: row.published_version, changedAt: row.updated_at }));
}

/** What articles say that is in force, or will be or was within their validity. */
export async function publishedContents(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ArticleId[],
): Promise<PublishedArticle[]> {
  const { rows } = await sql<ContentRow & { id: ArticleId; version: number }>`
    select a.id, v.version, ${said} from article a
    join article_version v on v.tenant_id = a.tenant_id and v.article_id = a.id and v.version = a.published_version
    where a.tenant_id = ${tenantId} and a.id = any(${ids}::uuid[])`.execute(trx);
  return rows.map((row) => ({ articleId: row.id, version: row.version, content: toContent(row) }));
}
