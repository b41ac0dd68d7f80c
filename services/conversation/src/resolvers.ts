import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { agentFields, agentMutations, agentQueries, apiTokenFields } from './agent/agent.resolvers.ts';
import {
  conversationFields,
  conversationMutations,
  conversationQueries,
  noteFields,
} from './conversation/conversation.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { inboxEventFields, inboxEventQueries } from './inbox-event/inbox-event.resolvers.ts';
import { deliveryFields, messageFields, messageMutations, messageQueries } from './message/message.resolvers.ts';

export const resolvers: Resolvers<GraphqlContext> = {
  DateTime: dateTimeScalar,
  Query: {
    ...agentQueries,
    ...conversationQueries,
    ...messageQueries,
    ...inboxEventQueries,
    conversationDeadLetters: (_, args, { app, request }) =>
      deadLetterConnection(app.runtime, request, { first: args.first, after: args.after ?? null }),
    conversationAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    ...agentMutations,
    ...conversationMutations,
    ...messageMutations,
    replayConversationDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
  Agent: agentFields,
  ApiToken: apiTokenFields,
  Conversation: conversationFields,
  Note: noteFields,
  Message: messageFields,
  Delivery: deliveryFields,
  InboxEvent: inboxEventFields,
};
