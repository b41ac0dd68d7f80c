import { auditConnection, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { agentResolvers } from './agent/agent.resolvers.ts';
import { conversationResolvers } from './conversation/conversation.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { inboxEventResolvers } from './inbox-event/inbox-event.resolvers.ts';
import { messageResolvers } from './message/message.resolvers.ts';
import { noteResolvers } from './note/note.resolvers.ts';
import { workspaceResolvers } from './workspace/workspace.resolvers.ts';

/** What every service answers: its dead letters and its audit entries. */
const serviceResolvers: Resolvers<GraphqlContext> = {
  Query: {
    conversationDeadLetters: (_, args, { app, request }) => deadLetterConnection(app.runtime, request, args),
    conversationAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    replayConversationDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
};

/** The resolvers of each room. */
export const resolvers: readonly Resolvers<GraphqlContext>[] = [
  serviceResolvers,
  agentResolvers,
  conversationResolvers,
  inboxEventResolvers,
  messageResolvers,
  noteResolvers,
  workspaceResolvers,
];
