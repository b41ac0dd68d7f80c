import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { IntentSchema } from '../intent.ts';
import { ConversationIdSchema, MessageIdSchema, Nullable, OneOf } from '../scalars.ts';

const Score = Type.Number({ minimum: 0, maximum: 1 });

const SpanSchema = Type.Object(
  { start: Type.Integer({ minimum: 0 }), end: Type.Integer({ minimum: 1 }) },
  { description: 'a part of the text of the message, in UTF-16 code units; `end` is the first one behind it' },
);

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

/** Open: a new kind of engine needs no new version. */
const EngineSchema = Nullable(
  Type.String({ description: 'the kind of engine, for instance deepl, or memory; null: nothing translated it' }),
);

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
