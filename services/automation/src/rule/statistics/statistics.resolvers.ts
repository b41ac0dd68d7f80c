import { signedIn } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { limitHoursMax } from '../rule-input.domain.ts';
import { statisticsByRules } from './statistics.store.ts';

const keptMs = limitHoursMax * 3_600_000;

export const ruleStatisticsResolvers: graphql.Resolvers = {
  AutomationRule: {
    statistics: ({ id }, { from, to }, { request, loaders, app: { runtime } }) => {
      signedIn(request);
      const end = to ?? runtime.clock.now();
      const begin = new Date(Math.max(end.getTime() - keptMs, from?.getTime() ?? 0));
      return loaders.loadPresent(statisticsByRules, id, { from: begin.toISOString(), to: end.toISOString() });
    },
  },
};
