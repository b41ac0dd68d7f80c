import { capabilitiesOf, fromChannelName, replyWindowClosesAt, toChannelName } from '@crossdesk/channels';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  parseId,
  type TeamId,
} from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import {
  connectionOf,
  counted,
  countResolvers,
  type Decision,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  type RequestContext,
  signedIn,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { tierName } from '../customer-mark/customer-mark.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { withinAccess } from './within-access.ts';
import {
  type ConversationFilter,
  countConversations,
  listedMarks,
  listConversations,
  type ListedConversation,
} from './conversation-list.store.ts';
import {
  assignConversation,
  type ChangeInput,
  markConversationRead,
  setConversationPriority,
  setConversationState,
} from './conversation.commands.ts';
import {
  type Conversation,
  conversationPhases,
  conversationPriorities,
  conversationStates,
  enquiryTypes,
} from './conversation.domain.ts';
import { conversationsByIds } from './conversation.store.ts';

export const conversationResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    conversations: async (_, { first: asked, after, filter, orderBy }, { app, request }) => {
      const caller = signedIn(request);
      const { tenantId } = caller;
      const first = pageSize(asked);
      const { db } = app.runtime;
      const page = {
        filter: withinAccess(filterOf(filter ?? {}, caller.agentId), caller),
        order: orderBy,
        first,
        after: decodeKeyset(after),
      };
      const found = await db.forTenant(tenantId, (trx) => listConversations(trx, tenantId, page));
      const placeOf = ({ dueAt, waitingSince, lastMessageAt }: ListedConversation) =>
        ({ LAST_MESSAGE_DESC: null, WAITING_LONGEST: waitingSince, DUE_FIRST: dueAt })[orderBy] ?? lastMessageAt;
      const shown = connectionOf(
        found,
        { first, after },
        (row) => encodeKeyset({ at: placeOf(row), id: row.id }),
        (row) => row,
      );
      return counted(shown, () => db.forTenant(tenantId, (trx) => countConversations(trx, tenantId, page)));
    },
    conversation: (_, { id }, context) => conversationById(id, context),
  },
  Mutation: {
    assignConversation: async (_, { input }, { app: { runtime }, request }) => {
      const agentId = typeof input.agentId === 'string' ? inputId<AgentId>(input.agentId) : null;
      const outcome = await runtime.commands.asked(request, 'assignConversation', (call) =>
        assignConversation(runtime, call, { ...changeOf(input), agentId }),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    setConversationState: async (_, { input }, { app: { runtime }, request }) => {
      const state = fromEnum(conversationStates, input.state);
      const outcome = await runtime.commands.asked(request, 'setConversationState', (call) =>
        setConversationState(runtime, call, { ...changeOf(input), state }),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    setConversationPriority: async (_, { input }, { app: { runtime }, request }) => {
      const priority = fromEnum(conversationPriorities, input.priority);
      const outcome = await runtime.commands.asked(request, 'setConversationPriority', (call) =>
        setConversationPriority(runtime, call, { ...changeOf(input), priority }),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    markConversationRead: async (_, { input }, { app: { runtime }, request }) => {
      const outcome = await runtime.commands.asked(request, 'markConversationRead', (call) =>
        markConversationRead(runtime, call, changeOf(input)),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
  },
  ConversationConnection: countResolvers,
  Conversation: {
    __resolveReference: ({ id }, context) => conversationById(id, context),
    account: ({ accountId }) => ({ id: accountId }),
    channel: ({ channel }) => toChannelName(channel),
    state: ({ state }) => toEnum(state),
    priority: ({ priority }) => toEnum(priority),
    phase: ({ phase }) => toEnum(phase),
    version: ({ revision }) => revision,
    joinedInto: ({ joinedInto }, _, { loaders }) =>
      joinedInto === null ? null : loaders.load(conversationsByIds, joinedInto),
    assignee: ({ assigneeId }, _, { loaders }) => (assigneeId === null ? null : loaders.load(agentsByIds, assigneeId)),
    replyWindowClosesAt: ({ channel, lastInboundAt }) => replyWindowClosesAt(capabilitiesOf(channel), lastInboundAt),
  },
};

export async function conversationPayload<Code extends string>(
  outcome: Decision<Conversation, Code>,
  text: string,
  { runtime, request }: { readonly runtime: GraphqlContext['app']['runtime']; readonly request: RequestContext },
) {
  return toPayload('conversation', await withPresent(outcome, () => presentConversation(runtime, request, text)));
}

/** The conversation as it is now, past what the loaders of the operation have read. */
export async function presentConversation(
  { db }: Pick<GraphqlContext['app']['runtime'], 'db'>,
  request: RequestContext,
  text: string,
): Promise<Conversation | null> {
  const { tenantId } = signedIn(request);
  const id = inputId<ConversationId>(text);
  return (await db.forTenant(tenantId, (trx) => conversationsByIds(trx, tenantId, [id]))).get(id) ?? null;
}

function conversationById(text: string, { loaders, request }: GraphqlContext): Promise<Conversation | null> | null {
  signedIn(request);
  const id = parseId<ConversationId>(text);
  return id === null ? null : loaders.load(conversationsByIds, id);
}

/** No tag is longer. */
const filterCharactersMax = 100;

/** Malformed ids match nothing, like ids that do not exist. */
export function filterOf(filter: graphql.ConversationFilter, me: AgentId): ConversationFilter {
  const { states, accountIds, channels: wanted } = filter;
  const assignee = wantedId<AgentId>(filter.assigneeId);
  const customer = wantedId<CustomerId>(filter.customerId);
  const isNobody = assignee === 'malformed' || customer === 'malformed';
  return {
    ids: null,
    states: isNobody ? [] : (states?.map((state) => fromEnum(conversationStates, state)) ?? null),
    priorities: filter.priorities?.map((priority) => fromEnum(conversationPriorities, priority)) ?? null,
    accountIds: accountIds?.flatMap((text) => parseId<ChannelAccountId>(text) ?? []) ?? null,
    channels: wanted?.map(fromChannelName) ?? null,
    assigneeId: isNobody ? null : assignee,
    customerId: isNobody ? null : customer,
    teamIds: filter.teamIds?.flatMap((text) => parseId<TeamId>(text) ?? []) ?? null,
    phases: filter.phases?.map((phase) => fromEnum(conversationPhases, phase)) ?? null,
    enquiryTypes: filter.enquiryTypes?.map((type) => fromEnum(enquiryTypes, type)) ?? null,
    isUnassigned: filter.isUnassigned ?? null,
    isUnread: filter.isUnread ?? null,
    watched: typeof filter.watchedByMe === 'boolean' ? { by: me, isWanted: filter.watchedByMe } : null,
    isOverdue: filter.isOverdue ?? null,
    marks: filter.marks?.map((mark) => fromEnum(listedMarks, mark)) ?? null,
    hasTag: typeof filter.hasTag === 'string' ? foldedName(filter.hasTag.slice(0, filterCharactersMax)) : null,
    customerTags: filter.customerTags?.map((name) => foldedName(name.slice(0, filterCharactersMax))) ?? null,
    customerTiers: filter.customerTiers?.flatMap((name) => tierName(name) ?? []) ?? null,
    lastMessageFrom: filter.lastMessageFrom ?? null,
    lastMessageBefore: filter.lastMessageBefore ?? null,
  };
}

function wantedId<Id extends string>(text: string | null | undefined): Id | null | 'malformed' {
  return typeof text === 'string' ? (parseId<Id>(text) ?? 'malformed') : null;
}

export function changeOf(input: { readonly conversationId: string; readonly expectedVersion: number }): ChangeInput {
  return { conversationId: inputId<ConversationId>(input.conversationId), expectedVersion: input.expectedVersion };
}
