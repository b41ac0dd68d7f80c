import { fromChannelName, toChannelName } from '@crossdesk/channels';
import { lintRules } from '@crossdesk/outgoing-lint';
import { fromEnum, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { setLintRule } from './lint-setting.commands.ts';
import { readLintSetting } from './lint-setting.store.ts';

export const lintResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    lintSettings: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readLintSetting(trx, tenantId));
    },
  },
  Mutation: {
    setLintRule: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'admin');
      const change = {
        channel: fromChannelName(input.channel),
        rule: fromEnum(lintRules, input.rule),
        severity: input.severity === 'STOP' ? ('stop' as const) : ('warn' as const),
        expectedVersion: input.expectedVersion,
      };
      const outcome = await runtime.commands.asked(request, 'setLintRule', (call) =>
        setLintRule(runtime, call, change),
      );
      return toPayload('settings', outcome);
    },
  },
  LintSettings: { lowered: ({ lowered }) => [...lowered] },
  LoweredLintRule: { channel: ({ channel }) => toChannelName(channel), rule: ({ rule }) => toEnum(rule) },
  LintFinding: {
    rule: ({ rule }) => toEnum(rule),
    severity: ({ severity }) => toEnum(severity),
    message: ({ message }, { locale }) => (locale.toLowerCase().startsWith('zh') ? message.zh : message.en),
  },
};
