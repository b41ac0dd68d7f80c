import { isUuid } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';

export const messageResolvers: Resolvers = {
  Message: {
    __resolveReference: ({ id, deletedAt }) => ({ id, deletedAt: deletedAt ?? null }),
    wholeText: async ({ id }, _args, context) => {
      signedIn(context.request);
      return isUuid(id) ? context.wholeTexts.load(id) : null;
    },
    rawPayload: async ({ id }, _args, context) => {
      const mayRead = signedIn(context.request).role !== 'agent';
      return mayRead && isUuid(id) ? context.rawPayloads.load(id) : null;
    },
  },
};
