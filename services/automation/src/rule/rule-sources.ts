import type { createSetReader } from './set-reader.ts';
import type { Replies } from './decide.domain.ts';
import { type OrderFacts, valuesOf } from '../order/latest-orders.ts';
import { type KnownConversation, type KnownCustomer, type KnownOrder, totalOf } from './facts.domain.ts';
import type { ConversationRow } from './facts.store.ts';

/** What rules write without being asked is a notice: it holds whatever has been said since. */
export const notices: Replies = { purpose: 'notice', refuse: () => null };

export type ReadSets = ReturnType<typeof createSetReader>;

type Facts = ConversationRow;

/** Of whom crm has told nothing. */
export const unmarked: KnownCustomer = { tags: [], tier: null };

export function knownConversation({ customer_id, order_id, message_count, customer }: Facts): KnownConversation {
  return {
    isLinked: customer_id !== null,
    hasOrder: order_id !== null,
    messageCount: message_count,
    customer: customer ?? unmarked,
  };
}

export function knownOrder(row: OrderFacts | null): KnownOrder | null {
  if (row === null) return null;
  const { state, placed_at: placedAt, total_minor: minor, total_currency: currency } = row;
  return { state, placedAt, total: totalOf(minor, currency), currency };
}

/** The values that the order gives the variables of a template. */
export function valuesIn(order: OrderFacts | null): ReadonlyMap<string, string> {
  return order === null ? new Map() : valuesOf(order);
}

/** Whom the limits count. */
export function subjectOf(
  { tenant_id: tenantId, conversation_id: conversationId, customer_id }: Facts,
  correlationId: string,
) {
  return { tenantId, conversationId, correlationId, buyerId: customer_id ?? conversationId };
}
