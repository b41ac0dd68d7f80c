import { inputId, signedInAs } from '@crossdesk/service-kit';
import { agreeAgain } from '../account/advice.domain.ts';
import { daysUntil, isEnding } from '../account/consent-end.domain.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { ChannelAppId } from '../ids.ts';
import { startAuthorisation } from './authorisation.commands.ts';

export const authorisationResolvers: Resolvers = {
  ChannelAccount: {
    consent: async ({ id, channel }, _args, { consentEnds, deps }) => {
      const end = await consentEnds.load(id);
      if (end === null) return null;
      const now = deps.runtime.clock.now();
      const { authorisationWarnDays: warnDays } = deps.adapters[channel].record.capabilities;
      const isDue = isEnding(end, warnDays, now);
      const advice = isDue ? agreeAgain : null;
      return {
        endsAt: end.endsAt,
        daysLeft: daysUntil(end, now),
        isAssumed: end.isAssumed,
        isEnding: isDue,
        warnDaysBefore: [...warnDays],
        whatToDo: advice?.en ?? null,
        whatToDoZh: advice?.zh ?? null,
      };
    },
  },
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
