import { type ConversationId, type CustomerId, type FeedbackId, type OrderId, parseId } from '@crossdesk/contracts';
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
  signedIn,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { handlingOf, priorityOf } from './classify.domain.ts';
import { classifyFeedback, confirmFeedback, recordFeedback, settleFeedback } from './feedback.commands.ts';
import {
  type Feedback,
  feedbackKinds,
  feedbackSources,
  feedbackStates,
  feedbackTypes,
  urgencies,
} from './feedback.domain.ts';
import { countFeedback, feedbackByIds, type FeedbackFilter, listFeedback } from './feedback.store.ts';

export const feedbackResolvers: graphql.Resolvers = {
  Query: {
    feedbackItem: (_, { id }, context) => feedbackById(id, context),
    feedback: (_, { filter, ...args }, context) => pageOf(filterIn(filter ?? {}), args, context),
  },
  Mutation: {
    recordFeedback: async (_, { input }, { app: { runtime }, request }) => {
      const kind = fromEnum(feedbackKinds, input.kind);
      const wish = {
        ...{ kind, clientMutationId: input.clientMutationId, skus: input.skus ?? [] },
        ...{ score: input.score ?? null, text: input.text ?? null, language: input.language ?? null },
        customerId: idIn<CustomerId>(input.customerId),
        conversationId: idIn<ConversationId>(input.conversationId),
        messageId: idIn(input.messageId),
        orderId: idIn<OrderId>(input.orderId),
      };
      const outcome = await runtime.commands.asked(request, 'recordFeedback', (call) =>
        recordFeedback(runtime, call, wish),
      );
      return toPayload('feedback', outcome);
    },
    classifyFeedback: async (_, { input }, context) => {
      const { runtime } = context.app;
      const said = { type: fromEnum(feedbackTypes, input.type), urgency: fromEnum(urgencies, input.urgency) };
      const wish = { ...changeIn(input), ...said };
      const outcome = await runtime.commands.asked(context.request, 'classifyFeedback', (call) =>
        classifyFeedback(runtime, call, wish),
      );
      return payloadOf(outcome, wish.feedbackId, context);
    },
    settleFeedback: async (_, { input }, context) => {
      const wish = changeIn(input);
      const outcome = await context.app.runtime.commands.asked(context.request, 'settleFeedback', (call) =>
        settleFeedback(call, wish),
      );
      return payloadOf(outcome, wish.feedbackId, context);
    },
    confirmFeedback: async (_, { input }, context) => {
      const { runtime } = context.app;
      const outcome = input.outcome === 'SATISFIED' ? 'satisfied' : 'not-satisfied';
      const wish = { ...changeIn(input), outcome } as const;
      const result = await runtime.commands.asked(context.request, 'confirmFeedback', (call) =>
        confirmFeedback(runtime, call, wish),
      );
      return payloadOf(result, wish.feedbackId, context);
    },
  },
  Customer: {
    feedback: ({ id }, args, context) => pageOf({ ...filterIn({}), customerId: id }, args, context),
  },
  FeedbackConnection: countResolvers,
  Feedback: {
    __resolveReference: ({ id }, context) => feedbackById(id, context),
    source: ({ source }) => toEnum(source),
    kind: ({ kind }) => toEnum(kind),
    account: ({ accountId: id }) => (id === null ? null : { id }),
    customer: ({ profileId }, _, { loaders }) => (profileId === null ? null : loaders.customers.load(profileId)),
    conversation: ({ conversationId: id }) => (id === null ? null : { id }),
    order: ({ orderId: id }) => (id === null ? null : { id }),
    skus: ({ skus }) => [...skus],
    type: ({ type }) => toEnum(type),
    urgency: ({ urgency }) => toEnum(urgency),
    classifiedBy: ({ classifiedBy: id }) => (id === null ? null : { id }),
    handling: ({ urgency }) => toEnum(handlingOf(urgency)),
    impact: ({ id }, _, { loaders }) => loaders.impacts.load(id),
    priority: async ({ id, urgency }, _, { loaders }) => toEnum(priorityOf(urgency, await loaders.impacts.load(id))),
    state: ({ state }) => toEnum(state),
    case: ({ caseId: id }) => (id === null ? null : { id }),
    recordedBy: ({ recordedBy: id }) => (id === null ? null : { id }),
  },
};

function feedbackById(text: string, { loaders, request }: GraphqlContext): Promise<Feedback | null> | null {
  signedIn(request);
  const id = parseId<FeedbackId>(text);
  return id === null ? null : loaders.feedback.load(id);
}

function filterIn(filter: graphql.FeedbackFilter): FeedbackFilter {
  return {
    customerId: idIn<CustomerId>(filter.customerId),
    accountIds: filter.accountIds?.map((id) => inputId(id)) ?? null,
    sources: filter.sources?.map((source) => fromEnum(feedbackSources, source)) ?? null,
    types: filter.types?.map((type) => fromEnum(feedbackTypes, type)) ?? null,
    urgencies: filter.urgencies?.map((urgency) => fromEnum(urgencies, urgency)) ?? null,
    states: filter.states?.map((state) => fromEnum(feedbackStates, state)) ?? null,
    sku: filter.sku ?? null,
    scoreMax: filter.scoreMax ?? null,
  };
}

async function pageOf(
  filter: FeedbackFilter,
  args: { readonly first: number; readonly after?: string | null | undefined },
  { app: { runtime }, request }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  const page = { first: pageSize(args.first), after: decodeKeyset(args.after) };
  const found = await runtime.db.forTenant(tenantId, (trx) => listFeedback(trx, tenantId, filter, page));
  const shown = connectionOf(
    found,
    { first: page.first, after: args.after },
    ({ givenAt, id }) => encodeKeyset({ at: givenAt, id }),
    (one) => one,
  );
  return counted(shown, () => runtime.db.forTenant(tenantId, (trx) => countFeedback(trx, tenantId, filter)));
}

async function payloadOf<Code extends string>(
  outcome: Decision<Feedback, Code>,
  id: FeedbackId,
  { app: { runtime }, request }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  const present = async () =>
    (await runtime.db.forTenant(tenantId, (trx) => feedbackByIds(trx, tenantId, [id]))).get(id) ?? null;
  return toPayload('feedback', await withPresent(outcome, present));
}

function changeIn({ feedbackId, expectedVersion }: { readonly feedbackId: string; readonly expectedVersion: number }) {
  return { feedbackId: inputId<FeedbackId>(feedbackId), expectedVersion };
}

/** A malformed id is one of nothing. */
function idIn<Id extends string>(text: string | null | undefined): Id | null {
  return typeof text === 'string' ? inputId<Id>(text) : null;
}
