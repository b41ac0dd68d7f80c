import { type ConversationId, type MessageId, parseId, textOf } from '@crossdesk/contracts';
import { connectionOf, inputId, pageSize, signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { decodeMessageCursor, encodeMessageCursor } from './message-cursor.ts';
import type { Message } from './message.domain.ts';
import { messagePages, messagesByIds } from './message.store.ts';
import { sendMessage } from './send-message.commands.ts';

export const messageResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    message: (_, { id }, context) => messageById(id, context),
  },
  Mutation: {
    sendMessage: async (_, { input }, { app: { runtime }, request }) => {
      const conversationId = inputId<ConversationId>(input.conversationId);
      const wanted = { ...input, conversationId, expectedVersion: input.expectedVersion ?? null };
      const outcome = await runtime.commands.asked(request, 'sendMessage', (call) =>
        sendMessage(runtime, call, wanted),
      );
      return toPayload('message', outcome);
    },
  },
  Conversation: {
    messages: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeMessageCursor(args.after), oldestFirst: args.oldestFirst };
      const found = (await loaders.load(messagePages, id, page)) ?? [];
      return connectionOf(found, { first, after: args.after }, encodeMessageCursor, (message) => message);
    },
  },
  Message: {
    __resolveReference: ({ id }, context) => messageById(id, context),
    conversation: ({ conversationId }, _, { loaders }) => loaders.loadPresent(conversationsByIds, conversationId),
    direction: ({ direction }) => toEnum(direction),
    author: ({ author }) => toEnum(author),
    agent: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
    kind: ({ content }) => toEnum(content.kind),
    text: ({ content }) => textOf(content),
    media: ({ content }) => ('mediaId' in content ? content : null),
    stickerUrl: ({ content }) => (content.kind === 'sticker' ? content.url : null),
    externalOrderId: ({ content }) => (content.kind === 'order' ? content.externalOrderId : null),
    product: ({ content }) => (content.kind === 'product' ? content : null),
    location: ({ content }) => (content.kind === 'location' ? content : null),
    platformKind: ({ content }) => (content.kind === 'unsupported' ? content.platformKind : null),
  },
  Delivery: {
    status: ({ status }) => toEnum(status),
  },
};

function messageById(text: string, { loaders, request }: GraphqlContext): Promise<Message | null> | null {
  signedIn(request);
  const id = parseId<MessageId>(text);
  return id === null ? null : loaders.load(messagesByIds, id);
}
