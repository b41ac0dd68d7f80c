import { isUuid } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import type { MessageResolvers } from '../graphql.generated.ts';

/** Messages belong to the conversation service; this service adds the raw message of the platform. */
export const messageResolvers: MessageResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  rawPayload: async ({ id }, _args, context) => {
    const mayRead = signedIn(context.request).role !== 'agent';
    return mayRead && isUuid(id) ? context.rawPayloads.load(id) : null;
  },
};
