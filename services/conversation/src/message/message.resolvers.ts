import { type ConversationId, type MessageContent, type MessageId, parseId, textOf } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  inputId,
  pageSize,
  signedIn,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { messageCounts } from '../conversation/count-of-conversation.store.ts';
import { presentConversation } from '../conversation/conversation.resolvers.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { latestContent, shownReactions } from './message-change.domain.ts';
import { stopsOfDraft } from '../lint/check-text.ts';
import { decodeMessageCursor, encodeMessageCursor } from './message-cursor.ts';
import type { Message } from './message.domain.ts';
import { namedFiles } from '../attachment/named-files.ts';
import { partId } from './part-id.ts';
import { messagePages, messagesByIds } from './message.store.ts';
import { answersElsewhere } from './answers-elsewhere.store.ts';
import { isBlocked, type MessagePayload } from './message-payload.ts';
import { tellBlocked } from './reply-guard.ts';
import { sendMessage } from './send-message.commands.ts';

export const messageResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    message: (_, { id }, context) => messageById(id, context),
  },
  Mutation: {
    sendMessage: async (_, { input }, { app, request }): Promise<MessagePayload> => {
      const { runtime } = app;
      const conversationId = inputId<ConversationId>(input.conversationId);
      const attachments = namedFiles(app, request, input.attachments);
      const threadId = typeof input.threadId === 'string' ? inputId<ConversationId>(input.threadId) : null;
      const expectedVersion = input.expectedVersion ?? null;
      const wanted = { ...input, attachments, conversationId, threadId, expectedVersion };
      const outcome = await runtime.commands.asked(request, 'sendMessage', (call) =>
        sendMessage(runtime, call, wanted),
      );
      const code = outcome.ok ? null : (outcome.errors[0]?.code ?? null);
      const conversation =
        code === 'VERSION_CONFLICT' || isBlocked(code)
          ? await presentConversation(runtime, request, conversationId)
          : null;
      const lintFindings =
        code === 'LINT_STOPPED' ? await stopsOfDraft(runtime, request, conversationId, input.text ?? '') : [];
      const overtaken = isBlocked(code) ? { code, conversationId, basis: input.basis ?? 0 } : null;
      if (overtaken !== null)
        await runtime.commands.asked(request, 'sendMessage', (call) => tellBlocked(runtime, call, overtaken));
      const { clientMutationId } = input;
      const messages = outcome.ok ? await partsOf(app, request, outcome.value, attachments.length) : [];
      return { ...toPayload('message', outcome), messages, conversation, lintFindings, overtaken, clientMutationId };
    },
  },
  Conversation: {
    messages: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeMessageCursor(args.after), oldestFirst: args.oldestFirst };
      const found = (await loaders.load(messagePages, id, page)) ?? [];
      const shownPage = connectionOf(found, { first, after: args.after }, encodeMessageCursor, (message) => message);
      return counted(shownPage, async () => (await loaders.load(messageCounts, id)) ?? 0);
    },
  },
  MessageConnection: countResolvers,
  MessagePayload: {
    // What was sent changes the conversation: it is read now, past what the loaders of the operation have.
    conversation: ({ conversation, message }, _, { app: { runtime }, request }) =>
      message === null || message === undefined
        ? (conversation ?? null)
        : presentConversation(runtime, request, message.conversationId),
    answeredElsewhere: ({ overtaken, conversation }, _, { app: { runtime }, request }) => {
      if (overtaken?.code !== 'ANSWERED_ELSEWHERE' || conversation === null) return [];
      const { tenantId, agentId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => answersElsewhere(trx, conversation, agentId));
    },
  },
  Message: {
    __resolveReference: ({ id }, context) => messageById(id, context),
    conversation: ({ conversationId }, _, { loaders }) => loaders.loadPresent(conversationsByIds, conversationId),
    direction: ({ direction }) => toEnum(direction),
    author: ({ author }) => toEnum(author),
    agent: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
    kind: (message) => toEnum(latestContent(message).kind),
    text: shown(textOf),
    reactions: (message) =>
      shownReactions(message).map(({ by, emoji, at }) => ({ by: toEnum(by), emoji, reactedAt: at })),
    edits: (message, _, { request }) => {
      const maySee = maySeeOriginals(request);
      const contents = [message.content, ...message.edits.map(({ content }) => content)];
      return message.edits.map(({ by, at }, index) => {
        const previous = contents[index];
        const previousText = maySee && previous !== undefined ? textOf(previous) : null;
        return { by: toEnum(by), editedAt: at, previousText };
      });
    },
    stickerUrl: shown((content) => (content.kind === 'sticker' ? content.url : null)),
    externalOrderId: shown((content) => (content.kind === 'order' ? content.externalOrderId : null)),
    product: shown((content) => (content.kind === 'product' ? content : null)),
    returnCard: shown((content) => (content.kind === 'return' ? content : null)),
    coupon: shown((content) => (content.kind === 'coupon' ? content : null)),
    cart: shown((content) => (content.kind === 'cart' ? content : null)),
    choice: shown((content) => (content.kind === 'choice' ? content : null)),
    form: shown((content) => (content.kind === 'form' ? content : null)),
    contacts: shown((content) => (content.kind === 'contacts' ? content.contacts : null)),
    location: shown((content) => (content.kind === 'location' ? content : null)),
    bundledExternalIds: shown((content) => (content.kind === 'bundle' ? content.externalMessageIds : null)),
    platformKind: shown((content) => (content.kind === 'unsupported' ? content.platformKind : null)),
    referral: ({ context }) => context?.referral ?? null,
    aboutProduct: ({ context }) => context?.product ?? null,
    problem: ({ context }) => context?.problem ?? null,
    mail: ({ context }) => {
      if (context?.mail === undefined) return null;
      const { quoted, ...told } = context.mail;
      return { ...told, quotedText: quoted?.text ?? null };
    },
  },
  Delivery: {
    status: ({ status }) => toEnum(status),
  },
};

/** All messages of a reply; the text may be one before the files. */
async function partsOf(
  { runtime }: GraphqlContext['app'],
  request: GraphqlContext['request'],
  first: Message,
  files: number,
): Promise<Message[]> {
  if (files === 0) return [first];
  const { tenantId } = signedIn(request);
  const ids = Array.from({ length: files }, (_, n) => partId(first.id, n + 1));
  const found = await runtime.db.forTenant(tenantId, (trx) => messagesByIds(trx, tenantId, ids));
  return [first, ...ids.flatMap((id) => found.get(id) ?? [])];
}

/** A field of the content as it is now; null if the message was deleted and the reader may not see what it was. */
function shown<Value>(read: (content: MessageContent) => Value) {
  return (message: Message, _: unknown, { request }: GraphqlContext): Value | null =>
    message.deletedAt === null || maySeeOriginals(request) ? read(latestContent(message)) : null;
}

/** Supervisors and admins may see the words of edited and deleted messages. */
function maySeeOriginals(request: GraphqlContext['request']): boolean {
  return signedIn(request).role !== 'agent';
}

function messageById(text: string, { loaders, request }: GraphqlContext): Promise<Message | null> | null {
  signedIn(request);
  const id = parseId<MessageId>(text);
  return id === null ? null : loaders.load(messagesByIds, id);
}
