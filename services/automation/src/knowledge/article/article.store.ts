import type { AgentId, ArticleId, TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate, type NamePlace } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import {
  type Article,
  type ArticleChange,
  type ArticleContent,
  type ArticleState,
  type ArticleType,
  isStale,
  numbersApart,
  originalOf,
} from './article.domain.ts';

export interface ArticleFilter {
  readonly types: readonly ArticleType[] | null;
  readonly states: readonly ArticleState[] | null;
  readonly market: string | null;
  readonly sku: string | null;
  readonly channel: string | null;
  readonly locale: string | null;
  readonly inForceAt: Date | null;
  readonly expiresBefore: Date | null;
  readonly hasStaleText: boolean | null;
  readonly hasDifferingNumbers: boolean | null;
}

export interface ArticlePage {
  readonly filter: ArticleFilter;
  readonly first: number;
  readonly after: NamePlace | null;
}

/** An article at one of its versions. */
export interface ArticleRevision {
  readonly version: number;
  readonly change: ArticleChange;
  readonly agentId: AgentId | null;
  readonly changedAt: Date;
  readonly inForceFrom: Date | null;
  readonly inForceTo: Date | null;
  readonly content: ArticleContent;
}

const head = sql`a.tenant_id, a.id, a.key, a.state, a.published_version, a.content_version, a.version, a.conversation_id,
  a.created_at, a.updated_at`;
export const said = sql`v.type, v.is_for_buyers, v.channel, v.markets, v.skus, v.valid_from, v.valid_to, v.review_by,
  v.original_locale, v.texts`;

type HeadRow = Omit<Row<'article'>, 'told_review_by' | 'told_valid_to'>;
export type ContentRow = Pick<
  Row<'article_version'>,
  | 'type'
  | 'is_for_buyers'
  | 'channel'
  | 'markets'
  | 'skus'
  | 'valid_from'
  | 'valid_to'
  | 'review_by'
  | 'original_locale'
  | 'texts'
>;

/** Locks a key of a workspace, also one that no article has yet, and reads its article. */
export async function lockArticleKey(trx: Transaction<DB>, tenantId: TenantId, key: string): Promise<Article | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation article ${tenantId} ${key}`}, 0))`.execute(trx);
  const found = await articleByKey(trx, tenantId, key);
  return found === null ? null : lockArticle(trx, tenantId, found.id);
}

export async function articleByKey(trx: Transaction<DB>, tenantId: TenantId, key: string): Promise<Article | null> {
  return (await readArticles(trx, sql`a.tenant_id = ${tenantId} and a.key = ${key}`))[0] ?? null;
}

/** Locks an article; null if it does not exist. */
export async function lockArticle(trx: Transaction<DB>, tenantId: TenantId, id: ArticleId): Promise<Article | null> {
  const found = await readArticles(trx, sql`a.tenant_id = ${tenantId} and a.id = ${id} for update of a`);
  return found[0] ?? null;
}

export async function articlesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ArticleId[],
): Promise<Map<ArticleId, Article>> {
  const found = await readArticles(trx, sql`a.tenant_id = ${tenantId} and a.id = any(${ids}::uuid[])`);
  return new Map(found.map((article) => [article.id, article]));
}

async function readArticles(trx: Transaction<DB>, condition: RawBuilder<unknown>): Promise<Article[]> {
  const { rows } = await sql<HeadRow & ContentRow>`select ${head}, ${said} ${withContent()} where ${condition}`.execute(
    trx,
  );
  return rows.map(toArticle);
}

function withContent() {
  return sql`from article a join article_version v
    on v.tenant_id = a.tenant_id and v.article_id = a.id and v.version = a.content_version`;
}

/** Writes an article that is locked in this transaction, and what it says from this version on. */
export async function saveArticle(
  trx: Transaction<DB>,
  article: Article,
  change: ArticleChange,
  agentId: AgentId | null,
): Promise<LockedAggregate> {
  const { tenantId, id, key, conversationId, createdAt, updatedAt, version } = article;
  const state = {
    state: article.state,
    published_version: article.publishedVersion,
    content_version: article.contentVersion,
    version,
    updated_at: updatedAt,
  };
  await trx
    .insertInto('article')
    .values({ tenant_id: tenantId, id, key, conversation_id: conversationId, created_at: createdAt, ...state })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
    .execute();
  if (change !== 'written') await endForce(trx, article);
  const inForceFrom = change === 'published' ? updatedAt : null;
  const row = { tenant_id: tenantId, article_id: id, version, change, agent_id: agentId, changed_at: updatedAt };
  await trx
    .insertInto('article_version')
    .values({ ...row, in_force_from: inForceFrom, ...toContentRow(article.content) })
    .execute();
  return lockedAggregate(article);
}

async function endForce(trx: Transaction<DB>, { tenantId, id, updatedAt }: Article): Promise<void> {
  await trx
    .updateTable('article_version')
    .set({ in_force_to: updatedAt })
    .where('tenant_id', '=', tenantId)
    .where('article_id', '=', id)
    .where('in_force_from', 'is not', null)
    .where('in_force_to', 'is', null)
    .execute();
}

/** Articles by title, one more than asked for. */
export async function listArticles(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { filter, first, after }: ArticlePage,
): Promise<{ readonly article: Article; readonly place: NamePlace }[]> {
  const behind = after === null ? sql`` : sql`and (v.title, a.id) > (${after.name}, ${after.id}::uuid)`;
  const { rows } = await sql<HeadRow & ContentRow & { title: string }>`
    select ${head}, ${said}, v.title ${matching(tenantId, filter)} ${behind}
    order by v.title, a.id limit ${first + 1}`.execute(trx);
  return rows.map((row) => ({ article: toArticle(row), place: { name: row.title, id: row.id } }));
}

export function countArticles(trx: Transaction<DB>, tenantId: TenantId, filter: ArticleFilter): Promise<number> {
  return countRows(trx, sql`select 1 ${matching(tenantId, filter)}`);
}

/** `w` is what the filter looks at: the words in force at a time, or the last ones. */
function matching(tenantId: TenantId, filter: ArticleFilter) {
  const { inForceAt, market, sku, channel, locale } = filter;
  const version = inForceAt === null ? sql`w.version = a.content_version` : isInForce(inForceAt);
  const conditions = [
    ...(filter.types === null ? [] : [sql`w.type = any(${filter.types}::text[])`]),
    ...(filter.states === null ? [] : [sql`a.state = any(${filter.states}::text[])`]),
    ...(market === null ? [] : [sql`(w.markets = '{}' or ${market} = any(w.markets))`]),
    ...(sku === null ? [] : [sql`(w.skus = '{}' or ${sku} = any(w.skus))`]),
    ...(channel === null ? [] : [sql`(w.channel is null or w.channel = ${channel})`]),
    ...(locale === null ? [] : [sql`w.texts @> ${JSON.stringify([{ locale }])}::jsonb`]),
    ...(filter.expiresBefore === null ? [] : [sql`least(w.review_by, w.valid_to) < ${filter.expiresBefore}`]),
    ...(filter.hasStaleText === null ? [] : [sql`w.has_stale_text = ${filter.hasStaleText}`]),
    ...(filter.hasDifferingNumbers === null ? [] : [sql`w.has_differing_numbers = ${filter.hasDifferingNumbers}`]),
  ];
  const and = sql.join([sql`a.tenant_id = ${tenantId}`, ...conditions], sql` and `);
  return sql`${withContent()}
    join article_version w on w.tenant_id = a.tenant_id and w.article_id = a.id and ${version} where ${and}`;
}

function isInForce(at: Date) {
  return sql`w.in_force_from <= ${at} and (w.in_force_to is null or w.in_force_to > ${at})
    and (w.valid_from is null or w.valid_from <= ${at}) and (w.valid_to is null or w.valid_to > ${at})`;
}

type RevisionRow = ContentRow &
  Pick<
    Row<'article_version'>,
    'article_id' | 'version' | 'change' | 'agent_id' | 'changed_at' | 'in_force_from' | 'in_force_to'
  >;

const revision = sql`v.article_id, v.version, v.change, v.agent_id, v.changed_at, v.in_force_from, v.in_force_to`;

/** What articles said at a time; articles that were not in force then are left out. */
export async function revisionsInForce(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ArticleId[],
  at: string,
): Promise<Map<ArticleId, ArticleRevision>> {
  const { rows } = await sql<RevisionRow>`
    select ${revision}, ${said} from article_version w
    join article_version v on v.tenant_id = w.tenant_id and v.article_id = w.article_id and v.version = w.version
    where w.tenant_id = ${tenantId} and w.article_id = any(${ids}::uuid[]) and ${isInForce(new Date(at))}`.execute(trx);
  return new Map(rows.map((row) => [row.article_id, toRevision(row)]));
}

/** What articles said, the last first: one more than asked for, before a version. */
export async function revisionPages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ArticleId[],
  { first, before }: { readonly first: number; readonly before: number | null },
): Promise<Map<ArticleId, ArticleRevision[]>> {
  const behind = before === null ? sql`` : sql`and version < ${before}::int`;
  const { rows } = await sql<RevisionRow>`
    select ${revision}, ${said} from unnest(${ids}::uuid[]) as a (id)
    cross join lateral (
      select * from article_version where tenant_id = ${tenantId} and article_id = a.id ${behind}
      order by version desc limit ${first + 1}) v
    order by v.version desc`.execute(trx);
  const pages = Map.groupBy(rows, (row) => row.article_id);
  return new Map([...pages].map(([id, page]) => [id, page.map(toRevision)]));
}

function toContentRow(content: ArticleContent) {
  return {
    type: content.type,
    title: originalOf(content)?.title ?? '',
    is_for_buyers: content.isForBuyers,
    channel: content.channel,
    markets: [...content.markets],
    skus: [...content.skus],
    valid_from: content.validFrom,
    valid_to: content.validTo,
    review_by: content.reviewBy,
    original_locale: content.originalLocale,
    texts: JSON.stringify(content.texts),
    has_stale_text: content.texts.some((text) => isStale(text, content)),
    has_differing_numbers: content.texts.some((text) => numbersApart(text, content).length > 0),
  };
}

export function toContent(row: ContentRow): ArticleContent {
  return {
    type: row.type,
    isForBuyers: row.is_for_buyers,
    channel: row.channel,
    markets: row.markets,
    skus: row.skus,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    reviewBy: row.review_by,
    originalLocale: row.original_locale,
    texts: row.texts,
  };
}

function toArticle(row: HeadRow & ContentRow): Article {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    key: row.key,
    state: row.state,
    publishedVersion: row.published_version,
    contentVersion: row.content_version,
    version: row.version,
    conversationId: row.conversation_id,
    content: toContent(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toRevision(row: RevisionRow): ArticleRevision {
  return {
    version: row.version,
    change: row.change,
    agentId: row.agent_id,
    changedAt: row.changed_at,
    inForceFrom: row.in_force_from,
    inForceTo: row.in_force_to,
    content: toContent(row),
  };
}
