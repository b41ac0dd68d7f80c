import { causationDepthMax } from '@crossdesk/contracts';
import type { Clock, Delivered, Metrics, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { CompiledSet } from '../rule/compiled-set.domain.ts';
import { evaluateAll, type Occasion, tenantsOf } from '../rule/evaluate.commands.ts';
import { type Evaluation, lastOfChains } from '../rule/evaluation.store.ts';
import { linkFacts } from '../rule/facts.domain.ts';
import { keyOf, readOrders, saveLinks } from '../rule/facts.store.ts';
import { knownConversation, knownOrder, type ReadSets, subjectOf, valuesIn } from '../rule/rule-sources.ts';

type Linked = Delivered<'crm.conversation-linked'>;

interface Deps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly readSets: ReadSets;
}

/**
 * Remembers customer and order of conversations. If the message that made crm look was evaluated before, its rules are
 * evaluated once more: what they ask about the order was unknown.
 */
export async function takeLinks(
  { clock, outbox, metrics, readSets }: Deps,
  trx: Transaction<DB>,
  events: readonly Linked[],
): Promise<void> {
  const last = new Map(events.map((one) => [keyOf(linkOf(one.event)), one]));
  const facts = await saveLinks(
    trx,
    [...last.values()].map(({ event }) => linkOf(event)),
  );
  const orders = await readOrders(trx, facts.values());
  const setOf = await readSets(trx, tenantsOf(events));
  const chains = [...last.values()].filter(({ event }) => event.causationDepth < causationDepthMax);
  const before = await lastOfChains(
    trx,
    chains.map(({ event }) => ({ ...linkOf(event), correlationId: event.correlationId })),
  );
  const now = clock.now();
  const occasions = chains.flatMap((one): Occasion[] => {
    const { event } = one;
    const earlier = before.get(event.correlationId);
    const known = facts.get(keyOf(linkOf(event)));
    const again = earlier === undefined ? null : onceMore(earlier, setOf(event.tenantId), now);
    if (again === null || known === undefined) return [];
    const order = known.order_id === null ? null : (orders.get(known.order_id) ?? null);
    const news = linkFacts(knownConversation(known), knownOrder(order), now);
    const subject = subjectOf(known, event.correlationId);
    const values = valuesIn(order);
    return [{ ...again, id: event.id, cause: one, replies: null, values, subject, facts: { ...again.facts, ...news } }];
  });
  await evaluateAll({ clock, outbox, metrics }, trx, occasions);
}

function linkOf({ tenantId, data }: Linked['event']) {
  const { conversationId, customerId, order } = data;
  return { tenantId, conversationId, customerId, orderId: order?.orderId ?? null };
}

type Again = Omit<Occasion, 'id' | 'cause' | 'subject' | 'values' | 'replies'>;

/** The same message again, after what was decided about it. Null if a rule has stopped the others, or the rules changed. */
function onceMore(row: Evaluation, set: CompiledSet, now: Date): Again | null {
  if (set.number !== row.rule_set) return null;
  const decided = row.results.filter(({ decisionId }) => decisionId !== null);
  if (set.rules.some(({ id, stops }) => stops && decided.some(({ ruleId }) => ruleId === id))) return null;
  const taken = decided.flatMap(({ type }) => (type === 'tag' ? [] : [type]));
  const { trigger, message_id: messageId, facts, based_on_version: basedOnVersion } = row;
  const known = { set, trigger, timerRuleId: null, messageId, facts, basedOnVersion, now };
  return { ...known, taken: [...new Set([...row.taken, ...taken])] };
}
