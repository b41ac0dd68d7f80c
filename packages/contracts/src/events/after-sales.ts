import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import {
  AgentIdSchema,
  CaseIdSchema,
  ChannelAccountIdSchema,
  ConversationIdSchema,
  FeedbackIdSchema,
  instant,
  Instant,
  Nullable,
  OneOf,
  OrderIdSchema,
  SlaPolicyIdSchema,
  TeamIdSchema,
} from '../scalars.ts';
import { ConversationPrioritySchema } from './conversation.ts';

// The life of a case. Its title and its notes stay in the conversation service and are read through the API only.

const CaseStateSchema = OneOf(
  ['open', 'waiting', 'resolved', 'closed'],
  'waiting: for the buyer, the platform or a carrier; resolved: we have done our part; closed: nothing more is to come',
);

const CaseTypeSchema = OneOf([
  'return',
  'exchange',
  'refund',
  'damaged',
  'wrong',
  'missing',
  'not-received',
  'quality',
  'logistics',
  'technical',
  'claim',
  'dispute',
  'chargeback',
  'other',
]);

/** The fields that every event of a case repeats, so that a consumer can count without further queries. */
const CaseSnapshotSchema = Type.Object({
  caseId: CaseIdSchema,
  number: Type.Integer({ minimum: 1, description: 'counted per workspace, for people' }),
  accountId: ChannelAccountIdSchema,
  type: CaseTypeSchema,
  state: CaseStateSchema,
  priority: ConversationPrioritySchema,
  ownerId: AgentIdSchema,
  teamId: Nullable(TeamIdSchema),
  cycle: Type.Integer({ minimum: 1, description: 'one more each time it is reopened' }),
  dueAt: Instant,
});

export const caseOpened = defineEvent({
  type: 'conversation.case-opened',
  version: 1,
  topic: 'conversation.case',
  description:
    'A person escalated a conversation to a case, or a buyer gave feedback that has to be handled. It has an owner from the first moment.',
  data: Type.Object({
    case: CaseSnapshotSchema,
    ownerId: AgentIdSchema,
    conversationId: ConversationIdSchema,
    orderId: Nullable(OrderIdSchema),
    feedbackId: Type.Optional(FeedbackIdSchema),
    dueBasis: OneOf(
      ['conversation', 'policy', 'default', 'person'],
      'where the due time comes from; conversation: its resolution clock was handed over',
    ),
    policyId: Nullable(SlaPolicyIdSchema),
    policyVersion: Nullable(Type.Integer()),
  }),
  personal: null,
});

export const caseAssigned = defineEvent({
  type: 'conversation.case-assigned',
  version: 1,
  topic: 'conversation.case',
  description: 'A case has another owner, or belongs to another team.',
  data: Type.Object({
    case: CaseSnapshotSchema,
    previousOwnerId: AgentIdSchema,
    reason: OneOf(
      ['person', 'owner-left', 'escalated'],
      'escalated: to a lead, because of feedback; owner-left: the owner no longer works here, and the product has chosen a successor',
    ),
  }),
  personal: null,
});

export const caseStateChanged = defineEvent({
  type: 'conversation.case-state-changed',
  version: 1,
  topic: 'conversation.case',
  description: 'A case was moved to another state. Reopening it begins another cycle.',
  data: Type.Object({ case: CaseSnapshotSchema, previousState: CaseStateSchema }),
  personal: null,
});

export const caseResolved = defineEvent({
  type: 'conversation.case-resolved',
  version: 1,
  topic: 'conversation.case',
  description: 'We have done our part in a case. `conversation.case-state-changed` tells the state as well.',
  data: Type.Object({
    case: CaseSnapshotSchema,
    cycleStartedAt: instant('when this cycle began'),
    resolvedAt: Instant,
    isLate: Type.Boolean({ description: 'it was resolved after its due time' }),
  }),
  personal: null,
});

export const caseLinked = defineEvent({
  type: 'conversation.case-linked',
  version: 1,
  topic: 'conversation.case',
  description: 'A case is about a further conversation or order, or no longer. Exactly one of both ids is given.',
  data: Type.Object({
    case: CaseSnapshotSchema,
    conversationId: Nullable(ConversationIdSchema),
    orderId: Nullable(OrderIdSchema),
    isLinked: Type.Boolean({ description: 'false: no longer' }),
  }),
  personal: null,
});

export const caseChanged = defineEvent({
  type: 'conversation.case-changed',
  version: 1,
  topic: 'conversation.case',
  description: 'Something else of a case changed. What was written is read through the API.',
  data: Type.Object({
    case: CaseSnapshotSchema,
    change: OneOf(
      ['details', 'note', 'watcher'],
      'details: title, priority or due time; note: somebody wrote one; watcher: somebody follows it, or no longer',
    ),
  }),
  personal: null,
});

export const caseDue = defineEvent({
  type: 'conversation.case-due',
  version: 1,
  topic: 'conversation.case',
  description: 'Most of the time of a case is over, or all of it. Each is told once for a due time.',
  data: Type.Object({ case: CaseSnapshotSchema, stage: OneOf(['warned', 'breached']) }),
  personal: null,
});
