import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { customerById, customerResolvers } from './customer/customer.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { conversationResolvers } from './link/link.resolvers.ts';

export const resolvers: Resolvers = {
  DateTime: dateTimeScalar,
  Query: {
    customer: (_, args, ctx) => customerById(args, ctx),
    crmDeadLetters: (_, args, ctx) => deadLetterConnection(ctx.app.runtime, ctx.request, args),
    crmAuditEntries: (_, args, ctx) => auditConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayCrmDeadLetters: (_, { input }, ctx) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
  Customer: customerResolvers,
  Conversation: conversationResolvers,
};
