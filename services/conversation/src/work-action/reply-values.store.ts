import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { ordersOf } from '../order/order-facts.store.ts';
import { hasVariables, type ReplyValues } from './reply-pattern.domain.ts';

/** What is known for a text in each conversation; nothing is read for a text without variables. */
export async function replyValues(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  agentId: AgentId | null,
  pattern: string,
): Promise<Map<ConversationId, ReplyValues>> {
  if (!hasVariables(pattern)) return new Map(ids.map((id) => [id, new Map()]));
  const conversations = await conversationsByIds(trx, tenantId, ids);
  const orders = await ordersOf(trx, tenantId, ids);
  const agent = agentId === null ? undefined : (await agentsByIds(trx, tenantId, [agentId])).get(agentId);
  const valuesOf = (id: ConversationId): ReplyValues => {
    const conversation = conversations.get(id);
    const order = orders.get(id);
    const known = {
      buyerName: conversation?.buyerName,
      conversationNumber: conversation === undefined ? null : String(conversation.number),
      agentName: agent?.displayName,
      orderNumber: order?.external_order_id,
      trackingNumber: order?.tracking_numbers[0],
    };
    return new Map(
      Object.entries(known).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
    );
  };
  return new Map(ids.map((id) => [id, valuesOf(id)]));
}
