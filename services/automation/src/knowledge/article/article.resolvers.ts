import { fromChannelName, toChannelName } from '@crossdesk/channels';
import { type ArticleId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { archiveArticle, publishArticle, upsertArticle } from './article.commands.ts';
import {
  type Article,
  type ArticleContent,
  articleStates,
  articleTypes,
  isStale,
  numbersApart,
  originalOf,
} from './article.domain.ts';
import { readArticle, type WrittenContent } from './article-input.domain.ts';
import { intentsOf } from './article-intents.ts';
import {
  articleByKey,
  type ArticleFilter,
  articlesByIds,
  countArticles,
  listArticles,
  revisionPages,
  revisionsInForce,
} from './article.store.ts';

export const articleResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    article: (_, { id }, context) => articleById(id, context),
    articles: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const filter = filterIn(args.filter ?? {});
      const first = pageSize(args.first);
      const wanted = { filter, first, after: decodeNamePlace(args.after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => listArticles(trx, tenantId, wanted));
      const page = connectionOf(
        found,
        { first, after: args.after },
        ({ place }) => encodeNamePlace(place),
        ({ article }) => article,
      );
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countArticles(trx, tenantId, filter)));
    },
  },
  Mutation: {
    upsertArticle: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const { key, expectedVersion } = input;
      const content = readArticle(key, contentIn(input), intentsOf);
      const outcome = content.ok
        ? await runtime.commands.asked(request, 'upsertArticle', (call) =>
            upsertArticle(runtime, call, {
              key,
              expectedVersion: expectedVersion ?? null,
              content: content.value,
              conversationId: null,
            }),
          )
        : content;
      const read = () => runtime.db.forTenant(tenantId, (trx) => articleByKey(trx, tenantId, key));
      return toPayload('article', await withPresent(outcome, read));
    },
    publishArticle: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wanted = { ...input, articleId: inputId<ArticleId>(input.articleId) };
      const outcome = await runtime.commands.asked(request, 'publishArticle', (call) =>
        publishArticle(runtime, call, wanted),
      );
      return toPayload('article', await withPresent(outcome, () => loaders.load(articlesByIds, wanted.articleId)));
    },
    archiveArticle: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wanted = { ...input, articleId: inputId<ArticleId>(input.articleId) };
      const outcome = await runtime.commands.asked(request, 'archiveArticle', (call) =>
        archiveArticle(runtime, call, wanted),
      );
      return toPayload('article', await withPresent(outcome, () => loaders.load(articlesByIds, wanted.articleId)));
    },
  },
  ArticleConnection: countResolvers,
  Article: {
    __resolveReference: ({ id }, context) => articleById(id, context),
    state: ({ state }) => toEnum(state),
    hasUnpublishedChanges: ({ publishedVersion, contentVersion }) =>
      publishedVersion !== null && publishedVersion !== contentVersion,
    inForce: ({ id }, { at }, { app: { runtime }, loaders }) =>
      loaders.load(revisionsInForce, id, (at ?? runtime.clock.now()).toISOString()),
    conversation: ({ conversationId }) => (conversationId === null ? null : { id: conversationId }),
    history: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const after = decodeNamePlace(args.after);
      const before = after === null ? null : Math.trunc(Number(after.name)) || 0;
      const found = (await loaders.load(revisionPages, id, { first, before })) ?? [];
      return connectionOf(
        found,
        { first, after: args.after },
        ({ version }) => encodeNamePlace({ name: String(version), id }),
        (revision) => revision,
      );
    },
  },
  ArticleRevision: { change: ({ change }) => toEnum(change) },
  ArticleContent: {
    type: ({ type }) => toEnum(type),
    channel: ({ channel }) => (channel === null ? null : toChannelName(channel)),
    markets: ({ markets }) => [...markets],
    skus: ({ skus }) => [...skus],
    title: (content) => originalOf(content)?.title ?? '',
    texts: (content) => content.texts.map((text) => shownText(text, content)),
  },
};

function shownText({ questions, intents, ...text }: ArticleContent['texts'][number], content: ArticleContent) {
  return {
    ...text,
    questions: [...questions],
    intents: intents.map(toEnum),
    isStale: isStale({ ...text, questions, intents }, content),
    differingNumbers: numbersApart({ ...text, questions }, content),
  };
}

function articleById(text: string, { loaders, request }: GraphqlContext): Promise<Article | null> | null {
  signedIn(request);
  const id = parseId<ArticleId>(text);
  return id === null ? null : loaders.load(articlesByIds, id);
}

function filterIn(filter: graphql.ArticleFilter): ArticleFilter {
  return {
    types: filter.types?.map((type) => fromEnum(articleTypes, type)) ?? null,
    states: filter.states?.map((state) => fromEnum(articleStates, state)) ?? null,
    market: filter.market?.toUpperCase() ?? null,
    sku: filter.sku ?? null,
    channel: filter.channel ? fromChannelName(filter.channel) : null,
    locale: filter.locale ?? null,
    inForceAt: filter.inForceAt ?? null,
    expiresBefore: filter.expiresBefore ?? null,
    hasStaleText: filter.hasStaleText ?? null,
    hasDifferingNumbers: filter.hasDifferingNumbers ?? null,
  };
}

function contentIn(input: graphql.UpsertArticleInput): WrittenContent {
  return {
    type: fromEnum(articleTypes, input.type),
    isForBuyers: input.isForBuyers ?? true,
    channel: input.channel ? fromChannelName(input.channel) : null,
    markets: input.markets ?? [],
    skus: input.skus ?? [],
    validFrom: input.validFrom ?? null,
    validTo: input.validTo ?? null,
    reviewBy: input.reviewBy ?? null,
    originalLocale: input.originalLocale,
    texts: input.texts.map(({ locale, title, body, questions, isChecked }) => ({
      locale,
      title,
      body,
      questions: questions ?? [],
      isChecked: isChecked ?? false,
    })),
  };
}
