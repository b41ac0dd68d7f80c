import { signedIn, toPayload } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type { Resolvers } from '../../graphql.generated.ts';
import { setFxRate } from './rate.commands.ts';
import { readStoredRates } from './rate.store.ts';

export const rateResolvers: Resolvers<GraphqlContext> = {
  Query: {
    fxRates: (_, __, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readStoredRates(trx, tenantId));
    },
  },
  Mutation: {
    setFxRate: async (_, { input }, { request, app: { runtime, nudgeStats } }) => {
      const { currency, day, perEur } = input;
      const outcome = await runtime.commands.asked(request, 'setFxRate', (call) =>
        setFxRate(runtime, call, { currency, day, perEur }),
      );
      nudgeStats();
      return toPayload('rate', outcome);
    },
  },
};
