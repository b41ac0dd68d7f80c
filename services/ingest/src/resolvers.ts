import { auditConnection, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { accountResolvers } from './account/account.resolvers.ts';
import { channelAppResolvers } from './account/channel-app.resolvers.ts';
import { authorisationResolvers } from './authorisation/authorisation.resolvers.ts';
import { deliveryResolvers } from './delivery/delivery.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { messageResolvers } from './inbound/message.resolvers.ts';
import { orderResolvers } from './order/order.resolvers.ts';
import { parkedResolvers } from './webhook/parked.resolvers.ts';

/** What every service answers: its dead letters and its audit entries. */
const serviceResolvers: Resolvers = {
  Query: {
    ingestDeadLetters: (_root, args, { request, deps }) => deadLetterConnection(deps.runtime, request, args),
    ingestAuditEntries: (_root, args, { request, deps }) => auditConnection(deps.runtime, request, args),
  },
  Mutation: {
    replayIngestDeadLetters: (_root, { input }, { request, deps }) => replayDeadLetters(deps.runtime, request, input),
  },
};

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [
  serviceResolvers,
  accountResolvers,
  channelAppResolvers,
  authorisationResolvers,
  deliveryResolvers,
  messageResolvers,
  orderResolvers,
  parkedResolvers,
];
