import type { ConversationId, MessageId, RegroupingId } from '@crossdesk/contracts';
import { inputId, type Loaders, toEnum, toPayload } from '@crossdesk/service-kit';
import { toChannelName } from '@crossdesk/channels';
import { agentsByIds } from '../agent/agent.store.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import { ownThread, type Segment, segmentsByIds, segmentsOfConversations } from '../conversation/segment.store.ts';
import type { DB } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { mergeConversations } from './merge.commands.ts';
import { relatedConversations } from './related.store.ts';
import { regroupingsByIds, regroupingsOfConversations } from './regrouping.store.ts';
import { splitConversation } from './split.commands.ts';
import { undoRegrouping } from './undo.commands.ts';

export const mergeResolvers: graphql.Resolvers<GraphqlContext> = {
  Mutation: {
    mergeConversations: async (_, { input }, { app: { runtime }, request }) => {
      const named = (one: { readonly conversationId: string; readonly expectedVersion: number }) => ({
        conversationId: inputId<ConversationId>(one.conversationId),
        expectedVersion: one.expectedVersion,
      });
      const wanted = {
        into: named({ conversationId: input.into, expectedVersion: input.expectedVersion }),
        from: input.from.map(named),
        reason: input.reason,
      };
      const outcome = await runtime.commands.asked(request, 'mergeConversations', (call) =>
        mergeConversations(runtime, call, wanted),
      );
      return { ...toPayload('regrouping', outcome), laterRegrouping: null };
    },
    splitConversation: async (_, { input }, { app: { runtime }, request }) => {
      const wanted = {
        conversationId: inputId<ConversationId>(input.conversationId),
        fromMessageId: inputId<MessageId>(input.fromMessageId),
        expectedVersion: input.expectedVersion,
        reason: input.reason,
      };
      const outcome = await runtime.commands.asked(request, 'splitConversation', (call) =>
        splitConversation(runtime, call, wanted),
      );
      return { ...toPayload('regrouping', outcome), laterRegrouping: null };
    },
    undoRegrouping: async (_, { input }, { app: { runtime }, request, loaders }) => {
      const regroupingId = inputId<RegroupingId>(input.regroupingId);
      const outcome = await runtime.commands.asked(request, 'undoRegrouping', (call) =>
        undoRegrouping(runtime, call, { regroupingId }),
      );
      const laterId = outcome.ok || !('laterId' in outcome) ? null : (outcome.laterId ?? null);
      const laterRegrouping = laterId === null ? null : await loaders.load(regroupingsByIds, laterId);
      return { ...toPayload('regrouping', outcome), laterRegrouping };
    },
  },
  Conversation: {
    threads: (conversation, _, { loaders }) => threadsOf(conversation, loaders),
    mergedInto: async ({ joinedInto, regroupingId }, _, { loaders }) => {
      if (joinedInto === null || regroupingId === null) return null;
      const regrouping = await loaders.load(regroupingsByIds, regroupingId);
      const isMerged = regrouping?.details.kind === 'merge' && regrouping.conversationId === joinedInto;
      return isMerged ? loaders.load(conversationsByIds, joinedInto) : null;
    },
    splitFrom: ({ splitFrom }, _, { loaders }) =>
      splitFrom === null ? null : loaders.load(conversationsByIds, splitFrom),
    regroupings: async ({ id }, _, { loaders }) => (await loaders.load(regroupingsOfConversations, id)) ?? [],
    related: async ({ id }, _, { loaders }) => (await loaders.load(relatedConversations, id)) ?? [],
  },
  Message: {
    thread: async ({ segmentId, conversationId }, _, { loaders }) =>
      (segmentId === null ? null : await loaders.load(segmentsByIds, segmentId)) ??
      ownThread(await loaders.loadPresent(conversationsByIds, conversationId)),
  },
  Thread: {
    id: ({ threadId }) => threadId,
    account: ({ accountId }) => ({ id: accountId }),
    channel: ({ channel }) => toChannelName(channel),
  },
  Regrouping: {
    kind: ({ details }) => toEnum(details.kind),
    conversation: ({ conversationId }, _, { loaders }) => loaders.load(conversationsByIds, conversationId),
    others: async ({ otherIds }, _, { loaders }) => {
      const found = await Promise.all(otherIds.map((id) => loaders.load(conversationsByIds, id)));
      return found.filter((one) => one !== null);
    },
    by: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
    undoneBy: ({ undoneBy }, _, { loaders }) => (undoneBy === null ? null : loaders.load(agentsByIds, undoneBy)),
  },
};

async function threadsOf(conversation: Conversation, loaders: Loaders<DB>): Promise<Segment[]> {
  if (!conversation.isRegrouped) return [ownThread(conversation)];
  const segments = (await loaders.load(segmentsOfConversations, conversation.id)) ?? [];
  // Several parts of one thread are one way to the buyer; the live one comes first.
  const seen = new Set<string>();
  return segments.filter(({ threadId }) => !seen.has(threadId) && seen.add(threadId));
}
