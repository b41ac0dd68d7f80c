import { causationDepthMax } from '@crossdesk/contracts';
import { afterCommit, type Clock, type Delivered, type Metrics, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { understand } from '../analysis/understand.ts';
import { detectLanguage } from '../language/detect-language.ts';
import type { OrderFacts } from '../order/latest-orders.ts';
import { type CompiledSet, phrasesIn } from '../rule/compiled-set.domain.ts';
import { evaluateAll, type Occasion, tenantsOf } from '../rule/evaluate.commands.ts';
import { factsOf, type KnownMessage } from '../rule/facts.domain.ts';
import { type ConversationRow, countMessages, keyOf, knownAnalyses, readOrders } from '../rule/facts.store.ts';
import { followTimers } from '../rule/timer/follow-timers.ts';
import { knownConversation, knownOrder, type ReadSets, subjectOf, valuesIn } from '../rule/rule-sources.ts';

type Added = Delivered<'conversation.message-added'>;
type Changed = Delivered<'conversation.changed'>;
export type ConversationEvent = Added | Changed;

interface Deps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly readSets: ReadSets;
  readonly nudgeTimers: () => void;
}

/** Evaluates the rules for messages of buyers and for changes of state or assignee. */
export async function evaluateEvents(
  { clock, outbox, metrics, readSets, nudgeTimers }: Deps,
  trx: Transaction<DB>,
  events: readonly ConversationEvent[],
): Promise<void> {
  const setOf = await readSets(trx, tenantsOf(events));
  const sources = await readSources(trx, events);
  const now = clock.now();
  const occasions = events.flatMap((one): Occasion[] => {
    const facts = sources.next(one);
    const set = setOf(one.event.tenantId);
    return facts !== null && isForRules(one, set) ? [occasionOf(one, facts, set, now)] : [];
  });
  await evaluateAll({ clock, outbox, metrics }, trx, occasions);
  const timed = events.filter(({ event }) => setOf(event.tenantId).delayed.length > 0);
  if (await followTimers(trx, timed, occasions)) afterCommit(trx, nudgeTimers);
}

interface Sources {
  readonly conversation: ConversationRow;
  readonly order: OrderFacts | null;
  readonly analysis: Pick<Row<'message_analysis'>, 'language' | 'understanding'> | undefined;
}

/** What is known at each event of a batch: the count of messages is that after the event. */
async function readSources(trx: Transaction<DB>, events: readonly ConversationEvent[]) {
  const keys = events.map(conversationOf);
  const facts = await countMessages(trx, keys, events.map(messagesIn));
  const orders = await readOrders(trx, facts.values());
  const added = events.flatMap(({ event }) => (event.type === 'conversation.message-added' ? [event] : []));
  const analyses = await knownAnalyses(
    trx,
    added.map(({ tenantId, data }) => ({ tenantId, messageId: data.messageId })),
  );
  const counts = new Map([...facts].map(([key, row]) => [key, row.message_count]));
  for (const [n, key] of keys.entries())
    counts.set(keyOf(key), (counts.get(keyOf(key)) ?? 0) - (messagesIn(events[n]) ?? 0));
  return {
    next(one: ConversationEvent): Sources | null {
      const key = keyOf(conversationOf(one));
      const row = facts.get(key);
      if (row === undefined) return null;
      const count = (counts.get(key) ?? 0) + messagesIn(one);
      counts.set(key, count);
      const order = row.order_id === null ? undefined : orders.get(row.order_id);
      const analysis =
        one.event.type === 'conversation.message-added' ? analyses.get(one.event.data.messageId) : undefined;
      return { conversation: { ...row, message_count: count }, order: order ?? null, analysis };
    },
  };
}

function conversationOf({ event: { tenantId, data } }: ConversationEvent) {
  return { tenantId, conversationId: data.conversation.conversationId };
}

function messagesIn(one: ConversationEvent | undefined): number {
  return one?.event.type === 'conversation.message-added' ? 1 : 0;
}

/**
 * Every message of a buyer but answers of surveys is recorded in a workspace that has rules, for simulations; other events
 * only if a rule looks at them.
 */
function isForRules({ event }: ConversationEvent, set: CompiledSet): boolean {
  // A chain of automations ends here.
  if (event.causationDepth >= causationDepthMax || set.rules.length === 0) return false;
  if (event.type === 'conversation.message-added')
    return event.data.direction === 'inbound' && event.data.author === 'buyer' && event.data.answers === undefined;
  return set.triggers.has('conversation') && (event.data.change === 'state' || event.data.change === 'assignee');
}

function occasionOf(one: ConversationEvent, sources: Sources, set: CompiledSet, now: Date): Occasion {
  const { event } = one;
  const { conversation, order } = sources;
  const message = event.type === 'conversation.message-added' ? messageOf(event.data, sources, set) : null;
  return {
    id: event.id,
    set,
    cause: one,
    replies: null,
    basedOnVersion: event.aggregateVersion,
    values: valuesIn(order),
    subject: subjectOf(conversation, event.correlationId),
    messageId: event.type === 'conversation.message-added' ? event.data.messageId : null,
    trigger: message === null ? 'conversation' : 'message',
    timerRuleId: null,
    facts: factsOf({
      snapshot: event.data.conversation,
      known: knownConversation(conversation),
      order: knownOrder(order),
      message,
      now,
    }),
    now,
    taken: [],
  };
}

function messageOf(
  { text, kind }: Added['event']['data'],
  { analysis, conversation }: Sources,
  set: CompiledSet,
): KnownMessage {
  // The analysis may come later than this event: whoever needs it finds it out, with the same result.
  const { language, understanding } = analysis ?? analysed(text);
  return {
    understanding,
    language,
    phrases: phrasesIn(set, text, language),
    kind,
    isFirst: conversation.message_count === 1,
  };
}

function analysed(text: string | null): Pick<Row<'message_analysis'>, 'language' | 'understanding'> {
  const { language } = detectLanguage(text ?? '');
  return { language, understanding: text === null || text.trim() === '' ? null : understand(text, language) };
}
