import { Type } from '@sinclair/typebox';
import { ChannelSchema, DeliveryFailureSchema, DeliveryStatusSchema } from '../channels.ts';
import { BuyerSchema, erasedBuyer } from '../buyer.ts';
import { MessageContentSchema, MessageContextSchema } from '../content.ts';
import { defineEvent } from '../define-event.ts';
import { feedbackFields } from '../feedback.ts';
import { MediaFailureSchema, MediaStateSchema } from '../media.ts';
import { erasedChange, MessageChangeSchema, MessageSideSchema } from '../message-change.ts';
import { erasedOrderFields, orderFields } from '../order.ts';
import { erasedContent } from '../personal.ts';
import {
  ChannelAccountIdSchema,
  ConversationIdSchema,
  CustomerIdSchema,
  ErasedRowsSchema,
  ErasureIdSchema,
  FeedbackIdSchema,
  Instant,
  instant,
  MessageIdSchema,
  Nullable,
  OneOf,
  OrderIdSchema,
  WebhookEndpointIdSchema,
} from '../scalars.ts';

export const messageReceived = defineEvent({
  type: 'ingest.message-received',
  version: 1,
  topic: 'ingest.inbound',
  description:
    'A message appeared in a thread of a channel account. `direction` outbound = written outside Crossdesk, in the console of the platform.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    externalThreadId: Type.String(),
    externalMessageId: Type.String(),
    direction: OneOf(['inbound', 'outbound']),
    author: OneOf(['buyer', 'seller', 'bot', 'system']),
    buyer: BuyerSchema,
    content: MessageContentSchema,
    sequence: Nullable(
      Type.String({ description: 'order within the thread according to the platform, if it has one' }),
    ),
    replyToExternalId: Nullable(Type.String()),
    externalOrderIds: Type.Array(Type.String(), { description: 'orders the platform itself names with the message' }),
    context: Type.Optional(MessageContextSchema),
    claimedAt: Type.Optional(
      Nullable(
        instant('the time that the platform gave, if it cannot be true: occurredAt is the time of receipt then'),
      ),
    ),
  }),
  personal: {
    erase: ({ context: _context, ...data }) => ({
      ...data,
      buyer: erasedBuyer(data.buyer),
      content: erasedContent(data.content),
    }),
  },
});

export const messageChanged = defineEvent({
  type: 'ingest.message-changed',
  version: 1,
  topic: 'ingest.inbound',
  description:
    'A side reacted to a message, edited it or deleted it. Comes after `ingest.message-received` or, for a reply, after `sent`, with the time of the platform: a consumer applies the latest change of a kind.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    by: MessageSideSchema,
    change: MessageChangeSchema,
  }),
  personal: { erase: (data) => ({ ...data, change: erasedChange(data.change) }) },
});

export const buyerIdentified = defineEvent({
  type: 'ingest.buyer-identified',
  version: 1,
  topic: 'ingest.inbound',
  description: 'The platform gave more details of the buyer of a thread than were known from their first message.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    buyer: BuyerSchema,
  }),
  personal: { erase: (data) => ({ ...data, buyer: erasedBuyer(data.buyer) }) },
});

export const mediaChanged = defineEvent({
  type: 'ingest.media-changed',
  version: 1,
  topic: 'ingest.inbound',
  description:
    'The file of a message was fetched from its platform, could not be fetched, or is fetched again. Its bytes are not in the event: `Message.media` of the API has an address for them.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    accountId: ChannelAccountIdSchema,
    state: MediaStateSchema,
    failure: Nullable(MediaFailureSchema),
    mimeType: Nullable(Type.String({ description: 'found in the bytes' })),
    fileName: Nullable(Type.String()),
    bytes: Nullable(Type.Integer({ minimum: 0 })),
    width: Nullable(Type.Integer({ minimum: 1, description: 'pixels' })),
    height: Nullable(Type.Integer({ minimum: 1, description: 'pixels' })),
    durationMs: Nullable(Type.Integer({ minimum: 0 })),
  }),
  personal: { erase: (data) => ({ ...data, fileName: null }) },
});

export const buyerErased = defineEvent({
  type: 'ingest.buyer-erased',
  version: 1,
  topic: 'ingest.inbound',
  description:
    'The personal data of the buyer was erased at the source. Erase the data of all earlier events of this conversation; later events are new data.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    customerId: CustomerIdSchema,
    conversationId: ConversationIdSchema,
    accountId: ChannelAccountIdSchema,
  }),
  personal: null,
});

export const threadsJoined = defineEvent({
  type: 'ingest.threads-joined',
  version: 1,
  topic: 'ingest.inbound',
  description:
    'Two threads of a platform turned out to be one. The last message event of the younger conversation: its messages belong to the older one from now on, and nothing is added to it any more.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    intoConversationId: ConversationIdSchema,
    accountId: ChannelAccountIdSchema,
    externalThreadId: Type.String(),
    duplicates: Type.Array(Type.Object({ messageId: MessageIdSchema, sameAsMessageId: MessageIdSchema }), {
      description: 'messages that came under both names: the first id of each pair is no message any more',
    }),
  }),
  personal: null,
});

export const ingestErased = defineEvent({
  type: 'ingest.personal-data-erased',
  version: 1,
  topic: 'ingest.erasure',
  description: 'Ingest no longer holds personal data of this conversation from before the erasure.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    conversationId: ConversationIdSchema,
    rows: ErasedRowsSchema,
  }),
  personal: null,
});

const OrderSnapshotSchema = Type.Object({
  orderId: OrderIdSchema,
  accountId: ChannelAccountIdSchema,
  channel: ChannelSchema,
  ...orderFields,
});

export const orderUpdated = defineEvent({
  type: 'ingest.order-updated',
  version: 1,
  topic: 'ingest.commerce',
  description: 'An order is new or has changed; the data is the whole order as the platform reports it now.',
  data: OrderSnapshotSchema,
  personal: { erase: (data) => ({ ...data, ...erasedOrderFields }) },
});

export const feedbackReported = defineEvent({
  type: 'ingest.feedback-reported',
  version: 1,
  topic: 'ingest.feedback',
  description: 'A buyer gave a review or a rating on a platform, or changed it; the data is all of it as it is now.',
  data: Type.Object({
    platformFeedbackId: FeedbackIdSchema,
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    ...feedbackFields,
  }),
  personal: { erase: (data) => ({ ...data, text: null }) },
});

export const deliveryUpdated = defineEvent({
  type: 'ingest.delivery-updated',
  version: 1,
  topic: 'ingest.delivery',
  description:
    'The delivery of an outgoing message changed. A later report never reverts an earlier status, except `unknown`.',
  data: Type.Object({
    messageId: MessageIdSchema,
    conversationId: ConversationIdSchema,
    accountId: ChannelAccountIdSchema,
    status: DeliveryStatusSchema,
    failure: Nullable(DeliveryFailureSchema),
    detail: Nullable(Type.String({ description: 'the message of the platform, for people' })),
    externalMessageId: Nullable(Type.String()),
    platformPosition: Type.Optional(
      Type.Object(
        { occurredAt: Instant, sequence: Nullable(Type.String({ description: 'as in `ingest.message-received`' })) },
        { description: 'the place of the message in the thread, as soon as the platform tells it' },
      ),
    ),
  }),
  personal: { erase: (data) => ({ ...data, detail: null }) },
});

export const accountChanged = defineEvent({
  type: 'ingest.account-changed',
  version: 1,
  topic: 'ingest.account',
  description: 'A channel account was connected or changed. Never carries credentials.',
  data: Type.Object({
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    displayName: Type.String({ description: 'name of the store' }),
    externalAccountId: Type.String({ description: 'shop id, phone number id, or the name of the generic channel' }),
    country: Type.Optional(Nullable(Type.String({ description: 'ISO 3166-1 alpha-2; null when it is not known' }))),
    status: OneOf(['connected', 'reauthorise', 'disabled']),
    statusReason: Nullable(Type.String()),
    loss: Type.Optional(
      Nullable(
        OneOf(
          ['expired', 'revoked', 'banned', 'refused'],
          'how the authorisation was lost; null unless status is reauthorise',
        ),
      ),
    ),
    holidayUntil: Type.Optional(
      Nullable(
        instant(
          'until when replies wait because the store is closed; null: it is open again; absent if the change is another',
        ),
      ),
    ),
    syncEverySeconds: Type.Optional(
      Nullable(
        Type.Integer({ minimum: 1, description: 'how often it is polled; null: as the installation is configured' }),
      ),
    ),
  }),
  personal: null,
});

export const authorisationChanged = defineEvent({
  type: 'ingest.authorisation-changed',
  version: 1,
  topic: 'ingest.account',
  description:
    'The consent of a seller is about to end: told once for each of the days ahead that are configured. Or it was given again, which withdraws these warnings.',
  data: Type.Object({
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    displayName: Type.String({ description: 'name of the store' }),
    change: OneOf(['expiring', 'renewed']),
    endsAt: Nullable(instant('when it ends now; null if it has no known end')),
    isAssumed: Type.Boolean({ description: 'the platform did not tell the end: it is counted from the consent' }),
    warnedDays: Nullable(
      Type.Integer({ minimum: 0, description: 'which warning it is: days ahead as configured; null for renewed' }),
    ),
  }),
  personal: null,
});

export const gapFound = defineEvent({
  type: 'ingest.gap-found',
  version: 1,
  topic: 'ingest.account',
  description:
    'The list of a platform had messages of buyers that no push brought. They are recorded; what else may have been lost with them is read again.',
  data: Type.Object({
    accountId: ChannelAccountIdSchema,
    channel: ChannelSchema,
    displayName: Type.String({ description: 'name of the store' }),
    count: Type.Integer({ minimum: 1, description: 'messages that only the list brought' }),
    from: instant('when the first of them was written'),
    to: instant('when the last of them was written'),
    resyncId: Nullable(Type.String({ description: 'the job that reads it again; null if a running one does' })),
  }),
  personal: null,
});

export const webhookEndpointChanged = defineEvent({
  type: 'ingest.webhook-endpoint-changed',
  version: 1,
  topic: 'ingest.account',
  description:
    'An address that events are pushed to was added, changed or deleted, or its receiver stopped answering or is back. Carries neither secrets nor the address itself.',
  data: Type.Object({
    endpointId: WebhookEndpointIdSchema,
    description: Type.String({ description: 'the name that people see' }),
    eventTypes: Type.Array(Type.String(), { description: 'types, or the beginning of some and `*`' }),
    accountIds: Type.Array(ChannelAccountIdSchema, { description: 'only events of these accounts; empty: all events' }),
    state: OneOf(
      ['active', 'failing', 'disabled', 'deleted'],
      'failing: twenty calls in a row failed, now and then one tries again',
    ),
    reason: Nullable(Type.String({ description: 'why it was disabled, if nobody did it' })),
  }),
  personal: null,
});
