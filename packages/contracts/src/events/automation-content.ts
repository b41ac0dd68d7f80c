import { Type } from '@sinclair/typebox';
import { ChannelSchema } from '../channels.ts';
import { defineEvent } from '../define-event.ts';
import { IntentSchema } from '../intent.ts';
import {
  ArticleIdSchema,
  Instant,
  Nullable,
  OneOf,
  RuleIdSchema,
  TemplateIdSchema,
  TemplateVariantIdSchema,
} from '../scalars.ts';

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
