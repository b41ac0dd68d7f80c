import { fromChannelName, toChannelName } from '@crossdesk/channels';
import type { ChannelAccountId, ConversationId, TeamId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  seesAll,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { conversationPriorities, enquiryTypes } from '../conversation/conversation.domain.ts';
import { conversationPayload } from '../conversation/conversation.resolvers.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import { seenLoads } from '../duty/duty.store.ts';
import { skillKinds, skillValue } from '../duty/skill.domain.ts';
import { wishOf } from '../customer-mark/customer-mark.domain.ts';
import { becauseOf } from '../customer-mark/shown-marks.ts';
import type { Row } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { teamsByIds } from '../team/team.store.ts';
import { refuseStoreIds } from '../store-ids.ts';
import { claimConversation, claimNext, declineConversation } from './claim.commands.ts';
import { countQueue, entriesByIds, listQueue, needsOf, type QueueEntry } from './queue-entry.store.ts';
import { rebalanceQueue } from './rebalance.commands.ts';
import { routeCandidates, type Routes } from './route-candidates.ts';
import { saveRouting } from './routing.commands.ts';
import { noRouting, type RoutingRule } from './routing-rules.domain.ts';
import { readRouting, recordsOf } from './routing.store.ts';

export const routingResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    routing: (_, __, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readRouting(trx, tenantId));
    },
    queue: async (_, { teamId: team, first: asked, after }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const teamId = typeof team === 'string' ? inputId<TeamId>(team) : null;
      const page = { teamId, first: pageSize(asked), after: decodeKeyset(after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => listQueue(trx, tenantId, page));
      const shown = connectionOf(
        found,
        { first: page.first, after },
        (row) => encodeKeyset({ at: row.order_at, id: row.conversation_id }),
        (row) => row,
      );
      return counted(shown, () => runtime.db.forTenant(tenantId, (trx) => countQueue(trx, tenantId, teamId)));
    },
    routeCandidates: (_, { conversationId }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const id = inputId<ConversationId>(conversationId);
      return runtime.db.forTenant(tenantId, (trx) => routeCandidates(trx, tenantId, id, runtime.clock.now()));
    },
  },
  Mutation: {
    saveRouting: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = {
        isOn: input.isOn,
        rules: input.rules.map(ruleOf),
        botWaitS: input.botWaitSeconds ?? noRouting.botWaitS,
        openWithinS: input.openWithinSeconds ?? noRouting.openWithinS,
        stickyDays: input.stickyDays ?? noRouting.stickyDays,
        stickyCapacityPercent: input.stickyCapacityPercent ?? noRouting.stickyCapacityPercent,
        expectedVersion: input.expectedVersion,
      };
      const stores = input.rules.flatMap(({ accountIds }) => accountIds ?? []);
      const outcome =
        refuseStoreIds('rules', stores) ??
        (await runtime.commands.asked(request, 'saveRouting', (call) => saveRouting(runtime, call, wish)));
      return toPayload('routing', outcome);
    },
    claimConversation: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { conversationId: inputId<ConversationId>(input.conversationId) };
      const outcome = await runtime.commands.asked(request, 'claimConversation', (call) =>
        claimConversation(runtime, call, wish),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    claimNextConversation: async (_, __, { app: { runtime }, request }) => {
      const outcome = await runtime.commands.asked(request, 'claimNextConversation', (call) =>
        claimNext(runtime, call),
      );
      return toPayload('conversation', outcome);
    },
    declineConversation: async (_, { input }, { app: { runtime }, request }) => {
      const wish = { conversationId: inputId<ConversationId>(input.conversationId) };
      const outcome = await runtime.commands.asked(request, 'declineConversation', (call) =>
        declineConversation(runtime, call, wish),
      );
      return conversationPayload(outcome, input.conversationId, { runtime, request });
    },
    rebalanceQueue: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = { teamId: inputId<TeamId>(input.teamId) };
      const outcome = await runtime.commands.asked(request, 'rebalanceQueue', (call) =>
        rebalanceQueue(runtime, call, wish),
      );
      return toPayload('moved', outcome);
    },
  },
  Conversation: { routing: (conversation) => conversation },
  ConversationRouting: {
    queued: ({ id }, _, { loaders }) => loaders.load(entriesByIds, id),
    history: async ({ id }, _, { loaders }) => (await loaders.load(recordsOf, id)) ?? [],
  },
  QueueConnection: countResolvers,
  QueueEntry: {
    conversation: ({ conversation_id: id }, _, { loaders }) => loaders.loadPresent(conversationsByIds, id),
    team: ({ team_id: id }, _, { loaders }) => (id === null ? null : loaders.load(teamsByIds, id)),
    waitingSince: ({ waiting_since: at }) => at,
    enteredAt: ({ entered_at: at }) => at,
    reason: ({ reason }) => toEnum(reason),
    needs: (entry) => needsOf(entry),
    ...becauseOf((entry: QueueEntry) => entry.customer_marks),
  },
  RoutingRecord: {
    agent: ({ agent_id: id }, _, { loaders }) => loaders.load(agentsByIds, id),
    team: ({ team_id: id }, _, { loaders }) => (id === null ? null : loaders.load(teamsByIds, id)),
    strategy: ({ strategy }) => toEnum(strategy),
    candidates: ({ trace }) => trace,
    ...becauseOf((record: Row<'routing_record'>) => record.customer_marks),
  },
  RouteCandidates: {
    ...becauseOf((routes: Routes) => routes.customerMarks),
    team: ({ teamId }, _, { loaders }) => (teamId === null ? null : loaders.load(teamsByIds, teamId)),
    agent: ({ agentId }, _, { loaders }) => (agentId === null ? null : loaders.load(agentsByIds, agentId)),
  },
  RouteCandidate: {
    agent: ({ agentId }, _, { loaders }) => loaders.load(agentsByIds, agentId),
    used: async ({ agentId, used }, _, { loaders, request }) =>
      seesAll(signedIn(request)) ? used : ((await loaders.load(seenLoads, agentId))?.used ?? 0),
  },
  Routing: {
    botWaitSeconds: ({ botWaitS }) => botWaitS,
    openWithinSeconds: ({ openWithinS }) => openWithinS,
  },
  RoutingRule: {
    channels: ({ channels }) => channels?.map(toChannelName) ?? null,
    accountIds: ({ accountIds }) => accountIds?.slice() ?? null,
    enquiryTypes: ({ enquiryTypes: types }) => types?.map(toEnum) ?? null,
    priorities: ({ priorities }) => priorities?.map(toEnum) ?? null,
    customerTags: ({ customerTags }) => customerTags?.slice() ?? null,
    customerTiers: ({ customerTiers }) => customerTiers?.slice() ?? null,
    teams: async ({ teamIds }, _, { loaders }) => {
      const teams = await Promise.all(teamIds.map((id) => loaders.load(teamsByIds, id)));
      return teams.filter((team) => team !== null);
    },
    buyerLanguageRelaxAfterSeconds: ({ buyerLanguageRelaxAfterS }) => buyerLanguageRelaxAfterS,
  },
  WantedSkill: { kind: ({ kind }) => toEnum(kind), relaxAfterSeconds: ({ relaxAfterS }) => relaxAfterS },
};

function ruleOf(input: graphql.RoutingRuleInput): RoutingRule {
  return {
    name: input.name,
    channels: input.channels?.map(fromChannelName) ?? null,
    accountIds: input.accountIds?.map((text) => inputId<ChannelAccountId>(text)) ?? null,
    languages: input.languages ?? null,
    enquiryTypes: input.enquiryTypes?.map((type) => fromEnum(enquiryTypes, type)) ?? null,
    priorities: input.priorities?.map((priority) => fromEnum(conversationPriorities, priority)) ?? null,
    ...wishOf(input),
    teamIds: input.teamIds.map((text) => inputId<TeamId>(text)),
    buyerLanguageLevel: input.buyerLanguageLevel ?? null,
    buyerLanguageRelaxAfterS: input.buyerLanguageRelaxAfterSeconds ?? null,
    skills: (input.skills ?? []).map(({ kind, value, level, relaxAfterSeconds }) => ({
      kind: fromEnum(skillKinds, kind),
      value: skillValue(fromEnum(skillKinds, kind), value) ?? value,
      level,
      relaxAfterS: relaxAfterSeconds ?? null,
    })),
  };
}
