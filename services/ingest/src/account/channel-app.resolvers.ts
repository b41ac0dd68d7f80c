import { fromChannelName, toChannelName } from '@crossdesk/channels';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  pageSize,
  signedInAs,
  toPayload,
} from '@crossdesk/service-kit';
import { credentialsOfApp, redirectUrlOf, webhookUrlOfApp } from './account-secrets.ts';
import { accountPage } from './account-page.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { registerApp } from './channel-app.commands.ts';
import { problemOf } from './refusal-notes.ts';
import { countApps, listApps } from './channel-app.store.ts';

export const channelAppResolvers: Resolvers = {
  Query: {
    channelApps: async (_root, args, { request, deps }) => {
      const { tenantId } = signedInAs(request, 'admin');
      const { db } = deps.runtime;
      const first = pageSize(args.first);
      const place = { first, after: decodeNamePlace(args.after) };
      const rows = await db.forTenant(tenantId, (trx) => listApps(trx, tenantId, place));
      const page = connectionOf(
        rows,
        { first, after: args.after },
        ({ display_name: name, id }) => encodeNamePlace({ name, id }),
        (row) => row,
      );
      return counted(page, () => db.forTenant(tenantId, (trx) => countApps(trx, tenantId)));
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
  ChannelAppConnection: countResolvers,
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
    accounts: (row, args, { deps }) => accountPage(deps, row.tenant_id, row.id, args),
    webhookProblem: async (row, _args, { refusals }) => problemOf(await refusals.load(row.id)),
    registeredAt: (row) => row.registered_at,
  },
};
