import { auditConnection, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import type { Resolvers } from './graphql.generated.ts';
import { overviewResolvers } from './inbox/overview.resolvers.ts';

/** What every service answers: its dead letters and its audit entries. */
const serviceResolvers: Resolvers = {
  Query: {
    analyticsDeadLetters: (_, args, { app, request }) => deadLetterConnection(app.runtime, request, args),
    analyticsAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    replayAnalyticsDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
};

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [serviceResolvers, overviewResolvers];
