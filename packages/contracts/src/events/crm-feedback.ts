import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import {
  AgentIdSchema,
  CaseIdSchema,
  ChannelAccountIdSchema,
  ConversationIdSchema,
  CustomerIdSchema,
  DecisionIdSchema,
  FeedbackIdSchema,
  Nullable,
  OneOf,
  OrderIdSchema,
  SurveyPolicyIdSchema,
} from '../scalars.ts';

// What buyers think. Their words stay in crm and are read through the API only.

/** The fields that a consumer needs to route feedback without further queries. */
const feedbackSnapshot = {
  feedbackId: FeedbackIdSchema,
  source: OneOf(['platform', 'survey', 'agent', 'message'], 'how it came here'),
  kind: OneOf(['product-review', 'service-rating', 'survey-answer', 'suggestion']),
  type: OneOf(['product', 'logistics', 'service', 'price', 'other'], 'what it is about'),
  urgency: OneOf(['low', 'normal', 'high', 'urgent']),
  handling: OneOf(
    ['standard', 'special', 'escalation'],
    'standard: nobody has to act; special: a case is opened; escalation: a lead gets the case',
  ),
  score: Nullable(Type.Number({ minimum: 1, maximum: 5 })),
  accountId: Nullable(ChannelAccountIdSchema),
  /** The profile it hangs on: it stays the same when customers are merged. */
  profileId: Nullable(CustomerIdSchema),
  conversationId: Nullable(ConversationIdSchema),
  orderId: Nullable(OrderIdSchema),
  skus: Type.Array(Type.String()),
};

export const feedbackReceived = defineEvent({
  type: 'crm.feedback-received',
  version: 1,
  topic: 'crm.feedback',
  description:
    'A buyer gave feedback. With the handling special or escalation the conversation service opens a case, once, if a conversation is known.',
  data: Type.Object(feedbackSnapshot),
  personal: null,
});

export const feedbackEscalated = defineEvent({
  type: 'crm.feedback-escalated',
  version: 1,
  topic: 'crm.feedback',
  description:
    'Feedback needs more than it got: a person or the buyer themselves says that it is worse. Its case is opened, or reopened and made urgent.',
  data: Type.Object({
    ...feedbackSnapshot,
    reason: OneOf(
      ['reclassified', 'changed', 'linked', 'not-satisfied'],
      'reclassified: by a person; changed: the buyer gave it again, and worse; linked: its conversation became known; not-satisfied: the buyer said so after it was handled',
    ),
  }),
  personal: null,
});

export const feedbackConfirmed = defineEvent({
  type: 'crm.feedback-confirmed',
  version: 1,
  topic: 'crm.feedback',
  description:
    'The buyer was asked whether what was done settles their feedback, and answered. A buyer who does not answer has confirmed nothing.',
  data: Type.Object({
    feedbackId: FeedbackIdSchema,
    outcome: OneOf(['satisfied', 'not-satisfied']),
    caseId: Nullable(CaseIdSchema),
    confirmedBy: Nullable(AgentIdSchema),
  }),
  personal: null,
});

const surveySnapshot = {
  /** The decision that the survey was sent by. */
  surveyId: DecisionIdSchema,
  policyId: SurveyPolicyIdSchema,
  conversationId: ConversationIdSchema,
  cycle: Type.Integer({ minimum: 1, description: 'of the conversation' }),
  accountId: ChannelAccountIdSchema,
  /** The profile it hangs on: it stays the same when customers are merged. */
  profileId: CustomerIdSchema,
};

export const surveySent = defineEvent({
  type: 'crm.survey-sent',
  version: 1,
  topic: 'crm.feedback',
  description: 'A buyer was asked how satisfied they are, after their conversation was handled.',
  data: Type.Object(surveySnapshot),
  personal: null,
});

export const surveyAnswered = defineEvent({
  type: 'crm.survey-answered',
  version: 1,
  topic: 'crm.feedback',
  description: 'A buyer answered a survey, or changed the answer: the last one counts. It is feedback as well.',
  data: Type.Object({
    ...surveySnapshot,
    score: Type.Integer({ minimum: 1, maximum: 5 }),
    previousScore: Nullable(Type.Integer({ minimum: 1, maximum: 5, description: 'null: the first answer' })),
    feedbackId: FeedbackIdSchema,
  }),
  personal: null,
});
