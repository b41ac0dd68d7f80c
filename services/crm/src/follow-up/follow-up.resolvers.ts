import { type AgentId, type ConversationId, type CustomerId, type FollowUpId, parseId } from '@crossdesk/contracts';
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
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { cancelFollowUp, completeFollowUp, createFollowUp, snoozeFollowUp } from './follow-up.commands.ts';
import { type FollowUp, followUpStates } from './follow-up.domain.ts';
import { countFollowUps, type FollowUpFilter, followUpsByIds, listFollowUps } from './follow-up.store.ts';
import { nextAfter } from './recurrence.domain.ts';

export const followUpResolvers: Resolvers = {
  Query: {
    followUp: (_, { id }, context) => followUpById(id, context),
    followUps: (_, { ownerId, dueBefore, state, ...args }, context) =>
      pageOf(
        {
          customerId: null,
          ownerId: idIn<AgentId>(ownerId),
          state: fromEnum(followUpStates, state),
          dueBefore: dueBefore ?? null,
        },
        args,
        context,
      ),
  },
  Mutation: {
    createFollowUp: async (_, { input }, { app: { runtime }, request }) => {
      const { clientMutationId, text, dueAt } = input;
      const wish = {
        ...{ clientMutationId, text, dueAt, recurrence: input.recurrence ?? null },
        customerId: inputId<CustomerId>(input.customerId),
        conversationId: idIn<ConversationId>(input.conversationId),
        ownerId: idIn<AgentId>(input.ownerId),
      };
      const outcome = await runtime.commands.asked(request, 'createFollowUp', (call) =>
        createFollowUp(runtime, call, wish),
      );
      return toPayload('followUp', outcome);
    },
    completeFollowUp: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = changeIn(input);
      const outcome = await runtime.commands.asked(context.request, 'completeFollowUp', (call) =>
        completeFollowUp(runtime, call, wish),
      );
      return payloadOf(outcome, wish.followUpId, context);
    },
    snoozeFollowUp: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = { ...changeIn(input), until: input.until };
      const outcome = await runtime.commands.asked(context.request, 'snoozeFollowUp', (call) =>
        snoozeFollowUp(runtime, call, wish),
      );
      return payloadOf(outcome, wish.followUpId, context);
    },
    cancelFollowUp: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = changeIn(input);
      const outcome = await runtime.commands.asked(context.request, 'cancelFollowUp', (call) =>
        cancelFollowUp(runtime, call, wish),
      );
      return payloadOf(outcome, wish.followUpId, context);
    },
  },
  Customer: {
    followUps: ({ id }, { state, ...args }, context) =>
      pageOf({ customerId: id, ownerId: null, state: fromEnum(followUpStates, state), dueBefore: null }, args, context),
  },
  FollowUpConnection: countResolvers,
  FollowUp: {
    __resolveReference: ({ id }, context) => followUpById(id, context),
    customer: ({ profileId }, _, { loaders }) => loaders.customers.load(profileId),
    conversation: ({ conversationId: id }) => (id === null ? null : { id }),
    owner: ({ ownerId }) => ({ id: ownerId }),
    createdBy: ({ createdBy: id }) => (id === null ? null : { id }),
    state: ({ state }) => toEnum(state),
    isOverdue: ({ state, dueAt }, _, { app: { runtime } }) => state === 'open' && dueAt <= runtime.clock.now(),
    recurrence: ({ recurrence, startsAt, dueAt }) =>
      recurrence === null ? null : { ...recurrence, next: nextAfter(recurrence, startsAt, dueAt) },
  },
};

function followUpById(text: string, { loaders, request }: GraphqlContext): Promise<FollowUp | null> | null {
  signedIn(request);
  const id = parseId<FollowUpId>(text);
  return id === null ? null : loaders.followUps.load(id);
}

/** One page of follow-ups. */
async function pageOf(
  filter: FollowUpFilter,
  args: { readonly first: number; readonly after?: string | null | undefined },
  { app: { runtime }, request }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  const page = { first: pageSize(args.first), after: decodeKeyset(args.after) };
  const found = await runtime.db.forTenant(tenantId, (trx) => listFollowUps(trx, tenantId, filter, page));
  const shown = connectionOf(
    found,
    { first: page.first, after: args.after },
    ({ dueAt, id }) => encodeKeyset({ at: dueAt, id }),
    (one) => one,
  );
  return counted(shown, () => runtime.db.forTenant(tenantId, (trx) => countFollowUps(trx, tenantId, filter)));
}

async function payloadOf<Code extends string>(
  outcome: Decision<FollowUp, Code>,
  id: FollowUpId,
  { app: { runtime }, request }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  const present = async () =>
    (await runtime.db.forTenant(tenantId, (trx) => followUpsByIds(trx, tenantId, [id]))).get(id) ?? null;
  return toPayload('followUp', await withPresent(outcome, present));
}

function changeIn({ followUpId, expectedVersion }: { readonly followUpId: string; readonly expectedVersion: number }) {
  return { followUpId: inputId<FollowUpId>(followUpId), expectedVersion };
}

/** A malformed id is one of nothing. */
function idIn<Id extends string>(text: string | null | undefined): Id | null {
  return typeof text === 'string' ? inputId<Id>(text) : null;
}
