import type { ChannelAccountId, ConversationId, EventData, TenantId } from '@crossdesk/contracts';

export type ConversationState = EventData<'conversation.changed'>['conversation']['state'];

/** What a conversation counts as, at one of its versions. */
export interface Fact {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  readonly state: ConversationState;
  readonly unreadCount: number;
  /** Joined into another conversation: it counts nothing any more. */
  readonly isJoined: boolean;
  readonly version: number;
}

/** One cell of the inbox, or the change of one. */
export interface Counter {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  readonly state: ConversationState;
  readonly conversationCount: number;
  readonly unreadMessageCount: number;
}

export function factKey({ tenantId, conversationId }: Pick<Fact, 'tenantId' | 'conversationId'>): string {
  return `${tenantId} ${conversationId}`;
}

/** The latest fact of each conversation, sorted by key. */
export function latestFacts(facts: readonly Fact[]): Fact[] {
  const latest = new Map<string, Fact>();
  for (const fact of facts) {
    const known = latest.get(factKey(fact));
    if (known === undefined || known.version < fact.version) latest.set(factKey(fact), fact);
  }
  return [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
}

/** The changes of the counters when facts replace those counted before; unchanged cells are left out. */
export function counterChanges(replaced: readonly Fact[], current: readonly Fact[]): Counter[] {
  const cells = new Map<string, Counter>();
  const add = (fact: Fact, sign: 1 | -1): void => {
    const { tenantId, accountId, channel, state } = fact;
    if (fact.isJoined) return;
    const key = `${tenantId} ${accountId} ${channel} ${state}`;
    const cell = cells.get(key);
    cells.set(key, {
      tenantId,
      accountId,
      channel,
      state,
      conversationCount: (cell?.conversationCount ?? 0) + sign,
      unreadMessageCount: (cell?.unreadMessageCount ?? 0) + sign * fact.unreadCount,
    });
  };
  for (const fact of replaced) add(fact, -1);
  for (const fact of current) add(fact, 1);
  return [...cells.values()].filter((cell) => cell.conversationCount !== 0 || cell.unreadMessageCount !== 0);
}
