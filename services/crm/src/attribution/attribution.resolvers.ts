import { signedInAs } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type { Resolvers } from '../graphql.generated.ts';
import { readConversion } from './attribution.store.ts';
import { shareOf } from './dispute.domain.ts';
import { countDisputes } from './dispute.store.ts';

const windowDaysMax = 30;
const periodDaysMax = 366;
const dayMs = 86_400_000;

export const attributionResolvers: Resolvers = {
  Query: {
    conversionAfterContact: async (_, { from, to, windowDays }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      refusePeriod(from, to);
      if (windowDays < 1 || windowDays > windowDaysMax) throw refused(`windowDays must be 1 to ${windowDaysMax}`);
      const found = await runtime.db.forTenant(tenantId, (trx) =>
        readConversion(trx, tenantId, { from, to, windowDays }),
      );
      const { conversations, convertedConversations } = found;
      return { ...found, rate: conversations === 0 ? null : convertedConversations / conversations };
    },
    disputeRate: async (_, { from, to }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      refusePeriod(from, to);
      const found = await runtime.db.forTenant(tenantId, (trx) => countDisputes(trx, tenantId, { from, to }));
      return { withContact: shareOf(found.withContact), withoutContact: shareOf(found.withoutContact) };
    },
  },
};

/** @throws GraphQLError BAD_USER_INPUT */
function refusePeriod(from: Date, to: Date): void {
  const days = (to.getTime() - from.getTime()) / dayMs;
  if (!(days > 0 && days <= periodDaysMax))
    throw refused(`to must be later than from, by at most ${periodDaysMax} days`);
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
