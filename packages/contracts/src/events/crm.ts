import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { ConversationIdSchema, CustomerIdSchema, ErasureIdSchema, Nullable, OneOf, OrderIdSchema } from '../scalars.ts';

const OrderLinkReasonSchema = OneOf([
  'PLATFORM_REFERENCE',
  'ORDER_NUMBER_IN_TEXT',
  'TRACKING_NUMBER_IN_TEXT',
  'ONLY_ORDER_OF_BUYER',
  'LATEST_ORDER_OF_BUYER',
]);

export const conversationLinked = defineEvent({
  type: 'crm.conversation-linked',
  version: 1,
  topic: 'crm.link',
  description: 'The customer or the order of a conversation was found, or a better match was found.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    customerId: CustomerIdSchema,
    order: Nullable(
      Type.Object({
        orderId: OrderIdSchema,
        confidence: Type.Number({ minimum: 0, maximum: 1 }),
        reason: OrderLinkReasonSchema,
      }),
    ),
  }),
  personal: null,
});

export const customerErasureRequested = defineEvent({
  type: 'crm.customer-erasure-requested',
  version: 1,
  topic: 'crm.erasure',
  description:
    'An admin requested the erasure of the personal data of a customer. Ingest begins and publishes `ingest.buyer-erased` for each conversation, in order with its other events.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    customerId: CustomerIdSchema,
    conversationIds: Type.Array(ConversationIdSchema, { description: 'every conversation of the customer' }),
  }),
  personal: null,
});
