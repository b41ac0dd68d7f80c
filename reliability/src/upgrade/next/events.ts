import { Type } from '@sinclair/typebox';
import type { EventDefinition } from '../../../../packages/contracts/src/define-event.ts';
import * as original from '../../../../packages/contracts/src/events.ts';
import { ConversationIdSchema, MessageIdSchema } from '../../../../packages/contracts/src/scalars.ts';
import { newTypes } from '../measured.ts';

export * from '../../../../packages/contracts/src/events.ts';

const wordCount = Type.Integer({ minimum: 0 });

/** `ingest.message-received` has one more optional field, and there are two new types. */
export const eventDefinitions: readonly EventDefinition[] = [
  ...original.eventDefinitions.map((definition) =>
    definition.type === 'ingest.message-received'
      ? { ...definition, data: Type.Object({ ...definition.data.properties, wordCount: Type.Optional(wordCount) }) }
      : definition,
  ),
  messageMeasured(newTypes.ingest, 'ingest.inbound'),
  messageMeasured(newTypes.conversation, 'conversation.conversation'),
];

function messageMeasured(type: string, topic: EventDefinition['topic']): EventDefinition {
  return {
    type,
    version: 1,
    topic,
    description: 'How long a message is.',
    data: Type.Object({ conversationId: ConversationIdSchema, messageId: MessageIdSchema, wordCount }),
    personal: null,
  };
}
