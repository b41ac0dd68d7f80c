import type { ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { languageOfMessage } from '../analysis/analysis.store.ts';
import { type ConversationFacts, factsOf } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { valuesOf } from '../order/latest-orders.ts';
import { orderOf } from '../order/order-facts.store.ts';
import type { Recipient } from './recipient.domain.ts';

/** What a message in a conversation can be made of. */
export interface Known {
  readonly facts: ConversationFacts;
  readonly recipient: Recipient;
  /** The values of the variables that the order of the conversation gives. */
  readonly values: ReadonlyMap<string, string>;
  readonly order: Awaited<ReturnType<typeof orderOf>>;
}

/** Null for a conversation that this service has not been told of. */
export async function knownOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<Known | null> {
  const facts = await factsOf(trx, tenantId, conversationId);
  if (facts === null) return null;
  const messageId = facts.last_inbound_id;
  const language = messageId === null ? null : await languageOfMessage(trx, tenantId, messageId);
  const order = await orderOf(trx, tenantId, conversationId);
  return {
    facts,
    // "und", no language, leaves it to the fallbacks of the template.
    recipient: { locale: language ?? 'und', market: order?.market ?? null, channel: facts.channel },
    values: order === null ? new Map() : valuesOf(order),
    order,
  };
}
