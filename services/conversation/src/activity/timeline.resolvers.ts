import { type AgentId, parseId, type TeamId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  type Loaders,
  pageSize,
  signedIn,
  toEnum,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { activityCounts, messageCounts, noteCounts } from '../conversation/count-of-conversation.store.ts';
import type { DB } from '../db.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { decodeMessageCursor, encodePlace } from '../message/message-cursor.ts';
import { type ChangedFact, type FactName, factNames } from '../conversation/activity.ts';
import { teamsByIds } from '../team/team.store.ts';
import { newerThan, timelinePages } from './timeline.ts';

export const timelineResolvers: graphql.Resolvers<GraphqlContext> = {
  Conversation: {
    timeline: async ({ id }, args, { loaders }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeMessageCursor(args.after) };
      const found = (await loaders.load(timelinePages, id, page)) ?? [];
      const shown = connectionOf(found, { first, after: args.after }, encodePlace, (entry) => entry);
      return counted(shown, async () => {
        const counts = await Promise.all(
          [messageCounts, noteCounts, activityCounts].map((read) => loaders.load(read, id)),
        );
        return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
      });
    },
  },
  MessagePayload: {
    newerItems: ({ overtaken, conversation }, _, { app: { runtime }, request }) => {
      if (overtaken?.code !== 'STALE_DRAFT' || conversation === null) return [];
      return runtime.db.forTenant(signedIn(request).tenantId, (trx) => newerThan(trx, conversation, overtaken.basis));
    },
  },
  TimelineConnection: countResolvers,
  TimelineEntry: {
    kind: ({ kind }) => toEnum(kind),
    changes: ({ before, after }) =>
      factNames
        .filter((field) => field in before || field in after)
        .map((field): ChangedFact => ({ field, before: before[field] ?? null, after: after[field] ?? null })),
  },
  TimelineActor: {
    kind: ({ kind }) => toEnum(kind),
    agent: ({ kind, id }, _, { loaders }) => (kind === 'agent' ? agentOf(id, loaders) : null),
    ruleId: ({ kind, id }) => (kind === 'rule' ? id : null),
  },
  TimelineChange: {
    field: ({ field }) => toEnum(field),
    before: ({ field, before }) => shownValue(field, before),
    after: ({ field, after }) => shownValue(field, after),
    beforeAgent: ({ field, before }, _, { loaders }) => (isAgent(field) ? agentOf(before, loaders) : null),
    afterAgent: ({ field, after }, _, { loaders }) => (isAgent(field) ? agentOf(after, loaders) : null),
    beforeTeam: ({ field, before }, _, { loaders }) => (field === 'team' ? teamOf(before, loaders) : null),
    afterTeam: ({ field, after }, _, { loaders }) => (field === 'team' ? teamOf(after, loaders) : null),
  },
};

/** Facts whose values are words of the API. */
const words: readonly FactName[] = [
  'state',
  'phase',
  'priority',
  'enquiry-type',
  'member-role',
  'outcome',
  'marks',
  'complaint-verdict',
  'risk-verdict',
];

function shownValue(field: FactName, value: string | null): string | null {
  return value !== null && words.includes(field) ? toEnum(value) : value;
}

function isAgent(field: FactName): boolean {
  return field === 'assignee' || field === 'member';
}

function agentOf(text: string | null, loaders: Loaders<DB>) {
  const id = text === null ? null : parseId<AgentId>(text);
  return id === null ? null : loaders.load(agentsByIds, id);
}

function teamOf(text: string | null, loaders: Loaders<DB>) {
  const id = text === null ? null : parseId<TeamId>(text);
  return id === null ? null : loaders.load(teamsByIds, id);
}
