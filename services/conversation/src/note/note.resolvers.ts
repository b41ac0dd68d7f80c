import type { ConversationId } from '@crossdesk/contracts';
import { inputId, toPayload } from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { addNote } from './note.commands.ts';
import { notesOf } from './note.store.ts';

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
    notes: async ({ id }, _, { loaders }) => [...((await loaders.load(notesOf, id)) ?? [])],
  },
  Note: {
    author: ({ agentId }, _, { loaders }) => loaders.loadPresent(agentsByIds, agentId),
  },
};
