import type { TenantId } from '@crossdesk/contracts';
import { cutAt, findSpans } from '@crossdesk/outgoing-lint/text';
import type { ServiceRuntime } from '@crossdesk/service-kit';
import { understand } from '../../analysis/understand.ts';
import type { DB } from '../../db.ts';
import { detectLanguage } from '../../language/detect-language.ts';
import { type ArticleContent, type ArticleText, isStale, originalOf } from '../article/article.domain.ts';
import { type ArticleRevision, revisionsInForce } from '../article/article.store.ts';
import type { createIndexCache } from './index-cache.ts';
import { type Part, partFor } from './passages.domain.ts';
import { baseOf } from './knowledge-index.ts';
import { type Hit, type Scope, search } from './search.ts';

export interface KnowledgeDeps {
  readonly db: Pick<ServiceRuntime<DB>['db'], 'forTenant'>;
  readonly clock: ServiceRuntime<DB>['clock'];
  readonly indexOf: ReturnType<typeof createIndexCache>;
}

export interface KnowledgeQuestion extends Omit<Scope, 'now'> {
  readonly text: string;
  /** BCP 47: the language that the answer is wanted in. */
  readonly locale: string;
}

/** A part of an article: exactly its words. */
export interface Passage extends Pick<Hit, 'articleId' | 'version'> {
  readonly score: number;
  /** BCP 47: the language of the words. */
  readonly locale: string;
  readonly title: string;
  readonly text: string;
  readonly part: Part;
  /** The words are a translation, and the original was changed after it. */
  readonly isStale: boolean;
}

/** What is less alike is no answer. Chosen on the questions of the tests. */
export const answerScoreMin = 0.28;
/** Passages that are much worse than the best one are of no help. */
const shareOfBestMin = 0.5;

/** The passages that answer a question, in the wanted language where there is one; none if nothing is good enough. */
export async function findPassages(
  { db, clock, indexOf }: KnowledgeDeps,
  tenantId: TenantId,
  { text, locale, ...scope }: KnowledgeQuestion,
  first: number,
): Promise<Passage[]> {
  const index = await indexOf(tenantId);
  const language = detectLanguage(text).language ?? locale;
  const { intents } = understand(text, language);
  const now = clock.now();
  const hits = search(index, { text: withoutIds(text), locale: language, intents }, { ...scope, now });
  const scoreMin = Math.max(answerScoreMin, shareOfBestMin * (hits[0]?.score ?? 0));
  const good = hits.filter(({ score }) => score >= scoreMin).slice(0, first);
  if (good.length === 0) return [];
  const ids = good.map(({ articleId }) => articleId);
  const contents = await db.forTenant(tenantId, (trx) => revisionsInForce(trx, tenantId, ids, now.toISOString()));
  return good.flatMap((hit) => {
    const found = contents.get(hit.articleId);
    return found === undefined ? [] : (passageOf(hit, found, { text, locale }) ?? []);
  });
}

/** Shorter ones may be models of a product. */
const idCharactersMin = 8;

/** The question without addresses and the numbers of orders and parcels: no article has them. */
function withoutIds(text: string): string {
  const isId = ({ kind, text: { length } }: { readonly kind: string; readonly text: string }) =>
    kind === 'url' || kind === 'email' || kind === 'phone' || (kind === 'id' && length >= idCharactersMin);
  return cutAt(text, findSpans(text))
    .map((piece) => (typeof piece === 'string' ? piece : isId(piece) ? ' ' : piece.text))
    .join('');
}

function passageOf(
  { articleId, score, locale: matched }: Hit,
  { version, content }: Pick<ArticleRevision, 'version' | 'content'>,
  question: { readonly text: string; readonly locale: string },
): Passage | null {
  const found = content.texts.find(({ locale }) => locale === matched);
  const shown = textFor(content, question.locale) ?? found;
  if (shown === undefined) return null;
  const part = partFor(question.text, shown, found ?? shown);
  return {
    articleId,
    version,
    score,
    locale: shown.locale,
    title: shown.title,
    text: shown.body.slice(part.start, part.end),
    part,
    isStale: isStale(shown, content),
  };
}

/** The language with its script: people read either of them. */
function languageOf(locale: string): string {
  const { language, script } = new Intl.Locale(locale).maximize();
  return `${language}-${script ?? ''}`;
}

/** The words in the wanted locale, its language, the language in another script, or the original. */
function textFor({ texts, ...content }: ArticleContent, locale: string): ArticleText | null {
  const language = languageOf(locale);
  return (
    texts.find((text) => text.locale === locale) ??
    texts.find((text) => languageOf(text.locale) === language) ??
    texts.find((text) => baseOf(text.locale) === baseOf(locale)) ??
    originalOf({ texts, ...content })
  );
}
