import { auditConnection, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { customerResolvers } from './customer/customer.resolvers.ts';
import { erasureResolvers } from './erasure/erasure.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { linkResolvers } from './link/link.resolvers.ts';

/** What every service answers: its dead letters and its audit entries. */
const serviceResolvers: Resolvers = {
  Query: {
    crmDeadLetters: (_, args, { app, request }) => deadLetterConnection(app.runtime, request, args),
    crmAuditEntries: (_, args, { app, request }) => auditConnection(app.runtime, request, args),
  },
  Mutation: {
    replayCrmDeadLetters: (_, { input }, { app, request }) => replayDeadLetters(app.runtime, request, input),
  },
};

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [serviceResolvers, customerResolvers, erasureResolvers, linkResolvers];
