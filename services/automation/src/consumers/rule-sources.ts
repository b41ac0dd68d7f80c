import type { Row } from '../db.ts';
import type { createSetReader } from '../rule/compiled-set.ts';
import type { KnownConversation, KnownOrder } from '../rule/facts.domain.ts';

export type ReadSets = ReturnType<typeof createSetReader>;

type Facts = Row<'rule_conversation'>;

export function knownConversation({ customer_id, order_id, message_count }: Facts): KnownConversation {
  return { isLinked: customer_id !== null, hasOrder: order_id !== null, messageCount: message_count };
}

export function knownOrder(row: Row<'rule_order'> | null): KnownOrder | null {
  if (row === null) return null;
  const { state, placed_at, total, currency } = row;
  return { state, placedAt: placed_at, total, currency };
}

/** The values that a rule gives the variables of a template. */
export function valuesOf(order: Row<'rule_order'> | null): Map<string, string> {
  if (order === null) return new Map();
  const { external_order_id, carrier, tracking_number, total, currency } = order;
  const values = {
    orderNumber: external_order_id,
    carrier,
    trackingNumber: tracking_number,
    total: total === null || currency === null ? null : `${total} ${currency}`,
  };
  return new Map(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** Whom the limits count. */
export function subjectOf(
  { tenant_id: tenantId, conversation_id: conversationId, customer_id }: Facts,
  correlationId: string,
) {
  return { tenantId, conversationId, correlationId, buyerId: customer_id ?? conversationId };
}
