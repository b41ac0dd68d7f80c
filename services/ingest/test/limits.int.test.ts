import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CustomerId, type ErasureId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';
import { parkedOf } from './parked.ts';
import { openPlatforms, type Platforms } from './platforms.ts';

let here: Platforms;
let seller: GenericSeller;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('limits');
  seller = await startGenericSeller(here.ingest);
  await connectGeneric(here.ingest, seller, tenantId);
});
afterAll(async () => {
  await seller.close();
  await here.close();
});

const post = (type: string, data: object) =>
  seller.deliver(seller.sign(JSON.stringify({ type, timestamp: new Date().toISOString(), data })));
const received = (prefix: string) =>
  here.harness.events.next('ingest.message-received', (event) => event.data.externalMessageId.startsWith(prefix));

test('ids of 3,000 characters are stored, and a reply names the whole id of the thread', async () => {
  const conversationKey = `long-${'k'.repeat(3_000)}`;
  const externalId = `long-${'m'.repeat(3_000)}`;
  const author = { id: `buyer-${'b'.repeat(3_000)}`, name: 'Ana' };
  const { statusCode } = await post('message.created', { conversationKey, externalId, author, text: 'hi' });
  expect(statusCode).toBe(200);
  const { data } = await received('long-');
  expect(data.externalMessageId.length).toBeLessThan(300);
  const { conversationId, accountId } = data;
  const content = { kind: 'text', text: 'hello' } as const;
  const lastInboundAt = new Date().toISOString();
  const reply = { conversationId, messageId: newId<MessageId>(), accountId, content, lastInboundAt };
  await here.harness.publish(anEvent('conversation.reply-requested', reply, { tenantId, aggregateId: conversationId }));
  await eventually(async () => expect(seller.received.at(-1)).toMatchObject({ conversationKey, text: 'hello' }));
  // The same delivery, sent again with a new id, adds nothing.
  await post('message.created', { conversationKey, externalId, author, text: 'hi' });
  await post('message.created', { conversationKey, externalId: 'long-after', author, text: 'after' });
  await received('long-after');
  expect(
    here.harness.events.of('ingest.message-received').filter((e) => e.data.externalMessageId.startsWith('long-m')),
  ).toHaveLength(1);
});

test('a text of 270,000 characters is shown in part and kept whole until the buyer is erased', async () => {
  const text = 'что '.repeat(67_500);
  const said = { conversationKey: 'wordy', externalId: 'wordy-1', author: { id: 'ana' }, text };
  expect((await post('message.created', said)).statusCode).toBe(200);
  const { data } = await received('wordy-1');
  expect(data.content).toMatchObject({ kind: 'text', text: expect.stringMatching(/^что .*…$/) });
  expect(await wholeText(data.messageId, tenantId)).toBe(text);
  expect(await wholeText(data.messageId, newId())).toBeNull();
  const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
  const erasure = { erasureId, customerId, conversationIds: [data.conversationId] };
  await here.harness.publish(anEvent('crm.customer-erasure-requested', erasure, { tenantId, aggregateId: customerId }));
  await here.harness.events.next('ingest.buyer-erased', (event) => event.data.erasureId === erasureId);
  expect(await wholeText(data.messageId, tenantId)).toBeNull();
});

async function wholeText(id: MessageId, of: TenantId): Promise<string | null | undefined> {
  const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Message { wholeText } } }`;
  const { data } = await ask(here.ingest.subgraph, anAgent(of), query, { r: [{ __typename: 'Message', id }] });
  return (data as { _entities: ({ wholeText: string | null } | null)[] })._entities[0]?.wholeText;
}

test('an order of 1,200 lines is stored with the lines that fit, and says how many it omits', async () => {
  const item = (n: number) => ({
    id: `line-${n}`,
    sku: `SKU-${n}`,
    title: `Lamp ${n} ${'x'.repeat(100)}`,
    quantity: 1,
  });
  const placedAt = new Date().toISOString();
  const order = {
    id: 'big-order',
    state: 'to_ship',
    placedAt,
    updatedAt: placedAt,
    items: Array.from({ length: 1_200 }, (_, n) => item(n)),
  };
  expect((await post('order.updated', order)).statusCode).toBe(200);
  expect(await parkedOf(here.ingest, tenantId)).toEqual([]);
  const { data } = await here.harness.events.next(
    'ingest.order-updated',
    (e) => e.data.externalOrderId === 'big-order',
  );
  expect(data.items.length + (data.itemsOmitted ?? 0)).toBe(1_200);
  const { data: shown } = await ask(
    here.ingest.subgraph,
    anAgent(tenantId),
    `{ orders { edges { node { items { title } itemsOmitted } } } }`,
  );
  expect(shown).toMatchObject({ orders: { edges: [{ node: { itemsOmitted: data.itemsOmitted } }] } });
});
