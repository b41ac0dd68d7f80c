import { dateTimeScalar, deadLetterConnection, replayDeadLetters, type ResolverMap } from '@crossdesk/service-kit';
import { customerById, customerResolvers } from './customer/customer.resolvers.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { conversationResolvers } from './link/link.resolvers.ts';

export const resolvers: ResolverMap = {
  DateTime: dateTimeScalar,
  Query: {
    customer: (_: unknown, args: { id: string }, ctx: GraphqlContext) => customerById(args, ctx),
    crmDeadLetters: (_: unknown, args: { first: number; after?: string | null }, ctx: GraphqlContext) =>
      deadLetterConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayCrmDeadLetters: (_: unknown, { input }: { input: { consumer: string; key: string } }, ctx: GraphqlContext) =>
      replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
  Customer: customerResolvers,
  Conversation: conversationResolvers,
};
