import { expect } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type EventData,
  type MessageId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, eventually, givenMessage, type TestHarness } from '@crossdesk/testkit';
import type { AutomationService } from '../src/app.ts';

interface Opened {
  readonly harness: TestHarness;
  readonly automation: AutomationService;
}

type Inbound = EventData<'ingest.message-received'>;

/** A message of a buyer, as ingest and then the conversation service tell it, and its order. */
export async function givenQuestion(
  { harness, automation }: Opened,
  tenantId: TenantId,
  text: string,
): Promise<Inbound> {
  const received = givenMessage({ tenantId, content: { kind: 'text', text } });
  const { conversationId, messageId, accountId, channel } = received.data;
  const at = new Date().toISOString();
  const conversation = {
    ...{ conversationId, accountId, channel, state: 'unread' as const, priority: 'normal' as const },
    ...{ assigneeId: null, unreadCount: 1, waitingSince: at, lastMessageAt: at },
  };
  const of = { tenantId, aggregateId: conversationId };
  const said = { conversation, messageId, direction: 'inbound', author: 'buyer', kind: 'text', text } as const;
  const orderId = newId<OrderId>();
  const order = anEvent(
    'ingest.order-updated',
    {
      ...{ orderId, accountId, channel, externalOrderId: 'NT-900001', state: 'shipped', platformState: 'SHIPPED' },
      ...{ buyerExternalId: null, buyerName: null, recipient: null, items: [] },
      ...{ total: { amountMinor: '5780', currency: 'EUR' }, placedAt: '2026-03-02T18:40:02.000Z' },
      shipments: [
        {
          ...{ externalShipmentId: 's', platformState: 'x', state: 'in_transit', carrier: 'DHL' },
          ...{ trackingNumber: 'JD014600003RU', updatedAt: '2026-03-03T08:00:00.000Z' },
        },
      ],
      platformUpdatedAt: '2026-03-03T09:12:44.000Z',
    },
    { tenantId, aggregateId: orderId },
  );
  const linked = {
    conversationId,
    customerId: newId<CustomerId>(),
    order: { orderId, confidence: 0.99, reason: 'PLATFORM_REFERENCE' as const },
  };
  const events = [anEvent('conversation.message-added', said, of), order];
  await harness.publish(received, ...events, anEvent('crm.conversation-linked', linked, of));
  await eventually(async () => {
    const found = await automation.runtime.db.asWorker(async (trx) => [
      await trx.selectFrom('message_text').where('conversation_id', '=', conversationId).select('text').execute(),
      await trx
        .selectFrom('conversation_order')
        .where('conversation_id', '=', conversationId)
        .select('order_id')
        .execute(),
      await trx.selectFrom('order_facts').where('order_id', '=', orderId).select('state').execute(),
      await trx.selectFrom('message_analysis').where('message_id', '=', messageId).select('language').execute(),
    ]);
    expect(found.map((rows) => rows.length)).toEqual([1, 1, 1, 1]);
  });
  return received.data;
}

/** Another message of the buyer, as the conversation service tells it. */
export async function saysMore(
  { harness, automation }: Opened,
  tenantId: TenantId,
  conversationId: ConversationId,
  text: string,
): Promise<void> {
  const { accountId, channel } = givenMessage({ tenantId }).data;
  const at = new Date().toISOString();
  const conversation = {
    ...{ conversationId, accountId, channel, state: 'unread' as const, priority: 'normal' as const },
    ...{ assigneeId: null, unreadCount: 2, waitingSince: at, lastMessageAt: at },
  };
  const said = {
    conversation,
    messageId: newId<MessageId>(),
    direction: 'inbound',
    author: 'buyer',
    kind: 'text',
    text,
  } as const;
  await harness.publish(
    anEvent('conversation.message-added', said, { tenantId, aggregateId: conversationId, aggregateVersion: 7 }),
  );
  await eventually(async () => {
    const rows = await automation.runtime.db.asWorker((trx) =>
      trx.selectFrom('message_text').where('message_id', '=', said.messageId).select('text').execute(),
    );
    expect(rows).toHaveLength(1);
  });
}
