import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { alike, weighed } from '../alike.ts';
import { type Article, type ArticleContent, originalOf } from '../article/article.domain.ts';
import { articlesByIds, listArticles } from '../article/article.store.ts';
import type { createIndexCache } from '../retrieval/index-cache.ts';
import { search } from '../retrieval/search.ts';

interface Deps {
  readonly db: Pick<ServiceRuntime<DB>['db'], 'forTenant'>;
  readonly clock: ServiceRuntime<DB>['clock'];
  readonly indexOf: ReturnType<typeof createIndexCache>;
}

export interface SimilarArticle {
  readonly article: Article;
  /** How much of what the two say is in both, 0 to 1. */
  readonly likeness: number;
}

/** Two articles that share so much say nearly the same. */
const likenessMin = 0.3;
const comparedMax = 30;
const draftsMax = 100;
const charactersMax = 4_000;

/** Articles and drafts that say nearly the same in one of the languages, the most alike first. */
export async function similarArticles(
  { db, clock, indexOf }: Deps,
  { tenantId, id, content }: Article,
  first: number,
): Promise<SimilarArticle[]> {
  const original = originalOf(content);
  if (original === null) return [];
  const text = wordsOf(original);
  const nobody = { sku: null, market: null, channel: null, isForBuyers: false, now: clock.now() };
  const hits = search(await indexOf(tenantId), { text, locale: original.locale, intents: [] }, nobody);
  const ids = hits.slice(0, comparedMax).map(({ articleId }) => articleId);
  const others = await db.forTenant(tenantId, async (trx) => {
    const drafts = await listArticles(trx, tenantId, {
      filter: draftsIn(original.locale),
      first: draftsMax,
      after: null,
    });
    return [...(await articlesByIds(trx, tenantId, ids)).values(), ...drafts.map(({ article }) => article)];
  });
  const own = weighed(text);
  return others
    .filter((article) => article.id !== id)
    .map((article) => ({ article, likeness: likenessOf(article.content) }))
    .filter(({ likeness }) => likeness >= likenessMin)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, first);

  function likenessOf({ texts }: ArticleContent): number {
    return Math.max(...texts.map((one) => alike(own, weighed(wordsOf(one)))));
  }
}

function wordsOf({ title, questions, body }: ArticleContent['texts'][number]): string {
  return [title, ...questions, body].join('\n').slice(0, charactersMax);
}

function draftsIn(locale: string) {
  return {
    types: null,
    states: ['draft'],
    market: null,
    sku: null,
    channel: null,
    locale,
    inForceAt: null,
    expiresBefore: null,
    hasStaleText: null,
    hasDifferingNumbers: null,
  } as const;
}
