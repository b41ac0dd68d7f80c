import { type AgentId, type ConversationId, type NoteId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  toPayload,
} from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { noteCounts } from '../conversation/count-of-conversation.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { namedFiles } from '../attachment/named-files.ts';
import { addNote } from './note.commands.ts';
import { notePages, notesByIds } from './note.store.ts';

export const noteResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    addNote: async (_, { input }, { app, request }) => {
      const { runtime } = app;
      // A note needs an author: a person who comes through an external provider for the first time becomes an agent here.
      await agentBehind(runtime, request);
      const attachments = namedFiles(app, request, input.attachments);
      const mentionedIds = (input.mentionedAgentIds ?? []).map((id) => inputId<AgentId>(id));
      const conversationId = inputId<ConversationId>(input.conversationId);
      const wanted = { ...input, attachments, conversationId, mentionedIds };
      const outcome = await runtime.commands.asked(request, 'addNote', (call) => addNote(runtime, call, wanted));
      return { ...toPayload('note', outcome), clientMutationId: input.clientMutationId };
    },
  },
  Conversation: {
    notes: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeKeyset(args.after)?.id ?? null, oldestFirst: args.oldestFirst };
      const found = (await loaders.load(notePages, id, page)) ?? [];
      const shown = connectionOf(
        found,
        { first, after: args.after },
        (note) => encodeKeyset({ at: note.createdAt, id: note.id }),
        (note) => note,
      );
      return counted(shown, async () => (await loaders.load(noteCounts, id)) ?? 0);
    },
  },
  NoteConnection: countResolvers,
  Note: {
    __resolveReference: ({ id: text }, { loaders, request }) => {
      signedIn(request);
      const id = parseId<NoteId>(text);
      return id === null ? null : loaders.load(notesByIds, id);
    },
    author: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
    mentions: ({ mentionedIds }, _, { loaders }) =>
      Promise.all(mentionedIds.map((id) => loaders.loadPresent(agentsByIds, id))),
  },
};
