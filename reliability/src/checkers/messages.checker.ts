import { operations, type Entry } from '../history.ts';
import type { Observations } from '../observations.ts';
import { type Checker, grouped, repeated, violation, type Violation } from './checker.port.ts';

type Place = (shop: string, externalId: string) => string;

/** Maps a shop and a platform id of the history to the account and the id in the system. */
function placeOf(seen: Observations): Place {
  const accounts = new Map(seen.accounts.map(({ shop, id }) => [shop, id]));
  return (shop, externalId) => `${accounts.get(shop) ?? `no account of ${shop}`} ${externalId}`;
}

/** I1: the message of every acknowledged webhook is stored by ingest and shown in its conversation, analysed, and linked to a customer. */
export const acknowledgedIsStored: Checker = (history, seen) => {
  const place = placeOf(seen);
  const acknowledged = new Set(
    operations(history, 'webhook').flatMap(({ phase, shop, id }) => (phase === 'ok' ? [place(shop, id)] : [])),
  );
  const inbound = new Map(seen.inbound.map((row) => [`${row.accountId} ${row.externalId}`, row]));
  const messages = new Set(seen.messages.map(({ id }) => id));
  const analysed = new Set(seen.analysed);
  const linked = new Set(seen.linked);
  const lost = (where: string, id: string): Violation => violation('I1', 'lost', `acknowledged ${id} is not ${where}`);
  return [...acknowledged].flatMap((id) => {
    const row = inbound.get(id);
    if (row === undefined) return [lost('in the inbox', id)];
    return [
      ...(messages.has(row.messageId) ? [] : [lost('in its conversation', id)]),
      ...(analysed.has(row.messageId) ? [] : [lost('analysed', id)]),
      ...(linked.has(row.conversationId) ? [] : [lost('linked to a customer', id)]),
    ];
  });
};

/** I2: each read model has one row per platform message, however often it was delivered, and no row for a message that nobody sent. */
export const oneRowEach: Checker = (history, seen) => {
  const doubled = (what: string) => (id: string) => violation('I2', 'doubled', `${what} ${id} is there twice`);
  const place = placeOf(seen);
  const sent = new Set([
    ...operations(history, 'webhook').map(({ shop, id }) => place(shop, id)),
    ...seen.executed.map(({ shop, externalId }) => place(shop, externalId)),
    ...seen.console.map(({ shop, externalId }) => place(shop, externalId)),
  ]);
  const shown = seen.messages.filter(({ externalId }) => externalId !== null);
  const replies = new Set(operations(history, 'reply').map(({ text }) => text));
  const repliesShown = seen.messages.filter(({ text }) => text !== null && replies.has(text));
  return [
    ...repeated(seen.receipts.map((row) => `${row.addressId} ${row.deliveryKey}`)).map(doubled('receipt')),
    ...repeated(seen.inbound.map((row) => `${row.accountId} ${row.externalId}`)).map(doubled('platform message')),
    ...repeated(seen.messages.map(({ id }) => id)).map(doubled('message')),
    ...repeated(shown.map((row) => `${row.accountId} ${row.externalId}`)).map(doubled('shown message')),
    ...repeated(repliesShown.map(({ text }) => text ?? '')).map(doubled('reply')),
    ...repeated(seen.analysed).map(doubled('analysis of')),
    ...shown.flatMap((row) =>
      sent.has(`${row.accountId} ${row.externalId}`)
        ? []
        : [violation('I2', 'wrong', `${row.externalId} is shown, but nobody sent it`)],
    ),
  ];
};

/**
 * I3: a conversation shows the buyer's messages in the order of the platform. Two pushes under way at the same time have
 * none: a platform that waits for no answer says so by that.
 */
export const shownInSourceOrder: Checker = (history, seen) => {
  const place = placeOf(seen);
  // The first attempts to push the messages of a thread come in order.
  const order = new Map<string, { thread: string; at: number; doneAt: number }>();
  for (const [at, { shop, thread, id, phase }] of operations(history, 'webhook').entries()) {
    const name = place(shop, id);
    const known = order.get(name);
    if (phase === 'invoke' && known === undefined)
      order.set(name, { thread: `${shop} ${thread}`, at, doneAt: Infinity });
    else if (phase === 'ok' && known !== undefined) known.doneAt = Math.min(known.doneAt, at);
  }
  const inboundOf = seen.messages.filter(({ direction }) => direction === 'inbound');
  return [...grouped(inboundOf, ({ conversationId }) => conversationId)].flatMap(([conversationId, messages]) => {
    const places = messages.flatMap((row) => order.get(`${row.accountId} ${row.externalId}`) ?? []);
    return places.flatMap((here, index) => {
      const before = places[index - 1];
      if (before === undefined) return [];
      if (before.thread !== here.thread) return [violation('I3', 'wrong', `${conversationId} mixes two threads`)];
      const isInOrder = before.at < here.at || here.doneAt > before.at;
      return isInOrder ? [] : [violation('I3', 'inverted', `${conversationId} shows message ${index} early`)];
    });
  });
};

/** I3: a subscriber is shown each event once, and never an older version of a conversation after a newer one. */
export const liveNeverGoesBack: Checker = (history, seen) => {
  const left = new Set(operations(history, 'left').map(({ subscriber }) => subscriber));
  const bySubscriber = grouped(operations(history, 'live'), ({ subscriber }) => subscriber);
  return [...bySubscriber].flatMap(([subscriber, shown]) => [
    ...wronglyShown(shown),
    ...missedLive(shown, seen, left.has(subscriber)),
  ]);
};

function wronglyShown(shown: readonly Extract<Entry, { op: 'live' }>[]): Violation[] {
  const versions = new Map<string, number>();
  const found: Violation[] = repeated(shown.map(({ eventId }) => eventId)).map((id) =>
    violation('I3', 'doubled', `event ${id} was shown twice`),
  );
  for (const { conversationId, version } of shown) {
    const before = versions.get(conversationId) ?? 0;
    if (version < before)
      found.push(violation('I3', 'inverted', `${conversationId} went from version ${before} back to ${version}`));
    versions.set(conversationId, Math.max(before, version));
  }
  return found;
}

/** A subscriber is shown everything after the first event shown; one who left, everything up to the last event shown. */
function missedLive(
  shown: readonly Extract<Entry, { op: 'live' }>[],
  seen: Observations,
  hasLeft: boolean,
): Violation[] {
  const [first] = shown;
  if (first === undefined) return [];
  const start = seen.outbox.find(({ eventId }) => eventId === first.eventId);
  const ids = new Set(shown.map(({ eventId }) => eventId));
  const end = hasLeft ? seen.outbox.findLast(({ eventId }) => ids.has(eventId))?.seq : undefined;
  return seen.outbox
    .filter(
      (event) =>
        event.type === 'conversation.message-added' &&
        event.tenantId === first.tenantId &&
        start !== undefined &&
        event.seq > start.seq &&
        (end === undefined || event.seq < end) &&
        !ids.has(event.eventId),
    )
    .map((event) => violation('I3', 'lost', `event ${event.eventId} was never shown to the subscriber`));
}

/** I8: answers to a workspace hold no message of another workspace. */
export const nothingForeign: Checker = (history, seen) => {
  const owners = new Map(seen.accounts.map(({ id, tenantId }) => [id, tenantId]));
  const ownerOf = new Map(seen.inbound.map((row) => [row.externalId, owners.get(row.accountId)]));
  return operations(history, 'read').flatMap(({ tenantId, externalIds }) =>
    externalIds.flatMap((id) => {
      const owner = ownerOf.get(id);
      return owner === undefined || owner === tenantId
        ? []
        : [violation('I8', 'wrong', `${tenantId} was shown ${id}, which belongs to ${owner}`)];
    }),
  );
};
