import { type AgentId, isUuid, parseId } from '@crossdesk/contracts';
import { connectionOf, pageSize, type Role, signedIn, signedInAs, toEnum } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { fromEnum } from '../enum-words.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Outcome } from '../refusal.domain.ts';
import { addAgent, agentOf } from './agent.commands.ts';
import { type Agent, listAgents, type NamePlace } from './agent.store.ts';
import { createApiToken, revokeApiToken } from '../workspace/api-token.commands.ts';
import { listApiTokens } from '../workspace/api-token.store.ts';
import { resetPassword, signOut, updateAgent } from './change-agent.commands.ts';
import { signIn } from '../workspace/sign-in.commands.ts';
import { setUpWorkspace } from '../workspace/workspace.commands.ts';

const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];

export const agentQueries: graphql.QueryResolvers<GraphqlContext> = {
  me: async (_, _args, { app, request }) => {
    const me = await agentOf(app.runtime, request);
    if (me !== null) return me;
    throw new GraphQLError('You are no agent of this workspace yet: an admin has to add you first.', {
      extensions: { code: 'FORBIDDEN' },
    });
  },
  agents: async (_, args, { app, request }) => {
    const { tenantId } = signedIn(request);
    const first = pageSize(args.first);
    const after = decodeNamePlace(args.after);
    const found = await app.runtime.db.forTenant(tenantId, (trx) => listAgents(trx, tenantId, first, after));
    return connectionOf(
      found,
      { first, after: args.after },
      ({ displayName, id }) => encodeNamePlace({ name: displayName, id }),
      (agent) => agent,
    );
  },
  apiTokens: (_, _args, { app, request }) => {
    const { tenantId } = signedInAs(request, 'admin');
    return app.runtime.db.forTenant(tenantId, (trx) => listApiTokens(trx, tenantId));
  },
};

function encodeNamePlace({ name, id }: NamePlace): string {
  return Buffer.from(`${id} ${name}`).toString('base64url');
}

function decodeNamePlace(cursor: string | null | undefined): NamePlace | null {
  if (cursor === null || cursor === undefined) return null;
  const [, id, name] = /^(\S+) ([^\0]*)$/su.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id !== undefined && name !== undefined && isUuid(id)) return { id, name };
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

export const agentMutations: graphql.MutationResolvers<GraphqlContext> = {
  signIn: async (_, { input }, { app, request }) => signedInPayload(await signIn(app, request, input), app),
  createWorkspace: async (_, { input }, { app, request }) =>
    signedInPayload(await setUpWorkspace(app, request, input), app),
  createAgent: async (_, { input }, { app, request }) => {
    return agentPayload(await addAgent(app, request, { ...input, role: fromEnum(roles, input.role) }));
  },
  updateAgent: async (_, { input }, { app, request }) => {
    const { role, isActive } = input;
    const wanted = { role: role ? fromEnum(roles, role) : null, isActive: isActive ?? null };
    return agentPayload(await updateAgent(app, request, { ...input, ...wanted }));
  },
  resetPassword: async (_, { input }, { app, request }) => agentPayload(await resetPassword(app, request, input)),
  signOut: async (_, _args, { app, request }) => agentPayload(await signOut(app, request)),
  createApiToken: async (_, { input }, { app, request }) => {
    const outcome = await createApiToken(app.runtime, request, { ...input, role: fromEnum(roles, input.role) });
    return outcome.ok ? { ...outcome.value, errors: [] } : { apiToken: null, secret: null, errors: outcome.errors };
  },
  revokeApiToken: async (_, { input }, { app, request }) => {
    const outcome = await revokeApiToken(app.runtime, request, input);
    return outcome.ok ? { apiToken: outcome.value, errors: [] } : { apiToken: null, errors: outcome.errors };
  },
};

function agentPayload(outcome: Outcome<Agent>) {
  return outcome.ok ? { agent: outcome.value, errors: [] } : { agent: null, errors: outcome.errors };
}

async function signedInPayload(outcome: Outcome<Agent>, { accessTokens }: GraphqlContext['app']) {
  if (!outcome.ok) return { accessToken: null, expiresAt: null, agent: null, errors: outcome.errors };
  return { ...(await accessTokens.issue(outcome.value)), agent: outcome.value, errors: [] };
}

export const agentFields: graphql.AgentResolvers<GraphqlContext, Agent> = {
  __resolveReference: ({ id: text }, { loaders, request }) => {
    signedIn(request);
    const id = parseId<AgentId>(text);
    return id === null ? null : loaders.agents.load(id);
  },
  role: ({ role }) => toEnum(role),
  email: ({ id, email }, _, { request: { caller } }) => {
    // Nobody is signed in yet only in the answer to signIn and createWorkspace, which is about the caller himself.
    const isHimself = caller.kind === 'anonymous' || caller.agentId === id;
    return isHimself || caller.role === 'admin' ? email : null;
  },
};

export const apiTokenFields: graphql.ApiTokenResolvers<GraphqlContext> = {
  role: ({ role }) => toEnum(role),
};
