import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { ConversationIdSchema, MessageIdSchema, Nullable } from '../scalars.ts';

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
