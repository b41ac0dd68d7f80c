import type { ConversationId } from '@crossdesk/contracts';
import { inputId, signedIn, toPayload, withPresent } from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { saveDraft } from './draft.commands.ts';
import { draftsOf, sharedDraftsOf } from './draft.store.ts';

export const draftResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    saveDraft: async (_, { input }, { app: { runtime }, request }) => {
      // A person who comes through an external provider for the first time becomes an agent here.
      await agentBehind(runtime, request);
      const { tenantId, agentId } = signedIn(request);
      const conversationId = inputId<ConversationId>(input.conversationId);
      const wanted = { ...input, conversationId, isShared: input.isShared ?? null };
      const outcome = await runtime.commands.asked(request, 'saveDraft', (call) => saveDraft(runtime, call, wanted));
      const present = () =>
        runtime.db.forTenant(
          tenantId,
          async (trx) => (await draftsOf(trx, tenantId, [conversationId], agentId)).get(conversationId) ?? null,
        );
      return toPayload('draft', await withPresent(outcome, present));
    },
  },
  Conversation: {
    myDraft: ({ id }, _, { loaders, request }) => loaders.load(draftsOf, id, signedIn(request).agentId),
    sharedDrafts: async ({ id }, _, { loaders }) => (await loaders.load(sharedDraftsOf, id)) ?? [],
  },
  Draft: {
    author: ({ agentId }, _, { loaders }) => loaders.loadPresent(agentsByIds, agentId),
  },
};
