import { type ConversationId, type MacroId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { presentConversation } from '../conversation/conversation.resolvers.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { wishedIn } from '../work-action/work-action.resolvers.ts';
import { deleteMacro, saveMacro } from './macro.commands.ts';
import { macroScopes, mayChange } from './macro.domain.ts';
import { macrosFor, usageOfMacros } from './macro.store.ts';
import { runMacro } from './run-macro.commands.ts';

export const macroResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    macros: (_, __, { app, request }) => {
      const { tenantId, agentId } = signedIn(request);
      return app.runtime.db.forTenant(tenantId, (trx) => macrosFor(trx, tenantId, agentId));
    },
  },
  Mutation: {
    saveMacro: async (_, { input }, { app: { runtime }, request }) => {
      const wish = {
        clientMutationId: input.clientMutationId,
        macroId: typeof input.macroId === 'string' ? inputId<MacroId>(input.macroId) : null,
        expectedVersion: input.expectedVersion ?? null,
        name: input.name,
        scope: fromEnum(macroScopes, input.scope),
        actions: input.actions.map(wishedIn),
      };
      const outcome = await runtime.commands.asked(request, 'saveMacro', (call) => saveMacro(runtime, call, wish));
      return toPayload('macro', outcome);
    },
    deleteMacro: async (_, { input }, { app: { runtime }, request }) => {
      const macroId = inputId<MacroId>(input.macroId);
      const outcome = await runtime.commands.asked(request, 'deleteMacro', (call) =>
        deleteMacro(runtime, call, macroId),
      );
      return toPayload('macro', outcome);
    },
    runMacro: async (_, { input }, { app: { runtime }, request }) => {
      const { clientMutationId } = input;
      const wish = {
        clientMutationId,
        macroId: inputId<MacroId>(input.macroId),
        conversationId: inputId<ConversationId>(input.conversationId),
        expectedVersion: input.expectedVersion ?? null,
      };
      const outcome = await runtime.commands.asked(request, 'runMacro', (call) => runMacro(runtime, call, wish));
      const conversation = await presentConversation(runtime, request, input.conversationId);
      return { clientMutationId, conversation, errors: outcome.ok ? [] : [...outcome.errors] };
    },
  },
  Macro: {
    scope: ({ scope }) => toEnum(scope),
    owner: ({ ownerId }, _, { loaders }) => loaders.load(agentsByIds, ownerId),
    actions: ({ actions }) => [...actions],
    isChangeable: (macro, _, { request }) => mayChange(macro, signedIn(request)),
    usage: async ({ id }, { from, to }, { loaders }) =>
      (await loaders.load(usageOfMacros, id, { from: from ?? null, to: to ?? null })) ?? unused,
  },
};

const unused = { runs: 0, people: 0, lastRunAt: null };
