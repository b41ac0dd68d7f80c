import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AnyEvent,
  type ChannelAccountId,
  type ConversationId,
  type EventOf,
  type MessageContent,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { callHandlers } from '@crossdesk/service-kit';
import { aBuyer, anEvent, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { linksConsumer } from '../src/consumers/links.consumer.ts';
import { givenOrder } from './given.ts';

let harness: TestHarness;
let crm: CrmService;

beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
});

afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

type CrmEvent = EventOf<'ingest.message-received' | 'ingest.buyer-identified' | 'ingest.order-updated'>;

/**
 * Handles one batch of a partition without marking events as consumed: the linking itself has to tolerate repetition.
 */
function applyBatch(events: readonly CrmEvent[]): Promise<void> {
  const consumer = linksConsumer({ ...crm.runtime, suppressionKey: Buffer.alloc(32), nudgeGate: () => undefined });
  return crm.runtime.db.asWorker((trx) =>
    callHandlers(
      consumer,
      trx,
      events.map((event) => ({ event, traceparent: null })),
    ),
  );
}

/**
 * Which conversations share a customer, and the order of each conversation. Ids of customers are left out: they differ
 * from run to run.
 */
async function digestOf(tenantId: TenantId): Promise<unknown> {
  const { rows } = await sql<{ conversation: string; customer: string; link: string }>`
    select l.conversation_id as conversation, l.customer_id as customer,
      concat_ws(' ', l.order_id, l.confidence, l.reason) as link
    from conversation_link l where l.tenant_id = ${tenantId} order by l.conversation_id`.execute(crm.runtime.db.worker);
  const customers = Map.groupBy(rows, (row) => row.customer);
  return {
    links: rows.map(({ conversation, link }) => `${conversation} ${link}`),
    customers: [...customers.values()].map((group) => group.map((row) => row.conversation).join(' ')).sort(),
  };
}

const accountIds = [newId<ChannelAccountId>(), newId<ChannelAccountId>()] as const;
const conversationIds = Array.from({ length: 6 }, () => newId<ConversationId>());
const orderIds = Array.from({ length: 6 }, () => newId<OrderId>());
const orderNumber = (order: number) => `240918ABC${order}`;
const trackingNumber = (order: number, parcel: number) => `LX92837465${order}${parcel}CN`;
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

const order = fc.nat(orderIds.length - 1);
const text = fc.oneof(
  order.map((n) => `Where is ${orderNumber(n).toLowerCase()}?`),
  fc.tuple(order, fc.nat(1)).map(([n, parcel]) => `Parcel ${trackingNumber(n, parcel)} please`),
  fc.tuple(order, order).map(([a, b]) => `${orderNumber(a)} or ${trackingNumber(b, 0)}`),
  fc.constant('Hello, are you there?'),
);
const message = fc.record({
  conversation: fc.nat(conversationIds.length - 1),
  minute: fc.nat(60),
  text: fc.option(text, { nil: null }),
  named: fc.option(order, { nil: null, freq: 3 }),
  hasCommerceId: fc.boolean(),
  phone: fc.option(fc.nat(2), { nil: null }),
  email: fc.option(fc.nat(2), { nil: null }),
  isProfile: fc.boolean(),
});
const snapshot = fc.record({
  order,
  version: fc.integer({ min: 1, max: 4 }),
  buyer: fc.option(fc.nat(5), { nil: null }),
  minute: fc.nat(60),
  parcels: fc.nat(2),
});

type Made<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

function messageEvent(tenantId: TenantId, made: Made<typeof message>): CrmEvent {
  const conversationId = conversationIds[made.conversation] ?? newId<ConversationId>();
  const accountId = accountIds[made.conversation % 2] ?? accountIds[0];
  const buyer = {
    ...aBuyer,
    externalId: `buyer-${made.conversation}`,
    commerceId: made.hasCommerceId ? `buyer-${made.conversation}` : null,
    phone: made.phone === null ? null : `551198765432${made.phone}`,
    email: made.email === null ? null : `buyer${made.email}@example.com`,
  };
  if (made.isProfile) {
    const data = { conversationId, accountId, channel: 'shopee', buyer } as const;
    return anEvent('ingest.buyer-identified', data, {
      tenantId,
      aggregateId: conversationId,
      occurredAt: at(made.minute),
    });
  }
  const content: MessageContent =
    made.text === null
      ? { kind: 'order', externalOrderId: orderNumber(made.named ?? 0) }
      : { kind: 'text', text: made.text };
  return givenMessage({ tenantId, conversationId, accountId, buyer, content, occurredAt: at(made.minute) });
}

/** Order n has one content per version, as a platform reports the same to everybody. */
function orderEvents(tenantId: TenantId, made: readonly Made<typeof snapshot>[]): CrmEvent[] {
  const stories = new Map(made.map((one) => [`${one.order} ${one.version}`, one]));
  return [...stories.values()].map((one) =>
    givenOrder({
      tenantId,
      version: one.version,
      orderId: orderIds[one.order] ?? newId<OrderId>(),
      accountId: accountIds[one.order % 2] ?? accountIds[0],
      externalOrderId: orderNumber(one.order),
      buyerExternalId: one.buyer === null ? null : `buyer-${one.buyer}`,
      placedAt: at(one.minute).toISOString(),
      trackingNumbers: Array.from({ length: one.parcels }, (_, parcel) => trackingNumber(one.order, parcel)),
    }),
  );
}

function shuffled(events: readonly CrmEvent[], numbers: IterableIterator<number>): CrmEvent[] {
  const next = () => numbers.next().value ?? 0;
  const repeated = [...events, ...events.filter(() => next() % 3 === 0)];
  return repeated
    .map((event) => ({ event, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

async function digestAfter(make: (tenantId: TenantId) => CrmEvent[], batchSize: number): Promise<unknown> {
  const tenantId = newId<TenantId>();
  const events = make(tenantId);
  for (let i = 0; i < events.length; i += batchSize) await applyBatch(events.slice(i, i + batchSize));
  return digestOf(tenantId);
}

const facts = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 14 }),
  orders: fc.array(snapshot, { maxLength: 10 }),
  numbers: fc.infiniteStream(fc.nat()),
  batchSize: fc.integer({ min: 1, max: 8 }),
});

function eventsOf(
  tenantId: TenantId,
  { messages, orders }: Pick<Made<typeof facts>, 'messages' | 'orders'>,
): CrmEvent[] {
  return [...messages.map((one) => messageEvent(tenantId, one)), ...orderEvents(tenantId, orders)];
}

test('any order and repetition of messages and orders ends in the same customers and links', async () => {
  let linked = 0;
  const property = fc.asyncProperty(facts, async (given) => {
    const plain = await digestAfter((tenantId) => eventsOf(tenantId, given), 100);
    const mixed = await digestAfter((tenantId) => shuffled(eventsOf(tenantId, given), given.numbers), given.batchSize);
    if (JSON.stringify(plain).includes('ORDER')) linked += 1;
    expect(mixed).toEqual(plain);
  });
  await fc.assert(property, { numRuns: 40 });
  // A run without links would prove nothing.
  expect(linked).toBeGreaterThan(8);
}, 60_000);

test('messages and orders that are applied at the same time end in the same customers and links', async () => {
  const property = fc.asyncProperty(facts, async (given) => {
    const plain = await digestAfter((tenantId) => eventsOf(tenantId, given), 100);
    const tenantId = newId<TenantId>();
    const partitions = Map.groupBy(shuffled(eventsOf(tenantId, given), given.numbers), (event) => event.aggregateId);
    await Promise.all(
      [...partitions.values()].map(async (events) => {
        for (let i = 0; i < events.length; i += given.batchSize) await applyBatch(events.slice(i, i + given.batchSize));
      }),
    );
    expect(await digestOf(tenantId)).toEqual(plain);
  });
  await fc.assert(property, { numRuns: 25 });
}, 60_000);

test('one buyer who appears in two partitions at the same moment is one customer', async () => {
  for (let round = 0; round < 10; round += 1) {
    const tenantId = newId<TenantId>();
    const buyers = Array.from({ length: 8 }, (_, i) => ({
      ...aBuyer,
      externalId: `buyer-${i}`,
      commerceId: null,
      phone: '5511987654321',
    }));
    await Promise.all(buyers.map((buyer) => applyBatch([givenMessage({ tenantId, buyer })])));
    const { customers } = (await digestOf(tenantId)) as { customers: string[] };
    expect(customers).toHaveLength(1);
    const rows = await crm.runtime.db.worker
      .selectFrom('profile')
      .select(['id', 'customer_id'])
      .where('tenant_id', '=', tenantId)
      .execute();
    expect(rows).toHaveLength(buyers.length);
    expect(new Set(rows.map((row) => row.customer_id)).size).toBe(1);
  }
});

test('an unchanged link is not published again', async () => {
  const tenantId = newId<TenantId>();
  const accountId = accountIds[0];
  const events: AnyEvent[] = [];
  const ordered = givenOrder({ tenantId, accountId });
  const asked = givenMessage({ tenantId, accountId, content: { kind: 'text', text: 'Where is 240918ABCX7?' } });
  for (const batch of [
    [asked],
    [ordered],
    [asked, asked],
    [givenOrder({ ...ordered.data, tenantId, version: 2, state: 'shipped' })],
  ]) {
    await applyBatch(batch);
  }
  const { rows } = await sql<{ envelope: AnyEvent }>`
    select envelope from outbox_event where tenant_id = ${tenantId}
      and envelope ->> 'type' = 'crm.conversation-linked' order by seq`.execute(crm.runtime.db.worker);
  events.push(...rows.map((row) => row.envelope));
  expect(events.map((event) => [event.type, event.aggregateVersion])).toEqual([
    ['crm.conversation-linked', 1],
    ['crm.conversation-linked', 2],
  ]);
  expect(events[1]).toMatchObject({
    causationId: ordered.id,
    data: { order: { reason: 'ORDER_NUMBER_IN_TEXT', confidence: 0.95 } },
  });
});
