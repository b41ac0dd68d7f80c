import { counterChanges, latestFacts, type Told } from '@crossdesk/analytics/src/inbox/inbox.domain.ts';
import { createHash } from 'node:crypto';
import type { Observations, OutboxEvent } from '../observations.ts';
import { type Checker, grouped, violation } from './checker.port.ts';

type Counters = ReadonlyMap<string, string>;

/** What conversations are counted by; marks depend on the time, and are not compared. */
interface Place {
  readonly tenantId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly state: string;
  readonly phase: string;
  readonly assigneeId: string | null;
  readonly teamId: string | null;
  readonly enquiryType: string | null;
}

function counterName(row: Place): string {
  const { tenantId, accountId, channel, state, phase, assigneeId, teamId, enquiryType } = row;
  return `${tenantId} ${accountId} ${channel} ${state} ${phase} ${assigneeId} ${teamId} ${enquiryType}`;
}

function countersOf<Row extends Place>(rows: readonly Row[], toCounts: (row: Row) => [number, number]): Counters {
  return new Map(
    [...grouped(rows, counterName)].map(([name, own]) => {
      const counts = own.map(toCounts);
      const total = (which: 0 | 1) => counts.reduce((sum, one) => sum + one[which], 0);
      return [name, `${total(0)} with ${total(1)} unread`];
    }),
  );
}

function kept(seen: Observations): Counters {
  return countersOf(seen.counters, ({ conversations, unread }) => [conversations, unread]);
}

function differences(live: Counters, counted: Counters): string[] {
  const names = new Set([...live.keys(), ...counted.keys()]);
  return [...names].flatMap((name) =>
    live.get(name) === counted.get(name) ? [] : [`${name}: ${live.get(name)} instead of ${counted.get(name)}`],
  );
}

/** I4: the counters of the inbox equal a count of the conversations. */
export const countersAreRecount: Checker = (_history, seen) => {
  const unmerged = seen.conversations.filter(({ phase }) => phase !== 'merged');
  const counted = countersOf(unmerged, ({ unreadCount }) => [1, unreadCount]);
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
    // The bot answers with what settles the turn of the buyer; its acknowledgements leave it open.
    const isOfBot = stateOf(event) === 'handled';
    const isAnswer = direction === 'outbound' && (author === 'agent' || author === 'seller' || isOfBot);
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
  const facts = latestFacts(new Map(), seen.outbox.flatMap(toldBy));
  const rebuilt = countersOf(counterChanges([], facts), (row) => [row.conversationCount, row.unreadCount]);
  return differences(kept(seen), rebuilt).map((what) => violation('I12', 'wrong', `rebuilt ${what}`));
};

function toldBy({ service, tenantId, data, version }: OutboxEvent): Told[] {
  const { conversation } = data;
  if (service !== 'conversation' || typeof conversation !== 'object' || conversation === null) return [];
  // The event passed its contract when it was appended.
  const told = { tenantId, version, conversation, isAnswer: false, delivery: null } as unknown as Told;
  return [told];
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
