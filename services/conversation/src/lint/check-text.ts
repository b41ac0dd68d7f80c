import { type Finding, knownOrder, lint, orderNumbersIn, stopsIn } from '@crossdesk/outgoing-lint';
import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { amountOf, type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { DB, Row } from '../db.ts';
import { orderOf, ordersOfOthers } from '../order/order-facts.store.ts';
import { loweredIn } from './lint-setting.domain.ts';
import { readLintSetting } from './lint-setting.store.ts';

/** What a text may not say in a conversation. Tone is not judged here: it stops nothing. */
export async function stopsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { id, channel }: Pick<Conversation, 'id' | 'channel'>,
  text: string,
  now: Date,
): Promise<Finding[]> {
  const order = await orderOf(trx, tenantId, id);
  const otherOrders = await ordersOfOthers(trx, tenantId, id, orderNumbersIn(text));
  const lowered = loweredIn(await readLintSetting(trx, tenantId), channel);
  const facts = { order: order === null ? null : known(order), otherOrders, policy: null, now };
  return stopsIn(lint(text, { channel, language: null, mood: null, market: order?.market ?? null, facts, lowered }));
}

/** The same, for a text that was just refused. */
export async function stopsOfDraft(
  { db, clock }: Pick<ServiceRuntime<DB>, 'db' | 'clock'>,
  request: RequestContext,
  conversationId: ConversationId,
  text: string,
): Promise<Finding[]> {
  const { tenantId } = signedIn(request);
  return db.forTenant(tenantId, async (trx) => {
    const conversation = (await conversationsByIds(trx, tenantId, [conversationId])).get(conversationId);
    return conversation === undefined ? [] : stopsOf(trx, tenantId, conversation, text, clock.now());
  });
}

function known(order: Row<'order_facts'>) {
  const { external_order_id: number, state, tracking_numbers: trackingNumbers } = order;
  const { total_minor: amountMinor, total_currency: currency } = order;
  const isPaid = amountMinor !== null && currency !== null;
  const total = isPaid ? { amount: amountOf({ amountMinor, currency }), currency } : null;
  return knownOrder({ number, state, trackingNumbers, total });
}
