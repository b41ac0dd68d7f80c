import { createHash } from 'node:crypto';
import { causationDepthMax, newId, type OrderId } from '@crossdesk/contracts';
import { afterCommit, type Clock, type Delivered, type Metrics, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { snapshotOf } from '../conversation/snapshot.ts';
import type { DB } from '../db.ts';
import { latestOrders, type OrderFacts } from '../order/latest-orders.ts';
import { type AboutOrder, conversationsAbout, lockStates, saveOrders } from '../order/order-facts.store.ts';
import { evaluateAll, type Occasion, tenantsOf } from '../rule/evaluate.commands.ts';
import { factsOf } from '../rule/facts.domain.ts';
import { countMessages, keyOf, knownAnalyses } from '../rule/facts.store.ts';
import { type Anchor, timersOf } from '../rule/timer/timer.domain.ts';
import { beginTimers, endOrderTimers } from '../rule/timer/timer.store.ts';
import { knownConversation, knownOrder, notices, type ReadSets, subjectOf, valuesIn } from '../rule/rule-sources.ts';

type Updated = Delivered<'ingest.order-updated'>;

interface Deps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly readSets: ReadSets;
  readonly nudgeTimers: () => void;
}

/** An order that is in another state than before. */
interface Change {
  readonly cause: Updated;
  readonly order: OrderFacts;
}

interface Seen {
  readonly change: Change;
  readonly occasion: Occasion;
}

/** Remembers orders, and evaluates the rules for those that are in another state than before. */
export async function takeOrders(deps: Deps, trx: Transaction<DB>, events: readonly Updated[]): Promise<void> {
  const before = await lockStates(trx, latestOrders(events));
  await saveOrders(trx, latestOrders(events));
  const setOf = await deps.readSets(trx, tenantsOf(events));
  const changes = changesIn(events, before).filter(
    ({ cause: { event } }) => event.causationDepth < causationDepthMax && setOf(event.tenantId).triggers.has('order'),
  );
  if (changes.length === 0) return;
  const about = await conversationsAbout(
    trx,
    changes.map(({ order }) => order),
  );
  const sources = await readSources(trx, [...about.values()]);
  const now = deps.clock.now();
  const seen = changes.flatMap((change): Seen[] => {
    const source = sources.get(change.order.order_id);
    if (source === undefined) return [];
    return [{ change, occasion: occasionOf(change, source, setOf(change.order.tenant_id), now) }];
  });
  await evaluateAll(
    deps,
    trx,
    seen.map(({ occasion }) => occasion),
  );
  await followTimers(deps, trx, seen);
}

/** The changes of state, in their order. What an order was before it was known here is not known. */
function changesIn(events: readonly Updated[], before: ReadonlyMap<OrderId, Pick<OrderFacts, 'state' | 'version'>>) {
  const present = new Map(before);
  return events.flatMap((cause): Change[] => {
    const { event } = cause;
    const known = present.get(event.data.orderId);
    if (known !== undefined && known.version >= event.aggregateVersion) return [];
    const { state } = event.data;
    present.set(event.data.orderId, { state, version: event.aggregateVersion });
    return known === undefined || known.state === state ? [] : latestOrders([cause]).map((order) => ({ cause, order }));
  });
}

interface Source extends AboutOrder {
  readonly known: Parameters<typeof knownConversation>[0];
  readonly language: string | null;
}

async function readSources(trx: Transaction<DB>, about: readonly AboutOrder[]): Promise<Map<OrderId, Source>> {
  const keys = about.map(({ conversation }) => ({
    tenantId: conversation.tenant_id,
    conversationId: conversation.conversation_id,
  }));
  const known =
    about.length === 0
      ? new Map<string, never>()
      : await countMessages(
          trx,
          keys,
          keys.map(() => 0),
        );
  const messages = about.flatMap(({ conversation: { tenant_id: tenantId, last_inbound_id: messageId } }) =>
    messageId === null ? [] : [{ tenantId, messageId }],
  );
  const analyses = await knownAnalyses(trx, messages);
  return new Map(
    about.flatMap((one) => {
      const { tenant_id: tenantId, conversation_id: conversationId, last_inbound_id } = one.conversation;
      const row = known.get(keyOf({ tenantId, conversationId }));
      const language = last_inbound_id === null ? null : (analyses.get(last_inbound_id)?.language ?? null);
      return row === undefined ? [] : [[one.orderId, { ...one, known: row, language }] as const];
    }),
  );
}

function occasionOf(
  { cause, order }: Change,
  { conversation, known, language }: Source,
  set: Occasion['set'],
  now: Date,
): Occasion {
  const facts = factsOf({
    snapshot: snapshotOf(conversation),
    known: { ...knownConversation(known), hasOrder: true },
    order: knownOrder(order),
    message: null,
    now,
  });
  const code = language?.split('-')[0];
  return {
    id: newId(),
    set,
    cause,
    basedOnVersion: conversation.version,
    values: valuesIn(order),
    subject: subjectOf(known, chainOf(order)),
    messageId: null,
    trigger: 'order',
    timerRuleId: null,
    replies: notices,
    facts: { ...facts, ...(code === undefined ? {} : { 'message.language': code }) },
    now,
    taken: [],
  };
}

/** A rule acts once for an order in a state, however often the platform tells it. */
function chainOf({ tenant_id, order_id, state }: OrderFacts): string {
  const hex = createHash('sha256').update(`${tenant_id} ${order_id} ${state}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function followTimers({ nudgeTimers }: Deps, trx: Transaction<DB>, seen: readonly Seen[]): Promise<void> {
  const delayed = seen.filter(({ occasion }) => occasion.set.delayed.length > 0);
  if (delayed.length === 0) return;
  await endOrderTimers(
    trx,
    delayed.map(({ change: { order } }) => ({ tenantId: order.tenant_id, orderId: order.order_id })),
  );
  // Of several changes of an order in a batch, the last one counts.
  const timers = new Map(
    delayed.flatMap(({ change: { cause, order }, occasion }) =>
      timersOf(anchorOf(cause.event, occasion, order)).map(
        (timer) => [`${timer.rule_id} ${timer.conversation_id}`, timer] as const,
      ),
    ),
  );
  if (await beginTimers(trx, [...timers.values()])) afterCommit(trx, nudgeTimers);
}

function anchorOf(
  { id, causationDepth }: Updated['event'],
  { subject, ...occasion }: Occasion,
  order: OrderFacts,
): Anchor {
  const { tenantId, conversationId, correlationId } = subject;
  return { ...occasion, tenantId, conversationId, correlationId, causationDepth, eventId: id, orderId: order.order_id };
}
