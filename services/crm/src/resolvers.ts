import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { customerById, customerResolvers } from './customer/customer.resolvers.ts';
import { erase, erasureById, erasureResolvers } from './erasure/erasure.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { conversationResolvers } from './link/link.resolvers.ts';

export const resolvers: Resolvers = {
  DateTime: dateTimeScalar,
  Query: {
    erasure: (_, args, ctx) => erasureById(args, ctx),
    customer: (_, args, ctx) => customerById(args, ctx),
    crmDeadLetters: (_, args, ctx) => deadLetterConnection(ctx.app.runtime, ctx.request, args),
    crmAuditEntries: (_, args, ctx) => auditConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    eraseCustomer: (_, args, ctx) => erase(args, ctx),
    replayCrmDeadLetters: (_, { input }, ctx) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
  Customer: customerResolvers,
  Erasure: erasureResolvers,
  Conversation: conversationResolvers,
};
