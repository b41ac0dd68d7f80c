import { type ConversationId, type MessageId, parseId } from '@crossdesk/contracts';
import { toEnum } from '@crossdesk/service-kit';
import type { ConversationReference } from '../conversation/latest-facts.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { MessageReference, StoredAnalysis } from './analysis.loaders.ts';
import type { Understanding } from './understanding.domain.ts';

export const analysisResolvers: Resolvers = {
  Message: {
    __resolveReference: ({ id }) => ({ id }),
    language: async (message, _, context) => {
      const analysis = await analysisOf(message, context);
      if (analysis === null || analysis.language === null) return null;
      return { locale: analysis.language, confidence: analysis.confidence, engine: analysis.engine };
    },
    intents: async (message, _, context) => [...((await understandingOf(message, context))?.intents ?? [])],
    sentiment: async (message, _, context) => (await understandingOf(message, context))?.sentiment ?? null,
    complaint: async (message, _, context) => (await understandingOf(message, context))?.complaint ?? null,
    urgency: async (message, _, context) => (await understandingOf(message, context))?.urgency ?? null,
    risks: async (message, _, context) => [...((await understandingOf(message, context))?.risks ?? [])],
    entities: async (message, _, context) => [...((await understandingOf(message, context))?.entities ?? [])],
    analysis: async (message, _, context) => {
      const analysis = await analysisOf(message, context);
      if (analysis === null) return null;
      const { revision, analysed_at: analysedAt, understanding } = analysis;
      return { model: understanding?.model ?? null, revision, analysedAt };
    },
  },
  Conversation: {
    mood: async (conversation, _, context) => (await conversationOf(conversation, context))?.mood ?? null,
    triage: async (conversation, _, context) => (await conversationOf(conversation, context))?.triage ?? null,
  },
  ConversationMood: { label: ({ label }) => toEnum(label) },
  Triage: {
    enquiryType: ({ enquiryType }) => (enquiryType === null ? null : toEnum(enquiryType)),
    risks: ({ risks }) => [...risks],
    priorityParts: ({ parts }) => [...parts],
  },
  ConversationRisk: { class: (risk) => toEnum(risk.class), message: ({ messageId }) => ({ id: messageId }) },
  PriorityPart: { reason: ({ reason }) => toEnum(reason) },
  MessageIntent: { intent: ({ intent }) => toEnum(intent) },
  MessageSentiment: { label: ({ label }) => toEnum(label) },
  MessageRisk: { class: (risk) => toEnum(risk.class), offsets: ({ offsets }) => [...offsets] },
  MessageEntity: {
    kind: ({ kind }) => toEnum(kind),
    offset: ({ start, end }) => ({ start, end }),
  },
};

async function analysisOf({ id }: MessageReference, { analyses }: GraphqlContext): Promise<StoredAnalysis | null> {
  const messageId = parseId<MessageId>(id);
  return messageId === null ? null : analyses.load(messageId);
}

async function understandingOf(message: MessageReference, context: GraphqlContext): Promise<Understanding | null> {
  return (await analysisOf(message, context))?.understanding ?? null;
}

async function conversationOf({ id }: ConversationReference, { conversations }: GraphqlContext) {
  const conversationId = parseId<ConversationId>(id);
  return conversationId === null ? null : conversations.load(conversationId);
}
