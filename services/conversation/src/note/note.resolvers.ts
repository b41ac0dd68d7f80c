import type { ConversationId } from '@crossdesk/contracts';
import { inputId, toPayload } from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { loadPresent } from '../graphql.loaders.ts';
import { addNote } from './note.commands.ts';

export const noteResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    addNote: async (_, { input }, { app: { runtime }, request }) => {
      // A note needs an author: a person who comes through an external provider for the first time becomes an agent here.
      await agentBehind(runtime, request);
      const wanted = { ...input, conversationId: inputId<ConversationId>(input.conversationId) };
      return toPayload(
        'note',
        await runtime.commands.asked(request, 'addNote', (call) => addNote(runtime, call, wanted)),
      );
    },
  },
  Conversation: {
    notes: async ({ id }, _, { loaders }) => [...(await loaders.notes.load(id))],
  },
  Note: {
    author: ({ agentId }, _, { loaders }) => loadPresent(loaders.agents, agentId),
  },
};
