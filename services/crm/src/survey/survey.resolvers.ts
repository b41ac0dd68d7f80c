import type { ChannelAccountId } from '@crossdesk/contracts';
import { inputId, signedIn, signedInAs, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { upsertSurveyPolicy } from './survey.commands.ts';
import { delayMinutesDefault, mailDelayMinutesDefault } from './survey.domain.ts';
import { listPolicies } from './survey-policy.store.ts';
import { surveyTexts } from './survey-texts.domain.ts';
import { csatOfPolicy } from './survey.store.ts';

export const surveyResolvers: Resolvers = {
  Query: {
    surveyPolicies: (_, __, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      return runtime.db.forTenant(tenantId, (trx) => listPolicies(trx, tenantId));
    },
  },
  Mutation: {
    upsertSurveyPolicy: async (_, { input }, { request, app: { runtime } }) => {
      signedInAs(request, 'admin');
      const { key, isOn, expectedVersion } = input;
      const wish = {
        ...{ key: key.trim(), isOn, expectedVersion, texts: input.texts ?? [] },
        accountIds: (input.accountIds ?? []).map((id) => inputId<ChannelAccountId>(id)),
        delayMinutes: input.delayMinutes ?? delayMinutesDefault,
        mailDelayMinutes: input.mailDelayMinutes ?? mailDelayMinutesDefault,
      };
      const outcome = await runtime.commands.asked(request, 'upsertSurveyPolicy', (call) =>
        upsertSurveyPolicy(runtime, call, wish),
      );
      return toPayload('policy', outcome);
    },
  },
  SurveyPolicy: {
    accounts: ({ accountIds }) => accountIds.map((id) => ({ id })),
    texts: ({ texts }) => (texts.length === 0 ? [...surveyTexts] : [...texts]),
    hasOwnTexts: ({ texts }) => texts.length > 0,
    csat: ({ id }, { from, to }, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      const span = { from: from ?? null, to: to ?? null };
      return runtime.db.forTenant(tenantId, (trx) => csatOfPolicy(trx, tenantId, id, span));
    },
  },
  Csat: { distribution: ({ distribution }) => [...distribution] },
  SurveyText: { channel: ({ channel }) => channel ?? null },
};
