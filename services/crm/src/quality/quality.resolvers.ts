import type { ChannelAccountId, ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countMax,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { relinkConversations } from './quality.commands.ts';
import { completenessOf, explain, type GapKind, gapKinds } from './quality.domain.ts';
import { type AskedQuality, countGaps, type GapScope, listGaps, type ShownGap } from './quality.store.ts';

function scopeOf(tenantId: TenantId, accountId: string | null | undefined): GapScope {
  return { tenantId, accountId: typeof accountId === 'string' ? inputId<ChannelAccountId>(accountId) : null };
}

function countOf(kind: GapKind) {
  return async ({ scope }: AskedQuality, _args: unknown, { app: { runtime } }: GraphqlContext): Promise<number> => {
    const found = await runtime.db.forTenant(scope.tenantId, (trx) => countGaps(trx, kind, scope));
    return Math.min(found, countMax);
  };
}

export const qualityResolvers: Resolvers = {
  Query: {
    dataQuality: (_, { accountId }, { request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      return { scope: scopeOf(tenantId, accountId) };
    },
    dataGaps: async (_, { kind: asked, accountId, ...args }, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const scope = scopeOf(tenantId, accountId);
      const kind = fromEnum(gapKinds, asked);
      const first = pageSize(args.first);
      const page = { first, after: decodeKeyset(args.after)?.id ?? null };
      const rows = await runtime.db.forTenant(tenantId, (trx) => listGaps(trx, kind, scope, page));
      const shown = connectionOf(rows, { first, after: args.after }, encodeKeyset, (row): ShownGap => ({
        ...row,
        kind,
      }));
      return counted(shown, () => runtime.db.forTenant(tenantId, (trx) => countGaps(trx, kind, scope)));
    },
  },
  Mutation: {
    relinkConversations: async (_, { input }, { request, app: { runtime } }) => {
      signedInAs(request, 'supervisor', 'admin');
      const ids = input.conversationIds.map((id) => inputId<ConversationId>(id));
      const outcome = await runtime.commands.asked(request, 'relinkConversations', (call) =>
        relinkConversations(runtime, call, ids),
      );
      return toPayload('changedCount', outcome);
    },
  },
  DataGapConnection: countResolvers,
  DataQuality: {
    customersWithoutOrder: countOf('customer-without-order'),
    conversationsWithoutOrder: countOf('conversation-without-order'),
    messagesWithoutCustomer: countOf('conversation-without-customer'),
    ordersWithoutCustomer: countOf('order-without-customer'),
  },
  DataGap: {
    kind: ({ kind }) => toEnum(kind),
    reason: (gap) => toEnum(explained(gap).reason),
    remedy: (gap) => toEnum(explained(gap).remedy),
    whatToDo: (gap) => explained(gap).en,
    whatToDoZh: (gap) => explained(gap).zh,
    since: ({ at }) => at,
    account: ({ account_id: id }) => (id === null ? null : { id }),
    customer: ({ kind, id }, _, { loaders }) =>
      kind === 'customer-without-order' ? loaders.customers.load(inputId<CustomerId>(id)) : null,
    conversation: ({ kind, id }) => (kind.startsWith('conversation') ? { id } : null),
    order: ({ kind, id }) => (kind === 'order-without-customer' ? { id } : null),
  },
  Customer: {
    completeness: async ({ id }, _, { loaders }) => completenessOf(await loaders.knownParts.load(id)),
  },
  CompletenessPart: { part: ({ part }) => toEnum(part) },
};

function explained({ kind, has_buyer_id: hasBuyerId, names_unknown_order: namesUnknownOrder }: ShownGap) {
  return explain({ kind, hasBuyerId, namesUnknownOrder });
}
