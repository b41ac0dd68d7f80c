import { counterChanges, type Fact, latestFacts } from '@crossdesk/analytics/src/inbox/inbox.domain.ts';
import { createHash } from 'node:crypto';
import type { Observations, OutboxEvent } from '../observations.ts';
import { type Checker, grouped, violation } from './checker.port.ts';

type Counters = ReadonlyMap<string, string>;

function counterName(row: { tenantId: string; accountId: string; channel: string; state: string }): string {
  return `${row.tenantId} ${row.accountId} ${row.channel} ${row.state}`;
}

function kept(seen: Observations): Counters {
  return new Map(seen.counters.map((row) => [counterName(row), `${row.conversations} with ${row.unread} unread`]));
}

function differences(live: Counters, counted: Counters): string[] {
  const names = new Set([...live.keys(), ...counted.keys()]);
  return [...names].flatMap((name) =>
    live.get(name) === counted.get(name) ? [] : [`${name}: ${live.get(name)} instead of ${counted.get(name)}`],
  );
}

/** I4: the counters of the inbox equal a count of the conversations. */
export const countersAreRecount: Checker = (_history, seen) => {
  const counted = new Map(
    [...grouped(seen.conversations, counterName)].map(([name, rows]) => [
      name,
      `${rows.length} with ${rows.reduce((sum, { unreadCount }) => sum + unreadCount, 0)} unread`,
    ]),
  );
  return differences(kept(seen), counted).map((what) => violation('I4', 'wrong', what));
};

/** I4: the unread count of a conversation equals the number of buyers' messages in its history since somebody answered or looked. */
export const unreadIsRecount: Checker = (_history, seen) => {
  const unread = new Map<string, { count: number; lastInboundAt: string }>();
  for (const event of seen.outbox.filter(({ service }) => service === 'conversation')) {
    const before = unread.get(event.key) ?? { count: 0, lastInboundAt: '' };
    unread.set(event.key, unreadAfter(before, event));
  }
  return seen.conversations.flatMap(({ id, unreadCount }) => {
    const counted = unread.get(id)?.count ?? 0;
    return unreadCount === counted
      ? []
      : [violation('I4', 'wrong', `${id} has ${unreadCount} unread, its history ${counted}`)];
  });
};

function unreadAfter(before: { count: number; lastInboundAt: string }, event: OutboxEvent) {
  const { direction, author, change } = event.data;
  if (event.type === 'conversation.message-added') {
    const at = event.occurredAt;
    if (direction === 'inbound' && author === 'buyer') {
      return { count: before.count + 1, lastInboundAt: at > before.lastInboundAt ? at : before.lastInboundAt };
    }
    const isAnswer = direction === 'outbound' && (author === 'agent' || author === 'seller');
    return isAnswer && at >= before.lastInboundAt ? { ...before, count: 0 } : before;
  }
  if (event.type !== 'conversation.changed') return before;
  const state = stateOf(event);
  if (change === 'state' && state === 'unread') return { ...before, count: Math.max(1, before.count) };
  const isSettled = change === 'read' || state === 'handled' || (change === 'state' && state === 'pending');
  return isSettled ? { ...before, count: 0 } : before;
}

function stateOf({ data }: OutboxEvent): unknown {
  const { conversation } = data;
  return typeof conversation === 'object' && conversation !== null ? Reflect.get(conversation, 'state') : null;
}

/** I12: counters rebuilt from the history of the conversations, by the rules of the service itself, equal the live ones. */
export const countersRebuilt: Checker = (_history, seen) => {
  const facts = latestFacts(seen.outbox.flatMap(factOf));
  const rebuilt = new Map(
    counterChanges([], facts).map((row) => [
      counterName(row),
      `${row.conversationCount} with ${row.unreadMessageCount} unread`,
    ]),
  );
  return differences(kept(seen), rebuilt).map((what) => violation('I12', 'wrong', `rebuilt ${what}`));
};

function factOf({ service, tenantId, data, version }: OutboxEvent): Fact[] {
  const { conversation } = data;
  if (service !== 'conversation' || typeof conversation !== 'object' || conversation === null) return [];
  // The event passed its contract when it was appended.
  const { conversationId, accountId, channel, state, unreadCount } = conversation as Omit<Fact, 'tenantId' | 'version'>;
  const isJoined = 'joinedInto' in conversation;
  return [
    {
      tenantId: tenantId as Fact['tenantId'],
      conversationId,
      accountId,
      channel,
      state,
      unreadCount,
      isJoined,
      version,
    },
  ];
}

/** I12: messages rebuilt from the histories of their owners have the digest of the live ones. */
export const messagesRebuilt: Checker = (_history, seen) => {
  const rebuilt = seen.outbox.flatMap(({ type, data, key }) => {
    if (type === 'ingest.message-received') return [`${key} ${String(data['messageId'])} ${String(data['direction'])}`];
    if (type === 'conversation.reply-requested') return [`${key} ${String(data['messageId'])} outbound`];
    return [];
  });
  const live = seen.messages.map(({ conversationId, id, direction }) => `${conversationId} ${id} ${direction}`);
  if (digestOf(rebuilt) === digestOf(live)) return [];
  const have = new Set(live);
  const missing = rebuilt.filter((row) => !have.has(row)).length;
  return [violation('I12', 'wrong', `messages rebuilt: ${rebuilt.length}, live: ${live.length}, missing: ${missing}`)];
};

function digestOf(rows: readonly string[]): string {
  return createHash('sha256').update(rows.toSorted().join('\n')).digest('hex');
}
