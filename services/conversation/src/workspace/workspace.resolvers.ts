import type { AgentId } from '@crossdesk/contracts';
import {
  apiTokenScopes,
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { roles } from '../agent/agent.resolvers.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { signedInPayload } from '../agent/signed-in-payload.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { createApiToken, revokeApiToken } from './api-token.commands.ts';
import { countApiTokens, listApiTokens } from './api-token.store.ts';
import { setUpWorkspace } from './set-up-workspace.ts';
import { signIn } from './sign-in.ts';

export const workspaceResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    apiTokens: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'admin');
      const first = pageSize(args.first);
      const after = decodeKeyset(args.after);
      const found = await runtime.db.forTenant(tenantId, (trx) => listApiTokens(trx, tenantId, first, after));
      const page = connectionOf(
        found,
        { first, after: args.after },
        ({ createdAt, id }) => encodeKeyset({ at: createdAt, id }),
        (token) => token,
      );
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countApiTokens(trx, tenantId)));
    },
  },
  Mutation: {
    signIn: async (_, { input }, { app, request }) => signedInPayload(await signIn(app, request, input), app, request),
    createWorkspace: async (_, { input }, { app, request }) =>
      signedInPayload(await setUpWorkspace(app, request, input), app, request),
    createApiToken: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = {
        name: input.name,
        role: fromEnum(roles, input.role),
        scopes: input.scopes.map((scope) => fromEnum(apiTokenScopes, scope)),
        expiresInDays: input.expiresInDays,
      };
      const outcome = await runtime.commands.asked(request, 'createApiToken', (call) =>
        createApiToken(runtime, call, wanted),
      );
      return outcome.ok
        ? { ...outcome.value, errors: [] }
        : { apiToken: null, secret: null, errors: [...outcome.errors] };
    },
    revokeApiToken: async (_, { input }, { app: { runtime }, request }) => {
      const id = inputId<AgentId>(input.apiTokenId);
      const outcome = await runtime.commands.asked(request, 'revokeApiToken', (call) =>
        revokeApiToken(runtime, call, id),
      );
      return toPayload('apiToken', outcome);
    },
  },
  ApiTokenConnection: countResolvers,
  ApiToken: {
    role: ({ role }) => toEnum(role),
    scopes: ({ scopes }) => scopes.map(toEnum),
    owner: ({ ownerId }, _, { loaders }) => loaders.loadPresent(agentsByIds, ownerId),
  },
};
