import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type OrderId,
  parseId,
  type TeamId,
} from '@crossdesk/contracts';
import { type Access, decodeKeyset, fromEnum, pageSize, storesWithin } from '@crossdesk/service-kit';
import { conversationPriorities } from '../conversation/conversation.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import type { CaseFilter, CasePage } from './case-list.store.ts';
import { caseStates, caseTypes } from './case.domain.ts';

interface Caller {
  readonly agentId: AgentId;
  readonly access?: Access;
}

/** The page of cases that was asked for, within the stores of the caller's role. */
export function pageOf(
  args: graphql.RequireFields<graphql.QueryCasesArgs, 'first' | 'orderBy'>,
  caller: Caller,
  now: Date,
): CasePage {
  const filter = filterOf(args.filter ?? {}, caller.agentId, now);
  return {
    filter: { ...filter, accountIds: storesWithin(caller.access, filter.accountIds) },
    order: args.orderBy,
    first: pageSize(args.first),
    after: decodeKeyset(args.after),
  };
}

/** Malformed ids match nothing, like ids that do not exist. */
function filterOf(filter: graphql.CaseFilter, me: AgentId, now: Date): CaseFilter {
  const ids = {
    ownerId: wantedId<AgentId>(filter.ownerId),
    conversationId: wantedId<ConversationId>(filter.conversationId),
    orderId: wantedId<OrderId>(filter.orderId),
    customerId: wantedId<CustomerId>(filter.customerId),
  };
  const isNothing = Object.values(ids).includes(undefined);
  return {
    states: isNothing ? [] : (filter.states?.map((state) => fromEnum(caseStates, state)) ?? null),
    types: filter.types?.map((type) => fromEnum(caseTypes, type)) ?? null,
    priorities: filter.priorities?.map((priority) => fromEnum(conversationPriorities, priority)) ?? null,
    accountIds: filter.accountIds?.flatMap((text) => parseId<ChannelAccountId>(text) ?? []) ?? null,
    ownerId: ids.ownerId ?? null,
    teamIds: filter.teamIds?.flatMap((text) => parseId<TeamId>(text) ?? []) ?? null,
    watcherId: filter.watchedByMe === true ? me : null,
    conversationId: ids.conversationId ?? null,
    orderId: ids.orderId ?? null,
    customerId: ids.customerId ?? null,
    overdueAt: typeof filter.isOverdue === 'boolean' ? { now, isWanted: filter.isOverdue } : null,
  };
}

/** Null: not asked for. Undefined: malformed. */
function wantedId<Id extends string>(text: string | null | undefined): Id | null | undefined {
  return typeof text === 'string' ? (parseId<Id>(text) ?? undefined) : null;
}
