import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import {
  ConversationIdSchema,
  CustomerIdSchema,
  DecisionIdSchema,
  instant,
  Nullable,
  OrderIdSchema,
} from '../scalars.ts';

export const orderAttributed = defineEvent({
  type: 'crm.order-attributed',
  version: 1,
  topic: 'crm.customer',
  description:
    'An order counts for the last conversation that its buyer began, or the last marketing that they were sent, within seven days before it was placed. Told again when it counts for another contact, because customers were joined or separated or an earlier message came late; the latest event of an order counts.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    orderId: OrderIdSchema,
    conversationId: Nullable(ConversationIdSchema),
    outreachId: Nullable(DecisionIdSchema),
    contactAt: Nullable(
      instant('when the conversation began or the message was decided; null: it counts for none any more'),
    ),
  }),
  personal: null,
});
