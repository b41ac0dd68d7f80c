import type { ArticleId, ConversationId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { Intent } from '../../analysis/labels.domain.ts';
import { differingNumbers } from '@crossdesk/outgoing-lint/text';

/** What an article is: the first four are about products, the next three about the work, the last about what holds. */
export const articleTypes = [
  'product',
  'guide',
  'faq',
  'troubleshooting',
  'procedure',
  'script',
  'case',
  'policy',
] as const;
export type ArticleType = (typeof articleTypes)[number];

export const articleStates = ['draft', 'published', 'archived'] as const;
export type ArticleState = (typeof articleStates)[number];

export const articleChanges = ['written', 'published', 'archived'] as const;
export type ArticleChange = (typeof articleChanges)[number];

/** What people write in a language. */
export interface TextContent {
  readonly locale: string;
  readonly title: string;
  readonly body: string;
  /** What it answers, as buyers ask it. */
  readonly questions: readonly string[];
}

/** The words in a language. */
export interface ArticleText extends TextContent {
  /** What buyers who need it want, found in title and questions. */
  readonly intents: readonly Intent[];
  /** The version of the article that wrote these words, or said that they are still right. */
  readonly version: number;
}

/** What holds for the words in all languages. */
export interface ArticleScope {
  readonly type: ArticleType;
  readonly isForBuyers: boolean;
  readonly channel: string | null;
  readonly markets: readonly string[];
  readonly skus: readonly string[];
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly reviewBy: Date | null;
  readonly originalLocale: string;
}

/** What people write. The texts are in the order of their locales, and the original is among them. */
export interface NewContent extends ArticleScope {
  readonly texts: readonly (TextContent & {
    readonly intents: readonly Intent[];
    /** A person says that the words are right for the present original, although they stay as they are. */
    readonly isChecked: boolean;
  })[];
}

export interface ArticleContent extends ArticleScope {
  readonly texts: readonly ArticleText[];
}

export interface Article {
  readonly tenantId: TenantId;
  readonly id: ArticleId;
  readonly key: string;
  readonly state: ArticleState;
  readonly publishedVersion: number | null;
  /** The version with the last words: not the one in force if they are not published yet. */
  readonly contentVersion: number;
  readonly version: number;
  readonly conversationId: ConversationId | null;
  readonly content: ArticleContent;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a new article is, before it has words. */
export type Blank = Pick<Article, 'tenantId' | 'id' | 'key' | 'conversationId'>;

interface Upsert {
  /** Null for a caller who knows of no article with this key. */
  readonly expectedVersion: number | null;
  readonly content: NewContent;
  readonly now: Date;
}

/**
 * Creates an article, or replaces its words; what is in force stays so until the change is published. The content that
 * it has already is accepted whatever the version, so that a request can be repeated.
 */
export function upsert(
  present: Article | null,
  blank: Blank,
  { expectedVersion, content, now }: Upsert,
): Decision<Article, 'NOT_FOUND' | 'VERSION_CONFLICT'> {
  const version = (present?.version ?? 0) + 1;
  const written = writtenContent(present?.content ?? null, content, version);
  if (present !== null && isSame(present.content, written)) return accept(present);
  if (present === null && expectedVersion !== null)
    return refuse('NOT_FOUND', 'key', 'There is no article with this key: leave expectedVersion out to create it.');
  if (present !== null && present.version !== expectedVersion) return changedMeanwhile(present);
  const state = present?.state === 'published' ? 'published' : 'draft';
  return accept({
    ...blank,
    publishedVersion: null,
    createdAt: now,
    ...present,
    state,
    content: written,
    contentVersion: version,
    version,
    updatedAt: now,
  });
}

/** Words that stay keep their version, unless a person has checked them against the present original. */
function writtenContent(before: ArticleContent | null, { texts, ...scope }: NewContent, version: number) {
  const written = texts.map(({ isChecked, ...text }): ArticleText => {
    const present = before?.texts.find(({ locale }) => locale === text.locale);
    const isKept = present !== undefined && wordsOf(present) === wordsOf(text);
    const isRenewed = !isKept || (isChecked && before !== null && isStale(present, before));
    return { ...text, version: isRenewed ? version : present.version };
  });
  return { ...scope, texts: written };
}

function wordsOf({ title, body, questions }: TextContent): string {
  return JSON.stringify([title, body, questions]);
}

function isSame(one: ArticleContent, other: ArticleContent): boolean {
  const comparable = ({ texts, ...scope }: ArticleContent) =>
    JSON.stringify([
      scope.type,
      scope.isForBuyers,
      scope.channel,
      scope.markets,
      scope.skus,
      scope.validFrom,
      scope.validTo,
      scope.reviewBy,
      scope.originalLocale,
      texts.map((text) => [text.locale, wordsOf(text), text.version]),
    ]);
  return comparable(one) === comparable(other);
}

interface Wish {
  readonly expectedVersion: number;
  readonly now: Date;
}

/** Brings the last words of an article into force. */
export function publish(article: Article, { expectedVersion, now }: Wish): Decision<Article, 'VERSION_CONFLICT'> {
  if (article.publishedVersion === article.contentVersion) return accept(article);
  if (article.version !== expectedVersion) return changedMeanwhile(article);
  return accept({ ...next(article, now), state: 'published', publishedVersion: article.version + 1 });
}

/** Nobody finds an archived article; what it said when stays known. */
export function archive(article: Article, { expectedVersion, now }: Wish): Decision<Article, 'VERSION_CONFLICT'> {
  if (article.state === 'archived') return accept(article);
  if (article.version !== expectedVersion) return changedMeanwhile(article);
  return accept({ ...next(article, now), state: 'archived', publishedVersion: null });
}

function next(article: Article, now: Date): Article {
  const version = article.version + 1;
  return { ...article, contentVersion: version, version, updatedAt: now };
}

function changedMeanwhile({ version }: Article) {
  return refuse(
    'VERSION_CONFLICT',
    'expectedVersion',
    `The article is at version ${version} now: read it, then decide again.`,
  );
}

export function originalOf({ texts, originalLocale }: ArticleContent): ArticleText | null {
  return texts.find(({ locale }) => locale === originalLocale) ?? null;
}

/** Whether the original was changed after the words of this translation. */
export function isStale(text: ArticleText, content: ArticleContent): boolean {
  return text.version < (originalOf(content)?.version ?? 0);
}

/** The numbers of a translation and its original that the other has not, as they are written. */
export function numbersApart(text: TextContent, content: ArticleContent): string[] {
  const original = originalOf(content);
  if (original === null || original.locale === text.locale) return [];
  return differingNumbers(`${original.title}\n${original.body}`, `${text.title}\n${text.body}`);
}
