import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { ChannelSchema } from '../channels.ts';
import { MessageContentSchema } from '../content.ts';
import { erasedReply } from '../personal.ts';
import {
  AgentIdSchema,
  ArticleIdSchema,
  ConversationIdSchema,
  DecisionIdSchema,
  ErasedRowsSchema,
  ErasureIdSchema,
  Instant,
  MessageIdSchema,
  Nullable,
  OneOf,
  RuleIdSchema,
  TemplateIdSchema,
  TemplateVariantIdSchema,
} from '../scalars.ts';

const Score = Type.Number({ minimum: 0, maximum: 1 });

const SpanSchema = Type.Object(
  { start: Type.Integer({ minimum: 0 }), end: Type.Integer({ minimum: 1 }) },
  { description: 'a part of the text of the message, in UTF-16 code units; `end` is the first one behind it' },
);

const IntentSchema = OneOf([
  'order_status',
  'logistics',
  'refund',
  'return_exchange',
  'cancel_order',
  'product_question',
  'complaint_quality',
  'change_address',
  'payment_issue',
  'invoice',
  'discount',
  'thanks_other',
]);

const RiskClassSchema = OneOf([
  'legal_threat',
  'chargeback',
  'bad_review',
  'public_exposure',
  'safety',
  'fraud_accusation',
  'regulator',
  'privacy_request',
  'anger',
]);

export const messageAnalysed = defineEvent({
  type: 'automation.message-analysed',
  version: 1,
  topic: 'automation.analysis',
  description:
    'A message was analysed: its language, null if it has no words; and, for a message of the buyer with words, what it says. Comes again with a higher revision when the message is analysed again with another answer. Nothing here repeats its words.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    language: Nullable(Type.String({ description: 'BCP 47' })),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    engine: Type.String({ description: 'name and version of the engine that decided' }),
    revision: Type.Optional(Type.Integer({ minimum: 1, description: 'how often the message was analysed' })),
    model: Type.Optional(Type.String({ description: 'name and version of the model that found out what follows' })),
    intents: Type.Optional(
      Type.Array(
        Type.Object({
          intent: IntentSchema,
          score: Score,
          isCertain: Type.Boolean({ description: 'the score is above the threshold of this intent' }),
        }),
        { description: 'what the buyer wants, the likeliest first; empty if nothing is likely' },
      ),
    ),
    sentiment: Type.Optional(Type.Object({ label: OneOf(['negative', 'neutral', 'positive']), score: Score })),
    complaint: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'probability of a complaint' })),
    urgency: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'probability that it is urgent' })),
    risks: Type.Optional(
      Type.Array(
        Type.Object({
          class: RiskClassSchema,
          score: Score,
          offsets: Type.Array(SpanSchema, { description: 'the words that show it' }),
        }),
        { description: 'the surest first' },
      ),
    ),
    entities: Type.Optional(
      Type.Array(
        Type.Object({
          kind: OneOf(['order', 'tracking', 'amount', 'date', 'email', 'phone']),
          start: Type.Integer({ minimum: 0 }),
          end: Type.Integer({ minimum: 1 }),
        }),
        { description: 'parts of the text, in its order' },
      ),
    ),
  }),
  personal: null,
});

const MoodSchema = OneOf(['calm', 'tense', 'angry']);

export const sentimentChanged = defineEvent({
  type: 'automation.sentiment-changed',
  version: 1,
  topic: 'automation.analysis',
  description:
    'The mood of a conversation went up or down, by the last messages of the buyer. It goes back a step only after two calmer messages.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    from: MoodSchema,
    to: MoodSchema,
    mean: Type.Number({ minimum: -1, maximum: 1, description: 'recent messages count most; -1 is unhappy' }),
  }),
  personal: null,
});

export const conversationTriaged = defineEvent({
  type: 'automation.conversation-triaged',
  version: 1,
  topic: 'automation.analysis',
  description: 'What a conversation is about, its risks or its priority changed with a message of the buyer.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    model: Type.String({ description: 'name and version of the model' }),
    enquiryType: Nullable(IntentSchema),
    risks: Type.Array(
      Type.Object({
        class: RiskClassSchema,
        score: Score,
        messageId: MessageIdSchema,
      }),
      { description: 'of all recent messages; `messageId` is the one that shows it most clearly' },
    ),
    priority: Type.Integer({ minimum: 0, maximum: 100 }),
    priorityParts: Type.Array(
      Type.Object({
        reason: OneOf(['risk', 'mood', 'complaint', 'urgency', 'intent']),
        points: Type.Integer({ minimum: 1 }),
      }),
      { description: 'add up to the priority, unless that would be above 100' },
    ),
  }),
  personal: null,
});

/** Open: a new kind of engine needs no new version. */
const EngineSchema = Nullable(
  Type.String({ description: 'the kind of engine, for instance deepl, or memory; null: nothing translated it' }),
);

export const messageTranslated = defineEvent({
  type: 'automation.message-translated',
  version: 1,
  topic: 'automation.analysis',
  description:
    'The translation of a message is there, or was given up. The words are not here: `Message.translations` has them.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    sourceLocale: Type.String({ description: 'BCP 47: the language of the message' }),
    targetLocale: Type.String({ description: 'BCP 47: the language it was to be translated into' }),
    state: OneOf(
      ['translated', 'doubtful', 'not-needed', 'none'],
      'doubtful: something has to be looked at; not-needed: it is in the wanted language already; none: there is no translation that may be shown',
    ),
    engine: EngineSchema,
  }),
  personal: null,
});

export const translationCorrected = defineEvent({
  type: 'automation.translation-corrected',
  version: 1,
  topic: 'automation.analysis',
  description: 'A person approved the translation of a reply. The words are not here.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    translationId: Type.String({ format: 'uuid' }),
    sourceLocale: Type.String({ description: 'BCP 47: the language of the reply as it was written' }),
    targetLocale: Type.String({ description: 'BCP 47: the language of the translation' }),
    engine: EngineSchema,
    editDistance: Nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'the share of the proposal that the person changed; null if nothing was proposed',
      }),
    ),
  }),
  personal: null,
});

export const templateChanged = defineEvent({
  type: 'automation.template-changed',
  version: 1,
  topic: 'automation.content',
  description:
    'A message template was created, changed, enabled or disabled. The texts of its variants are not here: the query `template` has them.',
  data: Type.Object({
    templateId: TemplateIdSchema,
    key: Type.String({ description: 'the name that the workspace gave it for programs; never changes' }),
    name: Type.String(),
    situation: Type.String({ description: 'what it is used for, for instance where-is-my-order; the list is open' }),
    isEnabled: Type.Boolean(),
    variables: Type.Array(
      Type.Object({ name: Type.String(), type: OneOf(['text', 'number', 'date', 'money', 'link']) }),
    ),
    fallbackLocales: Type.Array(Type.String({ description: 'BCP 47' }), {
      description: 'the languages for buyers in whose language there is no variant, the best one first',
    }),
    variants: Type.Array(
      Type.Object({
        variantId: TemplateVariantIdSchema,
        locale: Type.String({ description: 'BCP 47' }),
        market: Nullable(Type.String({ description: 'ISO 3166-1; null: for all markets' })),
        channel: Nullable(ChannelSchema),
        isEnabled: Type.Boolean(),
      }),
    ),
  }),
  personal: null,
});

const RuleSchema = Nullable(
  Type.Object({ ruleId: RuleIdSchema, version: Type.Integer({ minimum: 1, description: 'the version that decided' }) }),
);

export const replyDecided = defineEvent({
  type: 'automation.reply-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'A message to the buyer was decided. The conversation service writes it once, or refuses it, and answers with `conversation.decision-settled`. The actor is the rule or the bot, or the person who sends a template.',
  data: Type.Object({
    decisionId: DecisionIdSchema,
    conversationId: ConversationIdSchema,
    rule: RuleSchema,
    messageId: MessageIdSchema,
    purpose: OneOf(
      ['answer', 'acknowledgement', 'notice', 'agent'],
      'answer: to what the buyer wrote; acknowledgement: says when a person will answer; notice: news the buyer did not ask for; agent: a person sends it',
    ),
    basedOnVersion: Nullable(
      Type.Integer({
        minimum: 0,
        description:
          'the version of the conversation that was known. An answer or acknowledgement is refused if a person has acted since (TURN_TAKEN), an answer also if the buyer has written again (NEWER_MESSAGE)',
      }),
    ),
    content: MessageContentSchema,
    template: Nullable(
      Type.Object({
        templateId: TemplateIdSchema,
        variantId: TemplateVariantIdSchema,
        locale: Type.String({ description: 'BCP 47: the language of the message' }),
      }),
    ),
  }),
  personal: { erase: (data) => ({ ...data, content: erasedReply }) },
});

export const actionDecided = defineEvent({
  type: 'automation.action-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'A change of a conversation was decided. The conversation service carries it out once, or refuses it, and answers with `conversation.decision-settled`.',
  data: Type.Object({
    decisionId: DecisionIdSchema,
    conversationId: ConversationIdSchema,
    rule: RuleSchema,
    action: Type.Union([
      Type.Object({ kind: Type.Literal('assign'), agentId: Nullable(AgentIdSchema) }),
      Type.Object({
        kind: Type.Literal('set-state'),
        state: OneOf(['unread', 'pending', 'handled', 'transferred']),
      }),
      Type.Object({
        kind: Type.Literal('add-tag'),
        tag: Type.String({ description: 'the name of a tag; a new one becomes a tag of the workspace' }),
      }),
      Type.Object({ kind: Type.Literal('set-priority'), priority: OneOf(['low', 'normal', 'high', 'urgent']) }),
      Type.Object(
        {
          kind: Type.Literal('escalate'),
          priority: OneOf(['high', 'urgent']),
          agentId: Nullable(AgentIdSchema),
          note: Type.String({ description: 'why, for the person who takes over' }),
        },
        {
          description:
            'call a person: at least this priority, an answer is owed, assigned to the agent if one is named and nobody has it, and a note',
        },
      ),
    ]),
  }),
  personal: {
    erase: (data) => ({
      ...data,
      action: data.action.kind === 'escalate' ? { ...data.action, note: '' } : data.action,
    }),
  },
});

export const handoverDecided = defineEvent({
  type: 'automation.handover-decided',
  version: 1,
  topic: 'automation.decision',
  description:
    'The bot leaves the conversation to people. What presses comes with an `action-decided` that escalates, and what the buyer is told with a `reply-decided` for the purpose acknowledgement.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    reason: Type.String({ description: 'why a machine does not answer, for instance WANTS_PERSON; the list is open' }),
    promisedBy: Nullable(
      Type.String({ format: 'date-time', description: 'when the buyer was told that they will have an answer' }),
    ),
  }),
  personal: null,
});

export const automationErased = defineEvent({
  type: 'automation.personal-data-erased',
  version: 1,
  topic: 'automation.erasure',
  description: 'Automation no longer holds personal data of this conversation from before the erasure.',
  data: Type.Object({
    erasureId: ErasureIdSchema,
    conversationId: ConversationIdSchema,
    rows: ErasedRowsSchema,
  }),
  personal: null,
});

export const policyChanged = defineEvent({
  type: 'automation.policy-changed',
  version: 1,
  topic: 'automation.content',
  description:
    'What a machine may answer by itself was changed. The id of the aggregate is that of the workspace; the query `automationPolicy` has the rest.',
  data: Type.Object({
    mode: OneOf(
      ['off', 'shadow', 'auto'],
      'off: only rules answer; shadow: what would be answered is recorded; auto: it is answered',
    ),
    intents: Type.Array(IntentSchema, { description: 'the questions that have an answer' }),
  }),
  personal: null,
});

export const ruleChanged = defineEvent({
  type: 'automation.rule-changed',
  version: 1,
  topic: 'automation.content',
  description:
    'An automation rule was created, changed, moved, switched or deleted. Its condition is not here: the query `automationRule` has it.',
  data: Type.Object({
    ruleId: RuleIdSchema,
    name: Type.String(),
    trigger: Type.String({ description: 'what makes it look, for instance message; the list is open' }),
    actions: Type.Array(Type.String({ description: 'what it does, for instance assign; the list is open' })),
    mode: OneOf(
      ['off', 'shadow', 'suggest', 'auto'],
      'shadow: it is evaluated and recorded, and does nothing; suggest: people see what it would do',
    ),
    position: Type.Integer({ minimum: 1, description: 'its place among the rules of the workspace' }),
    ruleSet: Type.Integer({
      minimum: 1,
      description: 'the number of the set of all rules that begins with this change',
    }),
    isDeleted: Type.Boolean(),
  }),
  personal: null,
});

export const articleChanged = defineEvent({
  type: 'automation.article-changed',
  version: 1,
  topic: 'automation.knowledge',
  description:
    'An article was written, published or put away. Scope and texts are the last ones, published or not. Its words are not here: the query `article` has them.',
  data: Type.Object({
    articleId: ArticleIdSchema,
    key: Type.String({ description: 'the name that the workspace gave it for programs; never changes' }),
    change: OneOf(['written', 'published', 'archived']),
    state: OneOf(['draft', 'published', 'archived']),
    publishedVersion: Nullable(
      Type.Integer({ minimum: 1, description: 'the version whose words are in force; null if none are' }),
    ),
    articleType: Type.String({ description: 'what it is, for instance faq; the list is open' }),
    isForBuyers: Type.Boolean({ description: 'its words may be sent to buyers' }),
    channel: Nullable(ChannelSchema),
    markets: Type.Array(Type.String({ description: 'ISO 3166-1' }), { description: 'empty: everywhere' }),
    skus: Type.Array(Type.String(), { description: 'empty: about no product in particular' }),
    validFrom: Nullable(Instant),
    validTo: Nullable(Instant),
    reviewBy: Nullable(Instant),
    originalLocale: Type.String({ description: 'BCP 47: the language it was written in' }),
    texts: Type.Array(
      Type.Object({
        locale: Type.String({ description: 'BCP 47' }),
        isStale: Type.Boolean({ description: 'the original was changed after this translation' }),
        hasDifferingNumbers: Type.Boolean({ description: 'this translation has other numbers than the original' }),
      }),
    ),
  }),
  personal: null,
});

export const articleExpiring = defineEvent({
  type: 'automation.article-expiring',
  version: 1,
  topic: 'automation.knowledge',
  description:
    'A published article has to be reviewed, or ceases to hold, within two weeks. Published once for each date.',
  data: Type.Object({
    articleId: ArticleIdSchema,
    key: Type.String({ description: 'the name that the workspace gave it for programs; never changes' }),
    reason: OneOf(['review', 'end-of-validity']),
    at: Instant,
  }),
  personal: null,
});

export const assistantBudgetReached = defineEvent({
  type: 'automation.assistant-budget-reached',
  version: 1,
  topic: 'automation.content',
  description:
    'The model that the workspace has connected has used 80 % of the budget of the month. Comes once a month, and again after the budget was changed.',
  data: Type.Object({
    model: Type.String(),
    month: Type.String({ description: 'UTC, for instance 2026-11' }),
    share: Type.Number({
      minimum: 0,
      description: 'of the limit that is nearer; above 1 if the last calls used more than was foreseen',
    }),
    tokens: Type.Integer({ minimum: 0, description: 'used in the month, those of calls under way included' }),
    tokensPerMonthMax: Nullable(Type.Integer({ minimum: 1 })),
    cost: Nullable(Type.Number({ minimum: 0, description: 'in units of the currency; null if no price is known' })),
    costPerMonthMax: Nullable(Type.Number({ exclusiveMinimum: 0 })),
    currency: Nullable(Type.String({ description: 'ISO 4217' })),
  }),
  personal: null,
});

export const suggestionSettled = defineEvent({
  type: 'automation.suggestion-settled',
  version: 1,
  topic: 'automation.analysis',
  description: 'A person sent, edited or rejected a reply that was suggested. The words are not here.',
  data: Type.Object({
    suggestionId: Type.String({ format: 'uuid' }),
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    sourceKind: OneOf(['template', 'article']),
    sourceId: Type.String({ format: 'uuid', description: 'the template or the article that the words are from' }),
    outcome: OneOf(['used', 'edited', 'rejected']),
    isObserved: Type.Boolean({ description: 'nobody said so: a reply with these words, or nearly, was sent' }),
  }),
  personal: null,
});
