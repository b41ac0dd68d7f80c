import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { type Finding, knownOrder, lint, lintRules, orderNumbersIn } from '@crossdesk/outgoing-lint';
import { amountOf } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { readConversations } from '../analysis/analysis.store.ts';
import { factsOf } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { detectLanguage } from '../language/detect-language.ts';
import type { OrderFacts } from '../order/latest-orders.ts';
import { orderOf, ordersOfOthers } from '../order/order-facts.store.ts';
import { ifSure } from '../order/sure-order.domain.ts';
import { readLowered } from './lint-setting.store.ts';

export interface Draft {
  readonly conversationId: ConversationId;
  readonly text: string;
  /** BCP 47; null: it is found out. */
  readonly locale: string | null;
}

/** What is wrong with a text, by everything that is known here. Null for an unknown conversation. */
export async function lintReply(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { conversationId, text, locale }: Draft,
  now: Date,
): Promise<Finding[] | null> {
  const facts = await factsOf(trx, tenantId, conversationId);
  if (facts === null) return null;
  const analysed = (await readConversations(trx, tenantId, [conversationId]))[0];
  const known = ifSure(await orderOf(trx, tenantId, conversationId));
  const otherOrders = await ordersOfOthers(trx, tenantId, conversationId, orderNumbersIn(text));
  const lowered = (await readLowered(trx, tenantId)).filter(({ channel }) => channel === facts.channel);
  return lint(text, {
    channel: facts.channel,
    language: locale === null ? detectLanguage(text).language : canonicalLocale(locale),
    mood: analysed?.mood?.label ?? null,
    market: known?.market ?? null,
    facts: { order: known === null ? null : sayable(known), otherOrders, policy: null, now },
    lowered: lintRules.filter((rule) => lowered.some((one) => one.rule === rule)),
  });
}

function sayable(order: OrderFacts) {
  const { external_order_id: number, state, tracking_number: tracking } = order;
  const { total_minor: amountMinor, total_currency: currency } = order;
  const isPaid = amountMinor !== null && currency !== null;
  const total = isPaid ? { amount: amountOf({ amountMinor, currency }), currency } : null;
  return knownOrder({ number, state, trackingNumbers: tracking === null ? [] : [tracking], total });
}
