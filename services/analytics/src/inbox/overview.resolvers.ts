import { toChannelName } from '@crossdesk/channels';
import { type AgentId, type ChannelAccountId, type EventId, parseId, type TeamId } from '@crossdesk/contracts';
import { fromEnum, signedIn, toEnum } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type { InboxOverviewFilter, Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { conversationPhases, conversationStates } from './inbox.domain.ts';
import { changesTold } from './tell.store.ts';
import { type InboxDimension, type OverviewCounts, type OverviewFilter, readOverview } from './overview.store.ts';

export const overviewResolvers: Resolvers = {
  Query: {
    inboxOverview: (_, args, ctx) => inboxOverview(args, ctx),
    inboxOverviewChangesByIds: async (_, { ids: texts }, { app, request }) => {
      const { tenantId } = signedIn(request);
      if (texts.length > idsMax)
        throw new GraphQLError(`ask for at most ${idsMax} events at once`, { extensions: { code: 'BAD_USER_INPUT' } });
      const ids = texts.map((text) => parseId<EventId>(text));
      const asked = ids.filter((id) => id !== null);
      if (asked.length === 0) return ids.map(() => null);
      const told = await app.runtime.db.forTenant(tenantId, (trx) => changesTold(trx, tenantId, asked));
      return ids.map((id) => (id !== null && told.has(id) ? { id } : null));
    },
  },
  InboxOverviewChange: {
    // Only the stream knows the position of an event.
    cursor: () => null,
    overview: (_, args, ctx) => inboxOverview(args, ctx),
  },
};

const idsMax = 100;

interface Args {
  readonly groupBy: readonly InboxDimension[];
  readonly filter?: InboxOverviewFilter | null | undefined;
}

/** The inbox in numbers, read from the counters. */
async function inboxOverview({ groupBy, filter }: Args, { app, request }: GraphqlContext) {
  const { tenantId } = signedIn(request);
  const wanted = { groupBy, filter: toFilter(filter ?? {}) };
  const { rows, total, countedUntil } = await app.runtime.db.forTenant(tenantId, (trx) =>
    readOverview(trx, tenantId, wanted),
  );
  return {
    rows: rows.map((row) => ({
      ...toCounts(row),
      channel: row.channel === null ? null : toChannelName(row.channel),
      account: row.account_id === null ? null : { id: row.account_id },
      state: row.state === null ? null : toEnum(row.state),
      phase: row.phase === null ? null : toEnum(row.phase),
      agent: row.assignee_id === null ? null : { id: row.assignee_id },
      team: row.team_id === null ? null : { id: row.team_id },
      enquiryType: row.enquiry_type === null ? null : toEnum(row.enquiry_type),
      mark: row.mark === null ? null : toEnum(row.mark),
    })),
    ...toCounts(total),
    countedUntil,
  };
}

function toCounts({ conversations, unread, unprocessed, replied, abnormal }: OverviewCounts) {
  return {
    conversationCount: conversations,
    unreadMessageCount: unread,
    unprocessedMessageCount: unprocessed,
    repliedMessageCount: replied,
    abnormalMessageCount: abnormal,
  };
}

/** An id that cannot exist matches nothing. */
function toFilter({ accountIds, teamIds, agentIds, states, phases }: InboxOverviewFilter): OverviewFilter {
  return {
    accountIds: accountIds?.flatMap((text) => parseId<ChannelAccountId>(text) ?? []) ?? null,
    teamIds: teamIds?.flatMap((text) => parseId<TeamId>(text) ?? []) ?? null,
    agentIds: agentIds?.flatMap((text) => parseId<AgentId>(text) ?? []) ?? null,
    states: states?.map((state) => fromEnum(conversationStates, state)) ?? null,
    phases: phases?.map((phase) => fromEnum(conversationPhases, phase)) ?? null,
  };
}
