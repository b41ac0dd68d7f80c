import { dateTimeScalar, deadLetterConnection, replayDeadLetters, type ResolverMap } from '@crossdesk/service-kit';
import type { GraphqlContext } from './graphql-context.ts';
import { inboxOverview } from './inbox/overview.resolvers.ts';

export const resolvers: ResolverMap = {
  DateTime: dateTimeScalar,
  Query: {
    inboxOverview,
    analyticsDeadLetters: (_: unknown, args: { first: number; after?: string | null }, ctx: GraphqlContext) =>
      deadLetterConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayAnalyticsDeadLetters: (
      _: unknown,
      { input }: { input: { consumer: string; key: string } },
      ctx: GraphqlContext,
    ) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
};
