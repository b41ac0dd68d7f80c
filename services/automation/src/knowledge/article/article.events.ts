import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import { type Article, type ArticleChange, isStale, numbersApart } from './article.domain.ts';

export function articleChanged(
  aggregate: LockedAggregate,
  { id, key, state, publishedVersion, content }: Article,
  change: ArticleChange,
  origin: Origin,
): EventDraft<'automation.article-changed'> {
  return {
    aggregate,
    type: 'automation.article-changed',
    origin,
    data: {
      articleId: id,
      key,
      change,
      state,
      publishedVersion,
      articleType: content.type,
      isForBuyers: content.isForBuyers,
      channel: content.channel,
      markets: [...content.markets],
      skus: [...content.skus],
      validFrom: content.validFrom?.toISOString() ?? null,
      validTo: content.validTo?.toISOString() ?? null,
      reviewBy: content.reviewBy?.toISOString() ?? null,
      originalLocale: content.originalLocale,
      texts: content.texts.map((text) => ({
        locale: text.locale,
        isStale: isStale(text, content),
        hasDifferingNumbers: numbersApart(text, content).length > 0,
      })),
    },
  };
}

export function articleExpiring(
  aggregate: LockedAggregate,
  { id, key }: Pick<Article, 'id' | 'key'>,
  { reason, at }: { readonly reason: 'review' | 'end-of-validity'; readonly at: Date },
  origin: Origin,
): EventDraft<'automation.article-expiring'> {
  return {
    aggregate,
    type: 'automation.article-expiring',
    origin,
    data: { articleId: id, key, reason, at: at.toISOString() },
  };
}
