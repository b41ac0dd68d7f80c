import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { agentFields, agentMutations, agentQueries } from './agent/agent.resolvers.ts';
import {
  conversationFields,
  conversationMutations,
  conversationQueries,
} from './conversation/conversation.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { inboxEventFields, inboxEventQueries } from './inbox-event/inbox-event.resolvers.ts';
import {
  deliveryFields,
  messageFields,
  messageMutations,
  messageQueries,
  messagesOfConversation,
} from './message/message.resolvers.ts';
import { noteFields, noteMutations, notesOfConversation } from './note/note.resolvers.ts';
import { apiTokenFields, workspaceMutations, workspaceQueries } from './workspace/workspace.resolvers.ts';

export const resolvers: Resolvers<GraphqlContext> = {
  DateTime: dateTimeScalar,
  Query: {
    ...agentQueries,
    ...conversationQueries,
    ...messageQueries,
    ...workspaceQueries,
    ...inboxEventQueries,
    conversationDeadLetters: (_, args, { app, request }) =>
      deadLetterConnection(app.runtime, request, { first: args.first, after: args.after ?? null }),
    conversationAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    ...agentMutations,
    ...conversationMutations,
    ...messageMutations,
    ...noteMutations,
    ...workspaceMutations,
    replayConversationDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
  Agent: agentFields,
  ApiToken: apiTokenFields,
  Conversation: { ...conversationFields, ...messagesOfConversation, ...notesOfConversation },
  Note: noteFields,
  Message: messageFields,
  Delivery: deliveryFields,
  InboxEvent: inboxEventFields,
};
