import { type ConversationId, parseId } from '@crossdesk/contracts';
import { type Decision, inputId, signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { presentState } from '../background.ts';
import type { ReplyDraftId } from '../assistant.domain.ts';
import { beginReply, type DraftWish, prepareReply, readReply, writeReply } from './reply-draft.commands.ts';
import { replyDraftsByIds, type ReplyDraftRow } from './reply-draft.store.ts';

export const replyDraftResolvers: graphql.Resolvers = {
  Query: {
    replyDraft: (_, { id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<ReplyDraftId>(text);
      return id === null ? null : loaders.load(replyDraftsByIds, id);
    },
  },
  Mutation: {
    draftReply: async (_, { input }, context) => {
      const { instruction = null, locale = null } = input;
      const conversationId = inputId<ConversationId>(input.conversationId);
      return toPayload('draft', await draftReply(context, { conversationId, instruction, locale }));
    },
  },
  ReplyDraft: {
    __resolveReference: ({ id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<ReplyDraftId>(text);
      return id === null ? null : loaders.load(replyDraftsByIds, id);
    },
    conversationId: (row) => row.conversation_id,
    basedOnMessageId: (row) => row.message_id,
    state: (row, _, { app: { runtime } }) =>
      toEnum(presentState({ state: row.state, begunAt: row.created_at }, runtime.clock.now())),
    failure: (row, _, { app: { runtime } }) => {
      if (row.failure !== null) return toEnum(row.failure);
      return presentState({ state: row.state, begunAt: row.created_at }, runtime.clock.now()) === 'failed'
        ? 'TIMEOUT'
        : null;
    },
    findings: ({ findings }) => findings.map((finding) => ({ ...finding, code: toEnum(finding.code) })),
    createdAt: (row) => row.created_at,
  },
};

/** The draft, or as far as it is when the request has to be answered. */
async function draftReply(
  { app: { runtime, assistant, background, knowledge }, request }: GraphqlContext,
  wish: DraftWish,
): Promise<Decision<ReplyDraftRow, 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { tenantId } = signedIn(request);
  const task = await prepareReply({ ...assistant, knowledge }, tenantId, wish);
  if (!task.ok) return task;
  const begun = await runtime.commands.asked(request, 'draftReply', (call) => beginReply(assistant, call, task.value));
  if (!begun.ok || begun.did === null) return begun;
  const { id } = begun.value;
  await background.run((signal) => writeReply(assistant, task.value, id, signal));
  return readReply(assistant, tenantId, id);
}
