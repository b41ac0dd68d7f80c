import type { ChannelAccountId } from '@crossdesk/contracts';
import type { ConversationState } from './inbox.domain.ts';

export type InboxDimension = 'PLATFORM' | 'STORE' | 'STATE';

export interface OverviewRow {
  readonly channel: string | null;
  readonly accountId: ChannelAccountId | null;
  readonly state: ConversationState | null;
  readonly conversationCount: number;
  readonly unreadMessageCount: number;
}

/** Sums rows that differ only in dimensions that were not requested, and leaves out those without conversations. */
export function groupRows(rows: readonly OverviewRow[], groupBy: readonly InboxDimension[]): OverviewRow[] {
  const groups = new Map<string, OverviewRow>();
  for (const row of rows) {
    const channel = groupBy.includes('PLATFORM') ? row.channel : null;
    const accountId = groupBy.includes('STORE') ? row.accountId : null;
    const state = groupBy.includes('STATE') ? row.state : null;
    const key = `${channel} ${accountId} ${state}`;
    const group = groups.get(key);
    groups.set(key, {
      channel,
      accountId,
      state,
      conversationCount: (group?.conversationCount ?? 0) + row.conversationCount,
      unreadMessageCount: (group?.unreadMessageCount ?? 0) + row.unreadMessageCount,
    });
  }
  return [...groups.values()].filter((group) => group.conversationCount !== 0);
}
