import { afterCommit, type ConsumerSpec, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { latestLinks } from '../order/latest-links.ts';
import { forgetCustomers, saveCustomerMarks } from '../rule/customer-mark.store.ts';
import { createSetReader } from '../rule/set-reader.ts';
import { forgetEvaluations } from '../rule/evaluation.store.ts';
import { forgetTimers } from '../rule/timer/timer.store.ts';
import { type ConversationOrder, saveLinks } from '../order/order-facts.store.ts';
import { latestOrders } from '../order/latest-orders.ts';
import { recallTurns, recallTurnsAbout } from '../turn/recall-turns.store.ts';
import { type ConversationEvent, evaluateEvents } from './on-conversation.ts';
import { takeLinks } from './on-conversation-linked.ts';
import { takeOrders } from './on-order.ts';

interface Deps extends Pick<ServiceRuntime<DB>, 'clock' | 'outbox' | 'metrics'> {
  /** Looks when the next time of a rule comes. */
  readonly nudgeTimers: () => void;
  /** Looks for turns that are due. */
  readonly nudgeTurns: () => void;
}

/** Evaluates the rules of workspaces, and keeps what they ask about conversations and orders. */
export function rulesConsumer({ clock, outbox, metrics, nudgeTimers, nudgeTurns }: Deps): ConsumerSpec<DB> {
  const deps = { clock, outbox, metrics, nudgeTimers, readSets: createSetReader() };
  const evaluate = (trx: Transaction<DB>, events: readonly ConversationEvent[]) => evaluateEvents(deps, trx, events);
  return {
    name: 'automation.rules',
    on: {
      // The same function for both: an order of its own for each conversation, in one call.
      'conversation.message-added': evaluate,
      'conversation.changed': evaluate,
      'conversation.buyer-erased': async (trx, events) => {
        const gone = events.map(({ event: { tenantId, data } }) => ({ tenantId, conversationId: data.conversationId }));
        await forgetEvaluations(trx, gone);
        await forgetTimers(trx, gone);
        await forgetCustomers(
          trx,
          events.map(({ event: { tenantId, data } }) => ({ tenantId, customerId: data.customerId })),
        );
      },
      'crm.customer-changed': saveCustomerMarks,
      'crm.conversation-linked': async (trx, events) => {
        await saveLinks(trx, latestLinks(events));
        await takeLinks(deps, trx, events);
        if (await recallTurns(trx, latestLinks(events).map(keyOfLink), clock.now())) afterCommit(trx, nudgeTurns);
      },
      'ingest.order-updated': async (trx, events) => {
        await takeOrders(deps, trx, events);
        if (await recallTurnsAbout(trx, latestOrders(events), clock.now())) afterCommit(trx, nudgeTurns);
      },
    },
  };
}

function keyOfLink({ tenant_id: tenantId, conversation_id: conversationId }: ConversationOrder) {
  return { tenantId, conversationId };
}
