import { isUuid } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import type { MessageResolvers } from '../graphql.generated.ts';

/** Messages belong to the conversation service; this one adds what the platform sent. */
export const messageResolvers: MessageResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  rawPayload: async ({ id }, _args, context) => {
    const mayRead = signedIn(context.request).role !== 'agent';
    return mayRead && isUuid(id) ? context.rawPayloads.load(id) : null;
  },
};
