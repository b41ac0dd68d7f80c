import { toEnum } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { orderVariables } from '../../order/latest-orders.ts';
import { recentPeriod, staleReasons } from './stale.domain.ts';
import { recentUseOf, statisticsOf } from './template-statistics.store.ts';

const periodDaysMax = 400;

export const templateStatisticsResolvers: graphql.Resolvers = {
  Template: {
    statistics: ({ id }, { from, to }, { loaders }) => {
      const isPeriod = from < to && to.getTime() - from.getTime() <= periodDaysMax * 86_400_000;
      return isPeriod ? loaders.load(statisticsOf, id, { from, to }) : null;
    },
    staleReasons: async (template, _, { app: { runtime }, loaders }) => {
      const now = runtime.clock.now();
      const use = await loaders.load(recentUseOf, template.id, recentPeriod(now));
      return use === null ? [] : staleReasons(template, use, { sources: orderVariables, now });
    },
  },
  TemplateStatistics: { refusals: ({ refusals }) => [...refusals] },
  TemplateStaleReason: { kind: ({ kind }) => toEnum(kind), about: ({ about }) => [...about] },
};
