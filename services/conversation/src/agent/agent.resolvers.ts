import { type AgentId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  fromEnum,
  inputId,
  pageSize,
  type Role,
  signedIn,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { agentBehind } from './agent-behind.ts';
import { addAgent, readPerson, refusePeopleChange } from './agent.commands.ts';
import { agentsByIds, countAgents, listAgents } from './agent.store.ts';
import { signOut, updateAgent } from './change-agent.commands.ts';
import { changePassword, readNewPassword, readOwnPassword, setPassword } from './change-password.commands.ts';
import { signedInPayload } from './signed-in-payload.ts';

export const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];

export const agentResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    me: async (_, _args, { app, request }) => {
      const me = await agentBehind(app.runtime, request);
      if (me !== null) return me;
      throw new GraphQLError('You are not an agent of this workspace yet: an admin has to add you first.', {
        extensions: { code: 'FORBIDDEN' },
      });
    },
    agents: async (_, args, { app, request }) => {
      const { tenantId } = signedIn(request);
      const first = pageSize(args.first);
      const after = decodeNamePlace(args.after);
      const found = await app.runtime.db.forTenant(tenantId, (trx) => listAgents(trx, tenantId, first, after));
      const page = connectionOf(
        found,
        { first, after: args.after },
        ({ displayName, id }) => encodeNamePlace({ name: displayName, id }),
        (agent) => agent,
      );
      return counted(page, () => app.runtime.db.forTenant(tenantId, (trx) => countAgents(trx, tenantId)));
    },
  },
  Mutation: {
    createAgent: async (_, { input }, { app: { runtime, passwords }, request }) => {
      const { clientMutationId, ...given } = input;
      const wanted = { ...given, role: fromEnum(roles, given.role) };
      const caller = signedIn(request);
      const { tenantId } = caller;
      const refusal = refusePeopleChange(caller, runtime.clock.now());
      const person = refusal ?? (await readPerson(passwords, { lane: tenantId, network: tenantId }, wanted));
      const outcome = person.ok
        ? await runtime.commands.asked(request, 'createAgent', (call) =>
            addAgent(runtime, call, { clientMutationId, person: person.value }),
          )
        : person;
      return { ...toPayload('agent', outcome), clientMutationId };
    },
    updateAgent: async (_, { input }, { app: { runtime }, request }) => {
      const { role, isActive, expectedVersion } = input;
      const wanted = {
        agentId: inputId<AgentId>(input.agentId),
        expectedVersion,
        role: role ? fromEnum(roles, role) : null,
        isActive: isActive ?? null,
      };
      const outcome = await runtime.commands.asked(request, 'updateAgent', (call) =>
        updateAgent(runtime, call, wanted),
      );
      const { tenantId } = signedIn(request);
      const { agentId } = wanted;
      const read = () => runtime.db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [agentId]));
      const shown = await withPresent(outcome, async () => (await read()).get(agentId) ?? null);
      return toPayload('agent', shown);
    },
    resetPassword: async (_, { input }, { app, request }) => {
      const wanted = { agentId: inputId<AgentId>(input.agentId), password: input.password };
      const password = await readNewPassword(app, signedIn(request), wanted);
      const outcome = password.ok
        ? await app.runtime.commands.asked(request, 'resetPassword', (call) =>
            setPassword(app.runtime, call, password.value),
          )
        : password;
      return toPayload('agent', outcome);
    },
    changePassword: async (_, { input }, { app, request }) => {
      const password = await readOwnPassword(app, signedIn(request), input);
      const outcome = password.ok
        ? await app.runtime.commands.asked(request, 'changePassword', (call) =>
            changePassword(app.runtime, call, password.value),
          )
        : password;
      return signedInPayload(outcome, app, request);
    },
    signOut: async (_, _args, { app, request }) =>
      toPayload('agent', await app.runtime.commands.asked(request, 'signOut', (call) => signOut(app.runtime, call))),
  },
  AgentConnection: countResolvers,
  Agent: {
    __resolveReference: ({ id: text }, { loaders, request }) => {
      signedIn(request);
      const id = parseId<AgentId>(text);
      return id === null ? null : loaders.load(agentsByIds, id);
    },
    role: ({ role }) => toEnum(role),
    email: ({ id, email }, _, { request: { caller } }) => {
      // The caller is anonymous only in the answers to signIn and createWorkspace, which are about the caller.
      const isOwn = caller.kind === 'anonymous' || caller.agentId === id;
      return isOwn || caller.role === 'admin' ? email : null;
    },
  },
};
