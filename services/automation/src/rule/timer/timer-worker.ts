import { newId } from '@crossdesk/contracts';
import { addReading, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { knownConversation, knownOrder, notices, type ReadSets, subjectOf, valuesIn } from '../rule-sources.ts';
import { type ConversationFacts, factsOf } from '../../conversation/conversation-facts.store.ts';
import { snapshotOf } from '../../conversation/snapshot.ts';
import type { DB } from '../../db.ts';
import { nextDueInMs } from '../../job/due-rows.store.ts';
import type { OrderFacts } from '../../order/latest-orders.ts';
import { createSetReader } from '../set-reader.ts';
import { evaluateAll, type Occasion } from '../evaluate.commands.ts';
import { factsOf as factsIn } from '../facts.domain.ts';
import { countMessages, keyOf, readOrders } from '../facts.store.ts';
import type { Timer } from './timer.domain.ts';
import { claimDue, takeTimer } from './timer.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'outbox' | 'log' | 'metrics'>;

/** How late the first time is that nobody has looked at. */
export function measureTimers({ db, clock, metrics }: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'metrics'>): void {
  addReading(metrics, {
    name: 'crossdesk_rule_timer_overdue_seconds',
    help: 'Time since the first time of a rule was due',
    read: async () => {
      const dueInMs = await db.asWorker((trx) => nextDueInMs(trx, 'rule_timer', clock.now()));
      return [{ value: Math.max(0, -(dueInMs ?? 0)) / 1_000 }];
    },
  });
}

const pollMs = 60_000;
const concurrencyMax = 4;
const triesMax = 5;

/** Evaluates the rules that look later, when their time has come. */
export function startTimers(deps: Deps): DueWork {
  const { db, clock, log } = deps;
  const readSets = createSetReader();
  return startDueWork<Timer>({
    name: 'rule timers',
    pollMs,
    concurrencyMax,
    claim: (limit) => db.asWorker((trx) => claimDue(trx, limit, clock.now())),
    nextDueInMs: () => db.asWorker((trx) => nextDueInMs(trx, 'rule_timer', clock.now())),
    work: (timer) => db.asWorker((trx) => look(deps, trx, readSets, timer)),
    log,
  });
}

/** Everything is looked up again; of the time when it began only the message is left. */
async function look(deps: Deps, trx: Transaction<DB>, readSets: ReadSets, timer: Timer): Promise<void> {
  const { tenant_id: tenantId, conversation_id: conversationId, rule_id, rule_version } = timer;
  const key = { tenantId, conversationId };
  // The lock of a conversation comes first, as for its events.
  const known = (await countMessages(trx, [key], [0])).get(keyOf(key));
  if (!(await takeTimer(trx, timer)) || timer.tries > triesMax || known === undefined) return;
  const set = (await readSets(trx, [tenantId]))(tenantId);
  const isPresent = set.delayed.some(({ id, version }) => id === rule_id && version === rule_version);
  const conversation = await factsOf(trx, tenantId, conversationId);
  if (!isPresent || conversation === null) return;
  const order = await orderFor(trx, timer, known);
  await evaluateAll(deps, trx, [occasionOf({ timer, set, known, conversation, order, now: deps.clock.now() })]);
}

type Known = Parameters<typeof knownConversation>[0];

async function orderFor(trx: Transaction<DB>, timer: Timer, known: Known): Promise<OrderFacts | null> {
  const orderId = timer.order_id ?? known.order_id;
  if (orderId === null) return null;
  return (await readOrders(trx, [{ ...known, order_id: orderId }])).get(orderId) ?? null;
}

interface Due {
  readonly timer: Timer;
  readonly set: Occasion['set'];
  readonly known: Known;
  readonly conversation: ConversationFacts;
  readonly order: OrderFacts | null;
  readonly now: Date;
}

function occasionOf({ timer, set, known, conversation, order, now }: Due): Occasion {
  const { anchor_event_id: id, correlation_id: correlationId, causation_depth: causationDepth } = timer;
  const facts = factsIn({
    snapshot: snapshotOf(conversation),
    known: knownConversation(known),
    order: knownOrder(order),
    message: null,
    now,
  });
  return {
    id: newId(),
    set,
    cause: { event: { id, actor: { kind: 'automation', id: null }, correlationId, causationDepth }, traceparent: null },
    basedOnVersion: conversation.version,
    values: valuesIn(order),
    subject: subjectOf(known, correlationId),
    messageId: timer.message_id,
    trigger: timer.trigger,
    timerRuleId: timer.rule_id,
    replies: notices,
    facts: { ...facts, ...timer.facts },
    now,
    taken: [],
  };
}
