import {
  type AgentId,
  type CaseId,
  type ConversationId,
  type OrderId,
  parseId,
  type TeamId,
} from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  type Decision,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { customersOf } from '../conversation/conversation-customer.store.ts';
import { conversationPriorities } from '../conversation/conversation.domain.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { teamsByIds } from '../team/team.store.ts';
import { pageOf } from './case-filter.ts';
import { feedbackOfCases } from './case-feedback.store.ts';
import { addCaseNote, changeLink, watchCase } from './case-link.commands.ts';
import { conversationsOfCases, ordersOfCases, watchersOfCases } from './case-link.store.ts';
import { type CasePage, countCases, listCases } from './case-list.store.ts';
import type { WishedOwner } from './case-owner.ts';
import { assignCase, setCaseState, updateCase } from './case.commands.ts';
import { allowedStates, type Case, type CaseLink, caseStates, caseTypes, isUnderWay } from './case.domain.ts';
import { casesByIds, casesOfConversations, casesOfOrders } from './case.store.ts';
import { escalateToCase } from './escalate-to-case.commands.ts';

export const caseResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    case: (_, { id }, context) => caseById(id, context),
    cases: async (_, args, { app: { runtime }, request }) => {
      const caller = signedIn(request);
      const { tenantId } = caller;
      const page = pageOf(args, caller, runtime.clock.now());
      const found = await runtime.db.forTenant(tenantId, (trx) => listCases(trx, tenantId, page));
      const shown = connectionOf(found, { first: page.first, after: args.after }, cursorIn(page), (one) => one);
      return counted(shown, () => runtime.db.forTenant(tenantId, (trx) => countCases(trx, tenantId, page)));
    },
  },
  Mutation: {
    escalateConversation: async (_, { input }, { app: { runtime }, request }) => {
      const { clientMutationId, title } = input;
      const wish = {
        ...{ clientMutationId, title, ...wishedIn(input), note: input.note ?? null },
        conversationId: inputId<ConversationId>(input.conversationId),
        type: fromEnum(caseTypes, input.type),
        priority: fromEnum(conversationPriorities, input.priority ?? 'NORMAL'),
        orderId: idIn<OrderId>(input.orderId),
      };
      const outcome = await runtime.commands.asked(request, 'escalateConversation', (call) =>
        escalateToCase(runtime, call, wish),
      );
      return toPayload('case', outcome);
    },
    assignCase: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = { ...changeIn(input), ...wishedIn(input) };
      const outcome = await runtime.commands.asked(context.request, 'assignCase', (call) =>
        assignCase(runtime, call, wish),
      );
      return casePayload(outcome, wish.caseId, context);
    },
    setCaseState: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = { ...changeIn(input), state: fromEnum(caseStates, input.state) };
      const outcome = await runtime.commands.asked(context.request, 'setCaseState', (call) =>
        setCaseState(runtime, call, wish),
      );
      return casePayload(outcome, wish.caseId, context);
    },
    updateCase: async (_, { input }, context) => {
      const { runtime } = context.app;
      const { title, priority, dueAt } = input;
      const details = { title: title ?? null, dueAt: dueAt ?? null };
      const chosen = typeof priority === 'string' ? fromEnum(conversationPriorities, priority) : null;
      const wish = { ...changeIn(input), ...details, priority: chosen };
      const outcome = await runtime.commands.asked(context.request, 'updateCase', (call) =>
        updateCase(runtime, call, wish),
      );
      return casePayload(outcome, wish.caseId, context);
    },
    linkCase: (_, { input }, context) => link('linkCase', input, true, context),
    unlinkCase: (_, { input }, context) => link('unlinkCase', input, false, context),
    watchCase: async (_, { input }, { app: { runtime }, request }) => {
      // A person who comes through an external provider for the first time becomes an agent here.
      await agentBehind(runtime, request);
      const { agentId } = signedIn(request);
      const wish = { caseId: inputId<CaseId>(input.caseId), agentId, wanted: input.isWatched ?? true };
      const outcome = await runtime.commands.asked(request, 'watchCase', (call) => watchCase(runtime, call, wish));
      return toPayload('case', outcome);
    },
    addCaseNote: async (_, { input }, { app: { runtime }, request }) => {
      await agentBehind(runtime, request);
      const wish = { ...input, caseId: inputId<CaseId>(input.caseId) };
      const outcome = await runtime.commands.asked(request, 'addCaseNote', (call) => addCaseNote(runtime, call, wish));
      return { ...toPayload('case', outcome), clientMutationId: input.clientMutationId };
    },
  },
  Conversation: {
    cases: async ({ id }, { first }, { loaders }) =>
      (await loaders.load(casesOfConversations, id, pageSize(first))) ?? [],
  },
  Order: {
    // Which orders there are, ingest knows; a malformed id has no cases.
    __resolveReference: ({ id }, { request }) => {
      signedIn(request);
      return { id };
    },
    cases: async ({ id }, { first }, { loaders }) =>
      (await loaders.load(casesOfOrders, inputId<OrderId>(id), pageSize(first))) ?? [],
  },
  CaseConnection: countResolvers,
  Case: {
    __resolveReference: ({ id }, context) => caseById(id, context),
    type: ({ type }) => toEnum(type),
    state: ({ state }) => toEnum(state),
    allowedStates: (one, _, { app: { runtime } }) => allowedStates(one, runtime.clock.now()).map(toEnum),
    priority: ({ priority }) => toEnum(priority),
    owner: ({ ownerId }, _, { loaders }) => loaders.loadPresent(agentsByIds, ownerId),
    team: ({ teamId }, _, { loaders }) => (teamId === null ? null : loaders.load(teamsByIds, teamId)),
    account: ({ accountId }) => ({ id: accountId }),
    customer: async ({ id: caseId }, _, { loaders }) => {
      const [first] = (await loaders.load(conversationsOfCases, caseId)) ?? [];
      const id = first === undefined ? null : await loaders.load(customersOf, first);
      return id === null ? null : { id };
    },
    conversations: async ({ id }, _, { loaders }) => {
      const ids = (await loaders.load(conversationsOfCases, id)) ?? [];
      const seen = await Promise.all(ids.map((one) => loaders.load(conversationsByIds, one)));
      return seen.filter((one) => one !== null);
    },
    orders: async ({ id }, _, { loaders }) =>
      ((await loaders.load(ordersOfCases, id)) ?? []).map((orderId) => ({ id: orderId })),
    feedback: async ({ id: caseId }, _, { loaders }) => {
      const id = await loaders.load(feedbackOfCases, caseId);
      return id === null ? null : { id };
    },
    watchers: async ({ id }, _, { loaders }) => {
      const ids = (await loaders.load(watchersOfCases, id)) ?? [];
      return Promise.all(ids.map((one) => loaders.loadPresent(agentsByIds, one)));
    },
    isOverdue: (one, _, { app: { runtime } }) => isUnderWay(one) && one.due.at <= runtime.clock.now(),
    openedBy: ({ openedBy }, _, { loaders }) => (openedBy === null ? null : loaders.load(agentsByIds, openedBy)),
    version: ({ revision }) => revision,
  },
  CaseDue: {
    basis: ({ basis }) => toEnum(basis),
  },
};

function cursorIn({ order }: CasePage): (one: Case) => string {
  return ({ due, openedAt, id }) => encodeKeyset({ at: order === 'DUE_FIRST' ? due.at : openedAt, id });
}

function caseById(text: string, { loaders, request }: GraphqlContext): Promise<Case | null> | null {
  signedIn(request);
  const id = parseId<CaseId>(text);
  return id === null ? null : loaders.load(casesByIds, id);
}

async function casePayload<Code extends string>(
  outcome: Decision<Case, Code>,
  id: CaseId,
  { app: { runtime }, request }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  const present = async () =>
    (await runtime.db.forTenant(tenantId, (trx) => casesByIds(trx, tenantId, [id]))).get(id) ?? null;
  return toPayload('case', await withPresent(outcome, present));
}

async function link(
  action: 'linkCase' | 'unlinkCase',
  input: graphql.CaseLinkInput,
  wanted: boolean,
  { app: { runtime }, request }: GraphqlContext,
) {
  const wish = { caseId: inputId<CaseId>(input.caseId), link: linkIn(input), wanted };
  return toPayload('case', await runtime.commands.asked(request, action, (call) => changeLink(runtime, call, wish)));
}

function linkIn({ conversationId, orderId }: graphql.CaseLinkInput): CaseLink | null {
  const [conversation, order] = [idIn<ConversationId>(conversationId), idIn<OrderId>(orderId)];
  if (conversation !== null && order === null) return { conversationId: conversation };
  return order !== null && conversation === null ? { orderId: order } : null;
}

function changeIn({ caseId, expectedVersion }: { readonly caseId: string; readonly expectedVersion: number }) {
  return { caseId: inputId<CaseId>(caseId), expectedVersion };
}

function wishedIn(input: Pick<graphql.AssignCaseInput, 'ownerId' | 'teamId'>): WishedOwner {
  return { ownerId: idIn<AgentId>(input.ownerId), teamId: idIn<TeamId>(input.teamId) };
}

/** A malformed id is one of nothing. */
function idIn<Id extends string>(text: string | null | undefined): Id | null {
  return typeof text === 'string' ? inputId<Id>(text) : null;
}
