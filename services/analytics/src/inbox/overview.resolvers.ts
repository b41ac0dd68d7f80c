import { toChannelName } from '@crossdesk/channels';
import { signedIn, toEnum } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { Resolvers } from '../graphql.generated.ts';
import { readCountedUntil, readCounters } from './inbox.store.ts';
import { groupRows, type InboxDimension } from './overview.domain.ts';

export const overviewResolvers: Resolvers = {
  Query: { inboxOverview: (_, args, ctx) => inboxOverview(args, ctx) },
};

/** The inbox in numbers, read from the counters. */
async function inboxOverview(args: { groupBy: readonly InboxDimension[] }, ctx: GraphqlContext) {
  const { tenantId } = signedIn(ctx.request);
  const { counters, countedUntil } = await ctx.app.runtime.db.forTenant(tenantId, async (trx) => ({
    counters: await readCounters(trx, tenantId),
    countedUntil: await readCountedUntil(trx, tenantId),
  }));
  const rows = counters.map((counter) => ({
    channel: counter.channel,
    accountId: counter.account_id,
    state: counter.state,
    conversationCount: Number(counter.conversation_count),
    unreadMessageCount: Number(counter.unread_message_count),
  }));
  return {
    rows: groupRows(rows, args.groupBy).map(({ channel, accountId, state, ...counts }) => ({
      ...counts,
      channel: channel === null ? null : toChannelName(channel),
      account: accountId === null ? null : { id: accountId },
      state: state === null ? null : toEnum(state),
    })),
    conversationCount: rows.reduce((sum, row) => sum + row.conversationCount, 0),
    countedUntil,
  };
}
