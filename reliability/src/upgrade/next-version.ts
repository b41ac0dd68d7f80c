import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../mutants/mutant.port.ts';
import { applyEdits, copyTree, removeTree } from '../mutants/tree.ts';

/** Types of events that only the next version knows, by the service that publishes them. */
export const newTypes = { ingest: 'ingest.message-measured', conversation: 'conversation.message-measured' } as const;

const contracts = 'packages/contracts/src';
const countWords = `(textOf(content) ?? '').split(/\\s+/).filter((word) => word !== '').length`;

function measured(service: keyof typeof newTypes, topic: string): string {
  return `
export const messageMeasured = defineEvent({
  type: '${newTypes[service]}',
  version: 1,
  topic: '${topic}',
  description: 'How long a message is.',
  data: Type.Object({
    conversationId: ConversationIdSchema,
    messageId: MessageIdSchema,
    wordCount: Type.Integer({ minimum: 0 }),
  }),
});
`;
}

/** ingest adds an optional field to an event, and publishes a new type before it. */
const ingest: readonly Edit[] = [
  {
    file: `${contracts}/events/ingest.ts`,
    find: `orders the platform itself names with the message' }),\n  }),\n});\n`,
    replace: `orders the platform itself names with the message' }),
    wordCount: Type.Optional(Type.Integer({ minimum: 0 })),\n  }),\n});\n${measured('ingest', 'ingest.inbound')}`,
  },
  {
    file: `${contracts}/events.ts`,
    find: `  ingest.messageReceived,\n`,
    replace: `  ingest.messageReceived,\n  ingest.messageMeasured,\n  conversation.messageMeasured,\n`,
  },
  {
    file: 'services/ingest/src/inbound/record-messages.ts',
    find: `import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';\n`,
    replace: `import { type MessageContent, textOf } from '@crossdesk/contracts';
import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';\n`,
  },
  {
    file: 'services/ingest/src/inbound/record-messages.ts',
    find: `    .map(toEvent);`,
    replace: `    .flatMap((item) => [toMeasured(item), toEvent(item)]);`,
  },
  {
    file: 'services/ingest/src/inbound/record-messages.ts',
    find: `function toEvent(`,
    replace: `function wordCountOf(content: MessageContent): number {
  return ${countWords};
}

function toMeasured({ message, messageId, thread, receivedAt, traceparent }: Placed): AnyEventDraft {
  return {
    aggregate: thread.nextAggregate(),
    type: '${newTypes.ingest}',
    origin: causedOutside({ kind: 'system', id: null }, traceparent),
    occurredAt: message.occurredAt,
    receivedAt,
    data: { conversationId: thread.conversationId, messageId, wordCount: wordCountOf(message.content) },
  };
}

function toEvent(`,
  },
  {
    file: 'services/ingest/src/inbound/record-messages.ts',
    find: `      externalOrderIds: [...message.externalOrderIds],\n`,
    replace: `      externalOrderIds: [...message.externalOrderIds],\n      wordCount: wordCountOf(message.content),\n`,
  },
];

/** conversation publishes a new type behind each message. */
const conversation: readonly Edit[] = [
  {
    file: `${contracts}/events/conversation.ts`,
    find: `export const replyRequested = `,
    replace: `${measured('conversation', 'conversation.conversation').trimStart()}\nexport const replyRequested = `,
  },
  {
    file: 'services/conversation/src/consumers/on-message-received.ts',
    find: `    changed.set(key, conversation);\n`,
    replace: `    const counted = { ...conversation, version: conversation.version + 1 };\n    changed.set(key, counted);\n`,
  },
  {
    file: 'services/conversation/src/consumers/on-message-received.ts',
    find: `      messageAdded({ aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(one) }, message),\n`,
    replace: `      messageAdded({ aggregate: aggregateOf(conversation), conversation, origin: causedByEvent(one) }, message),
      {
        aggregate: aggregateOf(counted),
        type: '${newTypes.conversation}',
        origin: causedByEvent(one),
        data: {
          conversationId: message.conversationId,
          messageId: message.id,
          wordCount: one.event.data.wordCount ?? wordCountOf(message.content),
        },
      },\n`,
  },
  {
    file: 'services/conversation/src/consumers/on-message-received.ts',
    find: `function newConversation(`,
    replace: `function wordCountOf(content: Message['content']): number {\n  return ${countWords};\n}\n\nfunction newConversation(`,
  },
];

/** automation keeps what it read, or counted where an old ingest counted nothing, in a column that is new. */
const automation: readonly Edit[] = [
  {
    file: 'services/automation/src/consumers/on-message-received.ts',
    find: `const { tenantId: _, ...data } = analysis;`,
    replace: `const { tenantId: _, wordCount: __, ...data } = analysis;`,
  },
  {
    file: 'services/automation/src/consumers/on-message-received.ts',
    find: `  return { tenantId: event.tenantId, messageId, conversationId, ...detectLanguage(textOf(content) ?? '') };`,
    replace: `  const wordCount = event.data.wordCount ?? ${countWords};
  return { tenantId: event.tenantId, messageId, conversationId, wordCount, ...detectLanguage(textOf(content) ?? '') };`,
  },
  {
    file: 'services/automation/src/analysis/analysis.store.ts',
    find: `  readonly engine: string;\n`,
    replace: `  readonly engine: string;\n  readonly wordCount: number;\n`,
  },
  {
    file: 'services/automation/src/analysis/analysis.store.ts',
    find: `(tenant_id, message_id, conversation_id, language, confidence, engine, analysed_at)
    select tenant_id, message_id, conversation_id, language, confidence, engine, \${now}`,
    replace: `(tenant_id, message_id, conversation_id, language, confidence, engine, word_count, analysed_at)
    select tenant_id, message_id, conversation_id, language, confidence, engine, word_count, \${now}`,
  },
  {
    file: 'services/automation/src/analysis/analysis.store.ts',
    find: `\${analyses.map((a) => a.engine)}::text[])
      as a (tenant_id, message_id, conversation_id, language, confidence, engine)`,
    replace: `\${analyses.map((a) => a.engine)}::text[],
      \${analyses.map((a) => a.wordCount)}::integer[])
      as a (tenant_id, message_id, conversation_id, language, confidence, engine, word_count)`,
  },
];

export const nextVersionEdits: readonly Edit[] = [...ingest, ...conversation, ...automation];

const migration = {
  file: 'services/automation/migrations/9999_word_count.sql',
  text: 'alter table message_analysis add column word_count integer;\n',
};

/**
 * A copy of the product as its next version could be. It changes what may change within a version, and nothing else: an
 * optional field in an event, types of events on topics that have readers, a column that may be null.
 */
export function copyNextVersion(): string {
  const tree = copyTree();
  try {
    applyEdits(tree, nextVersionEdits);
    writeFileSync(join(tree, migration.file), migration.text);
    return tree;
  } catch (error) {
    removeTree(tree);
    throw error;
  }
}
