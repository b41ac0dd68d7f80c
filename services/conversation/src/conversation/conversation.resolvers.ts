import { capabilitiesOf, fromChannelName, replyWindowClosesAt, toChannelName } from '@crossdesk/channels';
import { type AgentId, type ChannelAccountId, type ConversationId, parseId } from '@crossdesk/contracts';
import { connectionOf, decodeKeyset, encodeKeyset, pageSize, signedIn, toEnum } from '@crossdesk/service-kit';
import { fromEnum } from '../enum-words.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { loadPresent } from '../graphql.loaders.ts';
import { messageConnection } from '../message/message.resolvers.ts';
import type { Outcome } from '../refusal.domain.ts';
import { type ConversationFilter, listConversations } from './conversation-list.store.ts';
import { assignConversation, markConversationRead, setConversationState } from './conversation.commands.ts';
import { type Conversation, conversationStates } from './conversation.domain.ts';
import { addNote } from '../note/note.commands.ts';

export const conversationQueries: graphql.QueryResolvers<GraphqlContext> = {
  conversations: async (_, { first: asked, after, filter, orderBy }, { app, request }) => {
    const { tenantId } = signedIn(request);
    const first = pageSize(asked);
    const page = { filter: filterOf(filter ?? {}), order: orderBy, first, after: decodeKeyset(after) };
    const found = await app.runtime.db.forTenant(tenantId, (trx) => listConversations(trx, tenantId, page));
    const placeOf = ({ waitingSince, lastMessageAt }: Conversation) =>
      orderBy === 'WAITING_LONGEST' ? (waitingSince ?? lastMessageAt) : lastMessageAt;
    return connectionOf(
      found,
      { first, after },
      (row) => encodeKeyset({ at: placeOf(row), id: row.id }),
      (row) => row,
    );
  },
  conversation: (_, { id }, context) => conversationById(id, context),
};

function conversationById(text: string, { loaders, request }: GraphqlContext): Promise<Conversation | null> | null {
  signedIn(request);
  const id = parseId<ConversationId>(text);
  return id === null ? null : loaders.conversations.load(id);
}

/** Malformed ids are ids of nothing: they narrow the list to nothing, as absent ones do. */
function filterOf({
  states,
  accountIds,
  channels: wanted,
  assigneeId,
  isUnassigned,
}: graphql.ConversationFilter): ConversationFilter {
  const assignee = typeof assigneeId === 'string' ? parseId<AgentId>(assigneeId) : null;
  const isNobody = typeof assigneeId === 'string' && assignee === null;
  return {
    states: isNobody ? [] : (states?.map((state) => fromEnum(conversationStates, state)) ?? null),
    accountIds: accountIds?.flatMap((text) => parseId<ChannelAccountId>(text) ?? []) ?? null,
    channels: wanted?.map(fromChannelName) ?? null,
    assigneeId: assignee,
    isUnassigned: isUnassigned ?? null,
  };
}

export const conversationMutations: graphql.MutationResolvers<GraphqlContext> = {
  assign: async (_, { input }, { app, request }) => toPayload(await assignConversation(app.runtime, request, input)),
  setConversationState: async (_, { input }, { app, request }) => {
    const state = fromEnum(conversationStates, input.state);
    return toPayload(await setConversationState(app.runtime, request, { ...input, state }));
  },
  markRead: async (_, { input }, { app, request }) =>
    toPayload(await markConversationRead(app.runtime, request, input)),
  addNote: async (_, { input }, { app, request }) => {
    const outcome = await addNote(app.runtime, request, input);
    return outcome.ok ? { note: outcome.value, errors: [] } : { note: null, errors: outcome.errors };
  },
};

function toPayload(outcome: Outcome<Conversation>) {
  return outcome.ok ? { conversation: outcome.value, errors: [] } : { conversation: null, errors: outcome.errors };
}

export const conversationFields: graphql.ConversationResolvers<GraphqlContext, Conversation> = {
  __resolveReference: ({ id }, context) => conversationById(id, context),
  account: ({ accountId }) => ({ id: accountId }),
  channel: ({ channel }) => toChannelName(channel),
  state: ({ state }) => toEnum(state),
  version: ({ revision }) => revision,
  assignee: ({ assigneeId }, _, { loaders }) => (assigneeId === null ? null : loaders.agents.load(assigneeId)),
  replyWindowClosesAt: ({ channel, lastInboundAt }) => replyWindowClosesAt(capabilitiesOf(channel), lastInboundAt),
  messages: ({ id }, args, context) => messageConnection(id, args, context),
  notes: async ({ id }, _, { loaders }) => [...(await loaders.notes.load(id))],
};

export const noteFields: graphql.NoteResolvers<GraphqlContext> = {
  author: ({ agentId }, _, { loaders }) => loadPresent(loaders.agents, agentId),
};
