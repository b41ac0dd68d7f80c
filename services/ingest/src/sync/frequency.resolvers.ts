import { fromEnum, inputId, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import { setSyncInterval } from '../account/account.commands.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { chooseSeconds, frequencyOf, syncFrequencies } from './frequency.domain.ts';

export const frequencyResolvers: Resolvers = {
  Mutation: {
    setSyncFrequency: async (_root, { input }, { request, deps }) => {
      signedInAs(request, 'admin');
      const chosen = chooseSeconds(fromEnum(syncFrequencies, input.frequency), input.everySeconds ?? null);
      const outcome = chosen.ok
        ? await deps.runtime.commands.asked(request, 'setSyncFrequency', (call) =>
            setSyncInterval(deps, call, inputId(input.accountId), chosen.value),
          )
        : chosen;
      return toPayload('account', outcome);
    },
  },
  ChannelAccount: {
    syncFrequency: ({ sync_every_seconds: seconds }) => (seconds === null ? null : toEnum(frequencyOf(seconds))),
    syncEverySeconds: (row) => row.sync_every_seconds,
  },
};
