import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { ChannelSchema } from '../channels.ts';
import {
  ConversationIdSchema,
  MessageIdSchema,
  Nullable,
  OneOf,
  TemplateIdSchema,
  TemplateVariantIdSchema,
} from '../scalars.ts';

export const messageAnalysed = defineEvent({
  type: 'automation.message-analysed',
  version: 1,
  topic: 'automation.analysis',
  description: 'The language of a message was determined; null if it has no words to detect it from.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    language: Nullable(Type.String({ description: 'BCP 47' })),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    engine: Type.String({ description: 'name and version of the engine that decided' }),
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
