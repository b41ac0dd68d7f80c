import { type ConversationId, parseId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { type Decision, inputId, signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { presentState } from '../background.ts';
import { noteSummary, prepareSummary, readSummary, writeSummary } from './summary.commands.ts';
import { type StoredSummary, summariesIn } from './summary.store.ts';

export const summaryResolvers: graphql.Resolvers = {
  Conversation: {
    summary: async ({ id }, args, { loaders }) => {
      const conversationId = parseId<ConversationId>(id);
      const locale = canonicalLocale(args.locale);
      return conversationId === null || locale === null ? null : loaders.load(summariesIn, conversationId, locale);
    },
  },
  Mutation: {
    summariseConversation: async (_, { input }, context) => {
      const conversationId = inputId<ConversationId>(input.conversationId);
      return toPayload('summary', await summarise(context, { conversationId, locale: input.locale }));
    },
  },
  ConversationSummary: {
    state: ({ state, begun_at }, _, { app: { runtime } }) =>
      toEnum(presentState({ state, begunAt: begun_at }, runtime.clock.now())),
    failure: ({ state, failure, begun_at }, _, { app: { runtime } }) => {
      if (failure !== null) return toEnum(failure);
      return presentState({ state, begunAt: begun_at }, runtime.clock.now()) === 'failed' ? 'TIMEOUT' : null;
    },
    basedOnMessageId: (row) => row.message_id,
    begunAt: (row) => row.begun_at,
  },
};

/** The summary, or as far as it is when the request has to be answered. */
async function summarise(
  { app: { runtime, assistant, background }, request }: GraphqlContext,
  wish: { readonly conversationId: ConversationId; readonly locale: string },
): Promise<Decision<StoredSummary, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { tenantId } = signedIn(request);
  const task = await prepareSummary(assistant, tenantId, wish);
  if (!task.ok) return task;
  const begun = await runtime.commands.asked(request, 'summariseConversation', (call) => noteSummary(call, task.value));
  if (begun.ok && begun.did !== null) await background.run((signal) => writeSummary(assistant, task.value, signal));
  return readSummary(assistant, task.value.row);
}
