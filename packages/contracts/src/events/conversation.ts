import { Type } from '@sinclair/typebox';
import { ChannelSchema, DeliveryFailureSchema, DeliveryStatusSchema } from '../channels.ts';
import { MessageContentSchema } from '../content.ts';
import { defineEvent } from '../define-event.ts';
import { MediaStateSchema } from '../media.ts';
import { MessageSideSchema } from '../message-change.ts';
import { erasedReply } from '../personal.ts';
import {
  AgentIdSchema,
  CaseIdSchema,
  ChannelAccountIdSchema,
  ConversationIdSchema,
  CustomerIdSchema,
  DecisionIdSchema,
  ErasedRowsSchema,
  ErasureIdSchema,
  instant,
  Instant,
  MessageIdSchema,
  NoteIdSchema,
  Nullable,
  OneOf,
  RegroupingIdSchema,
  TeamIdSchema,
  UploadIdSchema,
} from '../scalars.ts';

export const ConversationPrioritySchema = OneOf(
  ['low', 'normal', 'high', 'urgent'],
  'how urgent the conversation is; a person or a rule sets it',
);

const ConversationStateSchema = OneOf(
  ['unread', 'pending', 'handled', 'transferred'],
  'unread: nobody has seen the latest message of the buyer; pending: seen, but not answered; handled: no answer is needed; transferred: handed to another person or team',
);

const ConversationPhaseSchema = OneOf(
  ['open', 'snoozed', 'closed', 'merged'],
  'where it stands as a piece of work, beside what is owed in it; snoozed: put aside until `snoozedUntil`, or until the buyer writes; merged: its messages are in another one',
);

export const EnquiryTypeSchema = OneOf(
  ['pre-sale', 'specification', 'logistics', 'after-sale', 'refund', 'return', 'dispute'],
  'what the buyer asks for',
);

const MarkSchema = OneOf(
  ['complaint', 'risk'],
  "complaint: the buyer complains; risk: they threaten with something, or somebody's safety is at stake",
);

/** The fields that every event of a conversation repeats, so that a consumer can count without further queries. */
export const ConversationSnapshotSchema = Type.Object({
  conversationId: ConversationIdSchema,
  accountId: ChannelAccountIdSchema,
  channel: ChannelSchema,
  state: ConversationStateSchema,
  priority: ConversationPrioritySchema,
  assigneeId: Nullable(AgentIdSchema),
  phase: Type.Optional(ConversationPhaseSchema),
  snoozedUntil: Type.Optional(Nullable(Instant)),
  cycle: Type.Optional(
    Type.Integer({ minimum: 1, description: 'one more each time it is opened again after it was closed' }),
  ),
  teamId: Type.Optional(Nullable(TeamIdSchema)),
  enquiryType: Type.Optional(Nullable(EnquiryTypeSchema)),
  enquirySubtype: Type.Optional(Nullable(Type.String({ description: 'a word of the workspace' }))),
  language: Type.Optional(Nullable(Type.String({ description: 'the language of the buyer, BCP 47' }))),
  unreadCount: Type.Integer({ minimum: 0 }),
  inboundCount: Type.Optional(Type.Integer({ minimum: 0, description: 'all messages of the buyer' })),
  waitingSince: Nullable(Instant),
  overdueSince: Type.Optional(instant('when the time for the answer was over that is still owed; absent if none is')),
  lastMessageAt: Instant,
  marks: Type.Optional(
    Type.Array(MarkSchema, { description: 'the marks that stand; `waitingSince` and `overdueSince` tell the others' }),
  ),
  joinedInto: Type.Optional(Nullable(ConversationIdSchema)),
});

export const messageAdded = defineEvent({
  type: 'conversation.message-added',
  version: 1,
  topic: 'conversation.conversation',
  description: 'A message was added to the conversation, from the buyer or to them.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    messageId: MessageIdSchema,
    direction: OneOf(['inbound', 'outbound']),
    author: OneOf(['buyer', 'seller', 'bot', 'system', 'agent']),
    kind: Type.String(),
    text: Nullable(Type.String()),
    answers: Type.Optional(
      Type.Object(
        { decisionId: DecisionIdSchema, score: Type.Integer({ minimum: 1, maximum: 5 }) },
        { description: 'the message is nothing but the answer to this survey: nobody has to reply' },
      ),
    ),
  }),
  personal: { erase: (data) => ({ ...data, text: null }) },
});

export const messageChanged = defineEvent({
  type: 'conversation.message-changed',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A message was reacted to, edited or deleted; the data is the message as agents see it now. Nothing else of the conversation changes.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    messageId: MessageIdSchema,
    change: OneOf(['reacted', 'edited', 'deleted']),
    by: MessageSideSchema,
    kind: Type.String(),
    text: Nullable(Type.String({ description: 'null once the message is deleted' })),
    reactions: Type.Array(Type.Object({ by: MessageSideSchema, emoji: Type.String(), reactedAt: Instant })),
    editedAt: Nullable(Instant),
    deletedAt: Nullable(Instant),
  }),
  personal: { erase: (data) => ({ ...data, text: null, reactions: [] }) },
});

export const mediaChanged = defineEvent({
  type: 'conversation.media-changed',
  version: 1,
  topic: 'conversation.conversation',
  description: 'The file of a message was fetched, could not be fetched, or is fetched again.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    messageId: MessageIdSchema,
    state: MediaStateSchema,
  }),
  personal: null,
});

export const replyRequested = defineEvent({
  type: 'conversation.reply-requested',
  version: 1,
  topic: 'conversation.conversation',
  description: 'The delivery of this message was requested. Ingest delivers it once and reports on `ingest.delivery`.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    accountId: ChannelAccountIdSchema,
    content: MessageContentSchema,
    lastInboundAt: Nullable(Instant),
    purpose: Type.Optional(
      OneOf(['bulk'], 'bulk: one of many that somebody sends at once; replies that people write go out before them'),
    ),
  }),
  personal: { erase: (data) => ({ ...data, content: erasedReply }) },
});

export const deliveryChanged = defineEvent({
  type: 'conversation.delivery-changed',
  version: 1,
  topic: 'conversation.conversation',
  description: 'The shown delivery status of an outgoing message changed.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    messageId: MessageIdSchema,
    status: DeliveryStatusSchema,
    failure: Nullable(DeliveryFailureSchema),
  }),
  personal: null,
});

export const conversationChanged = defineEvent({
  type: 'conversation.changed',
  version: 1,
  topic: 'conversation.conversation',
  description: 'A conversation changed without a new message.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    change: OneOf(
      [
        'state',
        'priority',
        'assignee',
        'read',
        'joined',
        'escalated',
        'tags',
        'closed',
        'snoozed',
        'reopened',
        'classified',
        'team',
        'buyer-named',
        'customer-marked',
        'case-linked',
        'case-unlinked',
      ],
      'case-linked, case-unlinked: an after-sales case is about this conversation, or no longer; buyer-named: the platform told another name of the buyer; customer-marked: crm told other tags or another tier of the customer, or another customer; reopened: also from snoozed, by a person or because the time is over; classified: type or sub-type of the enquiry; escalated: a rule called a person, which may change priority, state and assignee; joined: the conversation was joined into `joinedInto`, or if that is null another one was joined into it',
    ),
    previousState: ConversationStateSchema,
    tags: Type.Optional(Type.Array(Type.String(), { description: 'for tags: the names of all tags that it has now' })),
    caseId: Type.Optional(CaseIdSchema),
    previousTags: Type.Optional(Type.Array(Type.String(), { description: 'for tags: those that it had before' })),
    assignment: Type.Optional(
      Type.Object(
        {
          strategy: OneOf(
            ['sticky', 'specialist', 'balanced', 'claimed'],
            'sticky: they wrote to this buyer last; specialist: the least loaded of those with the skills; balanced: the least loaded of the team; claimed: they took it themselves',
          ),
          reason: Type.String({ description: 'for people, in English' }),
        },
        { description: 'for assignee: how the queue gave it; absent if a person or a rule assigned it' },
      ),
    ),
  }),
  personal: null,
});

export const noteAdded = defineEvent({
  type: 'conversation.note-added',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A colleague or a rule left an internal note. The text stays in the conversation service and is read through the API only.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    noteId: NoteIdSchema,
    agentId: Nullable(AgentIdSchema),
    mentionedAgentIds: Type.Optional(Type.Array(AgentIdSchema, { description: 'the agents that the note calls' })),
    uploadIds: Type.Optional(Type.Array(UploadIdSchema, { description: 'its files, which ingest keeps' })),
  }),
  personal: null,
});

export const memberChanged = defineEvent({
  type: 'conversation.member-changed',
  version: 1,
  topic: 'conversation.conversation',
  description: 'An agent works on the conversation besides its assignee, follows it, or does so no more.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    agentId: AgentIdSchema,
    role: Nullable(OneOf(['member', 'watcher'], 'what the agent is now; null: neither any more')),
  }),
  personal: null,
});

export const marksChanged = defineEvent({
  type: 'conversation.marks-changed',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A mark of the conversation stands now, stands no more, or was judged by a person. Automation derives marks; people confirm or dismiss them.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    previousMarks: Type.Array(MarkSchema, { description: 'those that stood before; the snapshot has those of now' }),
    judged: Type.Array(
      Type.Object({
        mark: MarkSchema,
        isDerived: Type.Boolean({ description: 'whether automation finds it' }),
        score: Type.Number({ minimum: 0, maximum: 1 }),
        reasons: Type.Array(Type.String(), { description: 'the kinds of risks, the surest first' }),
        verdict: Nullable(OneOf(['confirmed', 'dismissed'], 'what a person says; it decides')),
        agentId: Nullable(AgentIdSchema),
      }),
      { description: 'every mark that automation found or a person judged, whether it stands or not' },
    ),
  }),
  personal: null,
});

export const attributeChanged = defineEvent({
  type: 'conversation.attribute-changed',
  version: 1,
  topic: 'conversation.conversation',
  description: 'The conversation has another value of an attribute that the workspace defined, or no value any more.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    key: Type.String({ description: 'the key of the attribute' }),
    type: OneOf(['text', 'number', 'boolean', 'date', 'choice', 'link']),
    value: Nullable(Type.String({ description: 'as the API spells it; null: none' })),
    previousValue: Nullable(Type.String({ description: 'null: there was none' })),
  }),
  personal: {
    // What people wrote may be about the buyer; numbers, days and choices are not.
    erase: (data) =>
      data.type === 'text' || data.type === 'link' ? { ...data, value: null, previousValue: null } : data,
  },
});

export const replyBlocked = defineEvent({
  type: 'conversation.reply-blocked',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A reply was refused because its author did not know the latest: it was not sent. The author may send it again after reading that.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    agentId: Nullable(AgentIdSchema),
    reason: OneOf(
      ['stale-draft', 'answered-elsewhere'],
      'stale-draft: messages or notes were added since it was begun; answered-elsewhere: a colleague has answered the same customer in another conversation',
    ),
  }),
  personal: null,
});

export const transferred = defineEvent({
  type: 'conversation.transferred',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A person handed the conversation over to a colleague, or to a team, and said why in a note. `conversation.changed` tells the new assignee or team as well.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    fromAgentId: Nullable(AgentIdSchema),
    toAgentId: Nullable(AgentIdSchema),
    toTeamId: Type.Optional(Nullable(TeamIdSchema)),
    noteId: NoteIdSchema,
  }),
  personal: null,
});

export const regrouped = defineEvent({
  type: 'conversation.regrouped',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'A person merged conversations, split one, or undid that. Each of them has an event. Messages keep their ids and may be in another one of them now: read the conversation of a message anew.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    previousState: ConversationStateSchema,
    regroupingId: RegroupingIdSchema,
    operation: OneOf(
      ['merged', 'split', 'undone'],
      'merged: those with `joinedInto` became part of the other one; split: a part became a conversation of its own; undone: everything is as it was before it, with what has come since',
    ),
    conversationIds: Type.Array(ConversationIdSchema, {
      description: 'all of them, the one that the others went into or came from first',
    }),
  }),
  personal: null,
});

export const decisionSettled = defineEvent({
  type: 'conversation.decision-settled',
  version: 1,
  topic: 'conversation.conversation',
  description: 'What became of a decision of automation. There is one for every decision.',
  data: Type.Object({
    conversation: ConversationSnapshotSchema,
    decisionId: DecisionIdSchema,
    outcome: OneOf(
      ['carried-out', 'nothing-to-do', 'refused'],
      'nothing-to-do: the conversation was in that state already',
    ),
    code: Nullable(Type.String({ description: 'why it was refused, for instance WINDOW_CLOSED or TURN_TAKEN' })),
  }),
  personal: null,
});

export const buyerErased = defineEvent({
  type: 'conversation.buyer-erased',
  version: 1,
  topic: 'conversation.conversation',
  description:
    'The personal data of the buyer was erased in the conversation. Erase the data of all earlier events of this conversation; later events are new data.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    customerId: CustomerIdSchema,
    conversationId: ConversationIdSchema,
  }),
  personal: null,
});

export const conversationErased = defineEvent({
  type: 'conversation.personal-data-erased',
  version: 1,
  topic: 'conversation.erasure',
  description: 'The conversation service no longer holds personal data of this conversation from before the erasure.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    conversationId: ConversationIdSchema,
    rows: ErasedRowsSchema,
  }),
  personal: null,
});
