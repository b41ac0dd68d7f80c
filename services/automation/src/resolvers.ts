import { auditConnection, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { analysisResolvers } from './analysis/analysis.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';

/** What every service answers: its dead letters and its audit entries. */
const serviceResolvers: Resolvers = {
  Query: {
    automationDeadLetters: (_, args, { app, request }) => deadLetterConnection(app.runtime, request, args),
    automationAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    replayAutomationDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
};

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [serviceResolvers, analysisResolvers];
