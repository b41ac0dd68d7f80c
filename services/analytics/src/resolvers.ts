import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import type { Resolvers } from './graphql.generated.ts';
import { inboxOverview } from './inbox/overview.resolvers.ts';

export const resolvers: Resolvers = {
  DateTime: dateTimeScalar,
  Query: {
    inboxOverview: (_, args, ctx) => inboxOverview(args, ctx),
    analyticsDeadLetters: (_, args, ctx) => deadLetterConnection(ctx.app.runtime, ctx.request, args),
    analyticsAuditEntries: (_, args, ctx) => auditConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayAnalyticsDeadLetters: (_, { input }, ctx) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
};
