import type { ConversationId, TenantId } from '@crossdesk/contracts';
import type { ConsumerSpec, ServiceRuntime } from '@crossdesk/service-kit';
import { saveCustomers } from '../conversation/conversation-customer.store.ts';
import { lockConversations } from '../conversation/conversation.store.ts';
import type { Transaction } from 'kysely';
import { holdMarks } from '../customer-mark/customer-mark.store.ts';
import type { DB } from '../db.ts';
import { saveOrderLinks, saveOrders } from '../order/order-facts.store.ts';
import { lookAnew, markedByLinks, takeMarks } from './on-customer-marked.ts';
import { saveTexts } from '../search/search-document.store.ts';
import { conversationsAbout, textsOfOrders } from '../search/search-text.store.ts';

/**
 * Remembers whose conversations they are and what crm says of their customers, for the inbox and routing, and what the
 * search and the check of outgoing texts ask about their orders; a consumer of its own, so that no message waits for a link.
 * When customers are merged, crm links each of their conversations again.
 */
export function customersConsumer(runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>): ConsumerSpec<DB> {
  return {
    name: 'conversation.customers',
    on: {
      'crm.conversation-linked': async (trx, events) => {
        // Nobody changes the marks of customers meanwhile.
        await holdMarks(
          trx,
          events.map(({ event }) => event.tenantId),
        );
        const marked = await markedByLinks(trx, events);
        await lockConversations(trx, marked);
        await saveCustomers(
          trx,
          events.map(({ event: { tenantId, data } }) => ({ tenantId, ...data })),
        );
        await saveOrderLinks(trx, events);
        await indexOrders(
          trx,
          events.map(({ event: { tenantId, data } }) => ({ tenantId, id: data.conversationId })),
        );
        await lookAnew(runtime, trx, marked);
      },
      'crm.customer-changed': (trx, events) => takeMarks(runtime, trx, events),
      'ingest.order-updated': async (trx, events) => {
        await saveOrders(trx, events);
        const orders = events.map(({ event: { tenantId, data } }) => ({ tenantId, id: data.orderId }));
        await indexOrders(trx, await conversationsAbout(trx, orders));
      },
    },
  };
}

/** The numbers of an order are found as soon as they are known, by this consumer, which saves them. */
async function indexOrders(
  trx: Transaction<DB>,
  conversations: readonly { readonly tenantId: TenantId; readonly id: ConversationId }[],
): Promise<void> {
  await saveTexts(trx, await textsOfOrders(trx, conversations));
}
