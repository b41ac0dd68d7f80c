import { inputId, signedInAs } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import type { ChannelAppId } from '../ids.ts';
import { startAuthorisation } from './authorisation.commands.ts';

export const authorisationResolvers: Resolvers = {
  Mutation: {
    startChannelAuthorisation: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'admin');
      const outcome = await deps.runtime.commands.asked(request, 'startChannelAuthorisation', (call) =>
        startAuthorisation(deps, call, inputId<ChannelAppId>(input.appId)),
      );
      if (!outcome.ok) return { authorisationUrl: null, expiresAt: null, errors: [...outcome.errors] };
      const { url: authorisationUrl, expiresAt } = outcome.value;
      return { authorisationUrl, expiresAt, errors: [] };
    },
  },
};
