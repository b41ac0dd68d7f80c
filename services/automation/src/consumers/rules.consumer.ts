import type { ConsumerSpec, Delivered, ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { createSetReader } from '../rule/compiled-set.ts';
import { forgetEvaluations } from '../rule/evaluation.store.ts';
import { totalOf } from '../rule/facts.domain.ts';
import { saveOrders } from '../rule/facts.store.ts';
import { type ConversationEvent, evaluateEvents } from './on-conversation.ts';
import { takeLinks } from './on-conversation-linked.ts';

/** Evaluates the rules of workspaces, and keeps what they ask about conversations and orders. */
export function rulesConsumer({ clock, outbox }: Pick<ServiceRuntime<DB>, 'clock' | 'outbox'>): ConsumerSpec<DB> {
  const deps = { clock, outbox, readSets: createSetReader() };
  const evaluate = (trx: Transaction<DB>, events: readonly ConversationEvent[]) => evaluateEvents(deps, trx, events);
  return {
    name: 'automation.rules',
    on: {
      // The same function for both: an order of its own for each conversation, in one call.
      'conversation.message-added': evaluate,
      'conversation.changed': evaluate,
      'conversation.buyer-erased': (trx, events) =>
        forgetEvaluations(
          trx,
          events.map(({ event: { tenantId, data } }) => ({ tenantId, conversationId: data.conversationId })),
        ),
      'crm.conversation-linked': (trx, events) => takeLinks(deps, trx, events),
      'ingest.order-updated': takeOrders,
    },
  };
}

async function takeOrders(trx: Transaction<DB>, events: readonly Delivered<'ingest.order-updated'>[]): Promise<void> {
  // The events of an order come in order: the last one is the newest.
  const newest = new Map(events.map(({ event }) => [`${event.tenantId} ${event.data.orderId}`, event]));
  await saveOrders(
    trx,
    [...newest.values()].map(({ tenantId, data }) => ({
      tenant_id: tenantId,
      order_id: data.orderId,
      state: data.state,
      placed_at: new Date(data.placedAt),
      total: totalOf(data),
      currency: data.total?.currency ?? null,
      external_order_id: data.externalOrderId,
      carrier: data.shipments.at(-1)?.carrier ?? null,
      tracking_number: data.shipments.at(-1)?.trackingNumber ?? null,
      platform_updated_at: new Date(data.platformUpdatedAt),
    })),
  );
}
