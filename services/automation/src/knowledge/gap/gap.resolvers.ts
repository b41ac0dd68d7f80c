import type { ArticleId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  inputId,
  pageSize,
  seesAll,
  signedIn,
  toPayload,
} from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { articlesByIds } from '../article/article.store.ts';
import type { GapId } from '../ids.ts';
import { settleKnowledgeGap } from './gap.commands.ts';
import { countGaps, listGaps, questionsOf } from './gap.store.ts';

export const gapResolvers: graphql.Resolvers = {
  Query: {
    knowledgeGaps: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const isSettled = args.isSettled ?? null;
      const first = pageSize(args.first);
      const place = decodeNamePlace(args.after);
      const after = place === null ? null : { count: Math.trunc(Number(place.name)) || 0, id: place.id };
      const found = await runtime.db.forTenant(tenantId, (trx) => listGaps(trx, tenantId, { isSettled, first, after }));
      const page = connectionOf(
        found,
        { first, after: args.after },
        (gap) => encodeNamePlace({ name: String(gap.asked_count), id: gap.id }),
        (gap) => gap,
      );
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countGaps(trx, tenantId, isSettled)));
    },
  },
  Mutation: {
    settleKnowledgeGap: async (_, { input }, { app: { runtime }, request }) => {
      const articleId = typeof input.articleId === 'string' ? inputId<ArticleId>(input.articleId) : null;
      const wanted = { gapId: inputId<GapId>(input.gapId), articleId };
      const outcome = await runtime.commands.asked(request, 'settleKnowledgeGap', (call) =>
        settleKnowledgeGap(runtime, call, wanted),
      );
      return toPayload('gap', outcome);
    },
  },
  KnowledgeGapConnection: countResolvers,
  KnowledgeGap: {
    questions: async ({ id }, _, { loaders }) => (await loaders.load(questionsOf, id)) ?? [],
    askedCount: async ({ id, asked_count: count }, _, { loaders, request }) =>
      seesAll(signedIn(request)) ? count : ((await loaders.load(questionsOf, id)) ?? []).length,
    firstAskedAt: ({ first_asked_at: at }) => at,
    lastAskedAt: ({ last_asked_at: at }) => at,
    settledAt: ({ settled_at: at }) => at,
    article: ({ article_id: id }, _, { loaders }) => (id === null ? null : loaders.load(articlesByIds, id)),
  },
};
