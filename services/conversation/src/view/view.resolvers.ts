import { judge, plainOpNames, readCondition, shownCondition, writtenCondition } from '@crossdesk/condition';
import { parseId } from '@crossdesk/contracts';
import {
  accept,
  type Decision,
  decodeKeyset,
  encodeKeyset,
  inputId,
  type Loaders,
  pageSize,
  signedIn,
  toEnum,
  toPayload,
  type UserError,
  withPresent,
} from '@crossdesk/service-kit';
import { agentBehind } from '../agent/agent-behind.ts';
import type { Attribute } from '../attribute/attribute.domain.ts';
import { attributesOf, attributesOfConversations } from '../attribute/attribute.store.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { unmarked } from '../customer-mark/customer-mark.domain.ts';
import { marksOfConversations } from '../customer-mark/customer-mark.store.ts';
import type { DB } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { membersOfConversations } from '../member/member.store.ts';
import { tagsOfConversations } from '../tag/tag.store.ts';
import { asSeenBy, factsOf, type ViewCondition, viewRegistryOf } from './view-field.domain.ts';
import { countOfView, listOfView } from './view-list.store.ts';
import { deleteView, orderViews, saveView } from './view.commands.ts';
import type { View, ViewId } from './view.domain.ts';
import { customersOfConversations, viewsByIds, viewsFor } from './view.store.ts';

export const viewResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    views: (_, _args, { app: { runtime }, request }) => {
      const { tenantId, agentId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => viewsFor(trx, tenantId, agentId));
    },
    view: (_, { id }, context) => viewById(id, context),
  },
  Mutation: {
    saveView: async (_, { input }, context) => {
      const { runtime } = context.app;
      // A person who comes through an external provider for the first time becomes an agent here.
      await agentBehind(runtime, context.request);
      const viewId = typeof input.viewId === 'string' ? inputId<ViewId>(input.viewId) : null;
      const { tenantId } = signedIn(context.request);
      const attributes = await runtime.db.forTenant(tenantId, (trx) => attributesOf(trx, tenantId));
      const condition = conditionOf(input.condition, attributes);
      const wish = {
        ...{ viewId, name: input.name, sorting: input.orderBy ?? ('LAST_MESSAGE_DESC' as const) },
        ...{ isEverybodys: input.scope === 'ALL', expectedVersion: input.expectedVersion ?? 0 },
      };
      const outcome = condition.ok
        ? await runtime.commands.asked(context.request, 'saveView', (call) =>
            saveView(runtime, call, { ...wish, condition: condition.value }),
          )
        : condition;
      return toPayload('view', await withPresent(outcome, async () => viewById(input.viewId ?? '', context)));
    },
    deleteView: async (_, { input }, context) => {
      const { runtime } = context.app;
      const wish = { viewId: inputId<ViewId>(input.viewId), expectedVersion: input.expectedVersion };
      const outcome = await runtime.commands.asked(context.request, 'deleteView', (call) =>
        deleteView(runtime, call, wish),
      );
      return toPayload('view', await withPresent(outcome, async () => viewById(input.viewId, context)));
    },
    orderViews: async (_, { input }, { app: { runtime }, request }) => {
      await agentBehind(runtime, request);
      const viewIds = input.viewIds.map((text) => inputId<ViewId>(text));
      const outcome = await runtime.commands.asked(request, 'orderViews', (call) =>
        orderViews(runtime, call, { viewIds }),
      );
      return toPayload('views', outcome);
    },
  },
  View: {
    scope: ({ ownerId }) => (ownerId === null ? 'ALL' : 'OWN'),
    preset: ({ preset }) => (preset === null ? null : toEnum(preset)),
    condition: ({ condition }) => shownCondition(condition, plainOpNames),
    orderBy: ({ sorting }) => sorting,
    conversations: async (view, { first: asked, after }, { app: { runtime }, request }) => {
      const { tenantId, agentId } = signedIn(request);
      const first = pageSize(asked);
      const page = { first, after: decodeKeyset(after), order: view.sorting };
      const seen = { tenantId, condition: asSeenBy(view.condition, agentId), now: runtime.clock.now() };
      const { rows, stoppedAt } = await runtime.db.forTenant(tenantId, (trx) => listOfView(trx, seen, page));
      const cursorOf = (row: Conversation) => encodeKeyset({ at: placeOf(view, row), id: row.id });
      const edges = rows.slice(0, first).map((node) => ({ cursor: cursorOf(node), node }));
      const end = stoppedAt === null ? (edges.at(-1)?.cursor ?? null) : encodeKeyset(stoppedAt);
      return {
        edges,
        pageInfo: {
          hasNextPage: rows.length > first || stoppedAt !== null,
          hasPreviousPage: page.after !== null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: end,
        },
      };
    },
    count: ({ condition, sorting }, _, { app: { runtime }, request }) => {
      const { tenantId, agentId } = signedIn(request);
      const seen = { tenantId, condition: asSeenBy(condition, agentId), now: runtime.clock.now() };
      return runtime.db.forTenant(tenantId, (trx) => countOfView(trx, seen, { order: sorting }));
    },
  },
  Conversation: {
    isInView: async (conversation, { viewId }, context) => {
      const view = await viewById(viewId, context);
      if (view === null) return null;
      if (conversation.joinedInto !== null) return false;
      if (view.sorting === 'WAITING_LONGEST' && conversation.waitingSince === null) return false;
      const condition = asSeenBy(view.condition, signedIn(context.request).agentId);
      const facts = factsOf(await about(context.loaders, conversation), context.app.runtime.clock.now());
      return judge(condition, facts).verdict === 'TRUE';
    },
  },
};

async function about(loaders: Loaders<DB>, conversation: Conversation) {
  const [tags, members, customerId, customerMarks, attributes] = await Promise.all([
    loaders.load(tagsOfConversations, conversation.id),
    loaders.load(membersOfConversations, conversation.id),
    loaders.load(customersOfConversations, conversation.id),
    loaders.load(marksOfConversations, conversation.id),
    loaders.load(attributesOfConversations, conversation.id),
  ]);
  const memberIds = (members ?? []).map(({ agentId }) => agentId);
  return {
    ...{ conversation, memberIds, customerId, customerMarks: customerMarks ?? unmarked, attributes: attributes ?? [] },
    tags: (tags ?? []).map(({ name }) => name),
  };
}

function placeOf({ sorting }: View, { waitingSince, lastMessageAt }: Conversation): Date {
  return sorting === 'WAITING_LONGEST' ? (waitingSince ?? lastMessageAt) : lastMessageAt;
}

function viewById(text: string, { loaders, request }: GraphqlContext): Promise<View | null> | null {
  const { agentId } = signedIn(request);
  const id = parseId<ViewId>(text);
  return id === null ? null : loaders.load(viewsByIds, id, agentId);
}

function conditionOf(
  input: graphql.ViewConditionInput | null | undefined,
  attributes: readonly Attribute[],
): Decision<ViewCondition, 'INVALID_INPUT'> {
  const errors: UserError<'INVALID_INPUT'>[] = [];
  const condition = readCondition(
    writtenCondition(input ?? { all: [] }),
    viewRegistryOf(attributes),
    ['input', 'condition'],
    (path, message) => {
      errors.push({ code: 'INVALID_INPUT', message, path: path.map(String) });
    },
  );
  return errors.length === 0 ? accept(condition) : { ok: false, errors };
}
