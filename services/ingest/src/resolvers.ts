import { moneyResolvers } from '@crossdesk/service-kit';
import { accountResolvers } from './account/account.resolvers.ts';
import { channelAppResolvers } from './account/channel-app.resolvers.ts';
import { authorisationResolvers } from './authorisation/authorisation.resolvers.ts';
import { diagnosisResolvers } from './diagnosis/diagnosis.resolvers.ts';
import { deliveryResolvers } from './delivery/delivery.resolvers.ts';
import { sendingResolvers } from './delivery/sending.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { messageResolvers } from './inbound/message.resolvers.ts';
import { frequencyResolvers } from './sync/frequency.resolvers.ts';
import { resyncResolvers } from './sync/resync.resolvers.ts';
import { mediaResolvers } from './media/media.resolvers.ts';
import { orderResolvers } from './order/order.resolvers.ts';
import { uploadResolvers } from './upload/upload.resolvers.ts';
import { ignoredResolvers } from './webhook/ignored.resolvers.ts';
import { webhookEndpointResolvers } from './webhook-endpoint/endpoint.resolvers.ts';
import { parkedResolvers } from './webhook/parked.resolvers.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [
  accountResolvers,
  channelAppResolvers,
  authorisationResolvers,
  deliveryResolvers,
  sendingResolvers,
  diagnosisResolvers,
  messageResolvers,
  mediaResolvers,
  frequencyResolvers,
  resyncResolvers,
  moneyResolvers,
  orderResolvers,
  uploadResolvers,
  ignoredResolvers,
  parkedResolvers,
  webhookEndpointResolvers,
];
