import { fromChannelName, toChannelName } from '@crossdesk/channels';
import { signedInAs, toPayload } from '@crossdesk/service-kit';
import { credentialsOfApp, redirectUrlOf, webhookUrlOfApp } from './account-secrets.ts';
import { listAccounts } from './account.store.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { registerApp } from './channel-app.commands.ts';
import { problemOf } from './refusal-notes.ts';
import { listApps } from './channel-app.store.ts';

export const channelAppResolvers: Resolvers = {
  Query: {
    channelApps: async (_root, _args, { request, deps }) => {
      const { tenantId } = signedInAs(request, 'admin');
      return deps.runtime.db.forTenant(tenantId, (trx) => listApps(trx, tenantId));
    },
  },
  Mutation: {
    registerChannelApp: async (_root, { input }, { request, deps, directory }) => {
      signedInAs(request, 'admin');
      const wanted = {
        ...input,
        channel: fromChannelName(input.channel),
        apiBaseUrl: input.apiBaseUrl ?? null,
        authBaseUrl: input.authBaseUrl ?? null,
      };
      const outcome = await deps.runtime.commands.asked(request, 'registerChannelApp', (call) =>
        registerApp(deps, call, wanted),
      );
      directory.forget();
      return toPayload('app', outcome);
    },
  },
  ChannelApp: {
    channel: (row) => toChannelName(row.channel),
    displayName: (row) => row.display_name,
    webhookUrl: (row, _args, { deps }) => webhookUrlOfApp(deps, row),
    redirectUrl: (row, _args, { deps }) =>
      deps.adapters[row.channel].authorisation === null ? null : redirectUrlOf(deps, row.channel),
    setupSteps: (row, _args, { deps }) => {
      const address = { webhookUrl: webhookUrlOfApp(deps, row), credentials: credentialsOfApp(deps, row) };
      return [...deps.adapters[row.channel].connection.setupSteps(address)];
    },
    accounts: async (row, _args, { deps }) => {
      const { tenant_id: tenantId, id } = row;
      const accounts = await deps.runtime.db.forTenant(tenantId, (trx) => listAccounts(trx, tenantId));
      return accounts.filter((account) => account.app_id === id);
    },
    webhookProblem: async (row, _args, { refusals }) => problemOf(await refusals.load(row.id)),
    registeredAt: (row) => row.registered_at,
  },
};
