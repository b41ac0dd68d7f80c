import type { AgentId, SessionId } from '@crossdesk/contracts';
import { inputId, refuseLimited, signedIn, signedInAs, toPayload } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { endOtherSessions, endSession, refreshSession } from './session.commands.ts';
import { openSessionsOf } from './session.store.ts';
import { sessionPayload } from './signed-in-payload.ts';

export const sessionResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    mySessions: (_, _args, { app: { runtime }, request }) => {
      const { tenantId, agentId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => openSessionsOf(trx, tenantId, agentId, runtime.clock.now()));
    },
    sessions: (_, args, { app: { runtime }, request }) => {
      const caller = signedInAs(request, 'supervisor', 'admin');
      const [refusal] = refuseLimited(caller)?.errors ?? [];
      if (refusal !== undefined) throw new GraphQLError(refusal.message, { extensions: { code: refusal.code } });
      const { tenantId } = caller;
      const agentId = inputId<AgentId>(args.agentId);
      return runtime.db.forTenant(tenantId, (trx) => openSessionsOf(trx, tenantId, agentId, runtime.clock.now()));
    },
  },
  Mutation: {
    refreshSession: async (_, { input }, { app, request }) =>
      sessionPayload(await refreshSession(app.runtime, request, input.refreshToken), app),
    endSession: async (_, { input }, { app: { runtime }, request }) => {
      const id = inputId<SessionId>(input.sessionId);
      return toPayload(
        'session',
        await runtime.commands.asked(request, 'endSession', (call) => endSession(runtime, call, id)),
      );
    },
    endOtherSessions: async (_, _args, { app: { runtime }, request }) =>
      toPayload(
        'endedCount',
        await runtime.commands.asked(request, 'endOtherSessions', (call) => endOtherSessions(runtime, call)),
      ),
  },
  Session: {
    isCurrent: ({ id }, _, { request: { caller } }) => caller.kind === 'agent' && caller.sessionId === id,
  },
};
