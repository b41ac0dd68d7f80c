import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import { accountMutations, accountQueries, accountResolvers } from './account/account.resolvers.ts';
import { authorisationMutations } from './authorisation/authorisation.resolvers.ts';
import { channelAppMutations, channelAppQueries, channelAppResolvers } from './account/channel-app.resolvers.ts';
import { deliveryMutations, deliveryQueries, unknownDeliveryResolvers } from './delivery/delivery.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { messageResolvers } from './inbound/message.resolvers.ts';
import { orderQueries, orderResolvers } from './order/order.resolvers.ts';
import { parkedMutations, parkedQueries, parkedResolvers } from './webhook/parked.resolvers.ts';

export const resolvers: Resolvers = {
  DateTime: dateTimeScalar,
  Query: {
    ...accountQueries,
    ...channelAppQueries,
    ...orderQueries,
    ...parkedQueries,
    ...deliveryQueries,
    ingestDeadLetters: (_root, args, { request, deps }) => deadLetterConnection(deps.runtime, request, args),
    ingestAuditEntries: (_root, args, { request, deps }) => auditConnection(deps.runtime, request, args),
  },
  Mutation: {
    ...accountMutations,
    ...channelAppMutations,
    ...authorisationMutations,
    ...parkedMutations,
    ...deliveryMutations,
    replayIngestDeadLetters: (_root, { input }, { request, deps }) => replayDeadLetters(deps.runtime, request, input),
  },
  ChannelAccount: accountResolvers,
  ChannelApp: channelAppResolvers,
  Order: orderResolvers,
  Message: messageResolvers,
  ParkedWebhook: parkedResolvers,
  UnknownDelivery: unknownDeliveryResolvers,
};
