import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type EventOf,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  anEvent,
  ask,
  eventually,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { givenOrder } from './given.ts';

let harness: TestHarness;
let crm: CrmService;

beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
  await crm.start();
});

afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

const conversationQuery = `query ($conversations: [_Any!]!) {
  _entities(representations: $conversations) {
    ... on Conversation { id customer { id displayName } orderLink { order { id } confidence reason linkedAt } }
  }
}`;

interface Linked {
  readonly customer: { readonly id: string; readonly displayName: string | null } | null;
  readonly orderLink: {
    readonly order: { readonly id: string };
    readonly confidence: number;
    readonly reason: string;
  } | null;
}

async function linksOf(tenantId: TenantId, ids: readonly string[]): Promise<Linked[]> {
  const conversations = ids.map((id) => ({ __typename: 'Conversation', id }));
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId), conversationQuery, { conversations });
  expect(errors).toEqual([]);
  return (data as { _entities: Linked[] })._entities;
}

type LinkedEvent = EventOf<'crm.conversation-linked'>;

function linkedTo(conversationId: string, orderId: string | null) {
  return harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId, data }: LinkedEvent) => aggregateId === conversationId && (data.order?.orderId ?? null) === orderId,
  );
}

function aStore() {
  return { tenantId: newId<TenantId>(), accountId: newId<ChannelAccountId>() };
}

test('a better reference replaces a worse one, but never the reverse', async () => {
  const store = aStore();
  const conversationId = newId<ConversationId>();
  const latest = givenOrder({ ...store, externalOrderId: 'LATEST00001', placedAt: '2026-02-01T00:00:00.000Z' });
  const named = givenOrder({
    ...store,
    externalOrderId: 'NAMED000001',
    placedAt: '2026-01-01T00:00:00.000Z',
    trackingNumbers: ['LX928374651CN'],
  });
  const shown = givenOrder({ ...store, externalOrderId: 'SHOWN000001', buyerExternalId: null });
  await harness.publish(latest, named, shown);
  const say = (content: EventOf<'ingest.message-received'>['data']['content'], day: number) =>
    harness.publish(givenMessage({ ...store, conversationId, content, occurredAt: new Date(Date.UTC(2026, 2, day)) }));

  await say({ kind: 'text', text: 'hello' }, 1);
  // As long as only one of the orders is known, it is the only one of the buyer.
  const first = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId, data }) =>
      aggregateId === conversationId &&
      data.order?.orderId === latest.data.orderId &&
      data.order.reason === 'LATEST_ORDER_OF_BUYER',
  );
  expect(first.data.order).toMatchObject({ confidence: 0.6 });

  await say({ kind: 'text', text: 'tracking lx928374651cn does not move' }, 2);
  // Until the later order is known, this order may be linked as the latest one: the reason distinguishes the two links.
  await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId, data }) =>
      aggregateId === conversationId &&
      data.order?.orderId === named.data.orderId &&
      data.order.confidence === 0.9 &&
      data.order.reason === 'TRACKING_NUMBER_IN_TEXT',
  );

  await say({ kind: 'order', externalOrderId: 'SHOWN000001' }, 3);
  const third = await linkedTo(conversationId, shown.data.orderId);
  expect(third.data.order).toMatchObject({ confidence: 1, reason: 'PLATFORM_REFERENCE' });

  await say({ kind: 'text', text: 'and named000001?' }, 4);
  await say({ kind: 'order', externalOrderId: 'LATEST00001' }, 5);
  await eventually(async () => {
    const [link] = await linksOf(store.tenantId, [conversationId]);
    expect(link?.orderLink).toMatchObject({ order: { id: latest.data.orderId }, confidence: 1 });
  });
  await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId, data }) =>
      aggregateId === conversationId && data.order?.orderId === latest.data.orderId && data.order.confidence === 1,
  );
  const told = harness.events.of('crm.conversation-linked').filter((event) => event.aggregateId === conversationId);
  expect(told.map((event) => event.data.order?.orderId).slice(-2)).toEqual([shown.data.orderId, latest.data.orderId]);
});

test('the order of another buyer is not linked, whoever names its number', async () => {
  const store = aStore();
  const conversationId = newId<ConversationId>();
  const foreign = givenOrder({
    ...store,
    externalOrderId: 'FOREIGN0001',
    buyerExternalId: 'somebody-else',
    trackingNumbers: ['LX555666777CN'],
  });
  const own = givenOrder({ ...store, externalOrderId: 'OWN00000001' });
  await harness.publish(foreign);
  const say = (content: EventOf<'ingest.message-received'>['data']['content']) =>
    harness.publish(givenMessage({ ...store, conversationId, content }));
  await say({ kind: 'text', text: 'where is FOREIGN0001, and LX555666777CN?' });
  await say({ kind: 'order', externalOrderId: 'FOREIGN0001' });
  await harness.publish(own);
  await linkedTo(conversationId, own.data.orderId);
  const told = harness.events.of('crm.conversation-linked').filter((event) => event.aggregateId === conversationId);
  expect(told.map((event) => event.data.order?.orderId)).not.toContain(foreign.data.orderId);
});

test('S1-1.6: a message has its customer at once, and an order that comes later with its confidence and reason', async () => {
  const store = aStore();
  const said = (externalId: string, text: string) =>
    givenMessage({ ...store, buyer: { ...aBuyer, commerceId: null, externalId }, content: { kind: 'text', text } });
  const byNumber = said('buyer-1', 'order 578912345678901234 please');
  const byTracking = said('buyer-2', 'LX111222333CN?');
  const ids = [byNumber.aggregateId, byTracking.aggregateId];
  await harness.publish(byNumber, byTracking);
  for (const id of ids) await linkedTo(id, null);
  const before = await linksOf(store.tenantId, ids);
  expect(before.map(({ customer, orderLink }) => [customer !== null, orderLink])).toEqual(ids.map(() => [true, null]));
  const same = { ...store, orderId: newId<OrderId>(), externalOrderId: '578912345678901234' };
  const order = givenOrder(same);
  await harness.publish(order, givenOrder({ ...same, version: 2, trackingNumbers: ['LX 111 222 333 CN'] }));
  for (const id of ids) await linkedTo(id, order.data.orderId);
  const link = { order: { id: order.data.orderId }, linkedAt: expect.any(String) };
  expect(await linksOf(store.tenantId, ids)).toEqual([
    { ...before[0], orderLink: { ...link, confidence: 0.95, reason: 'ORDER_NUMBER_IN_TEXT' } },
    { ...before[1], orderLink: { ...link, confidence: 0.9, reason: 'TRACKING_NUMBER_IN_TEXT' } },
  ]);
});

test('orders are told apart by every character of their ids, in any spelling of it', async () => {
  const store = aStore();
  const buyer = { ...aBuyer, commerceId: null };
  const ids = ['注文-一', '注文-二', '2026-0000-17', '2026-00001-7'];
  const orders = ids.map((externalOrderId) => givenOrder({ ...store, externalOrderId, buyerExternalId: null }));
  await harness.publish(...orders);
  const cases = [
    { content: { kind: 'order', externalOrderId: '注文-一' }, order: 0 },
    { content: { kind: 'order', externalOrderId: '注文-二' }, order: 1 },
    { content: { kind: 'order', externalOrderId: '２０２６-００００-１７' }, order: 2 },
    { content: { kind: 'order', externalOrderId: '٢٠٢٦-٠٠٠٠١-٧' }, order: 3 },
    // The word means two orders.
    { content: { kind: 'text', text: 'where is ２０２６-００００-１７?' }, order: null },
  ] as const;
  const messages = cases.map(({ content }, i) =>
    givenMessage({ ...store, buyer: { ...buyer, externalId: `b-${i}` }, content }),
  );
  await harness.publish(...messages);
  const wanted = cases.map(({ order }) => (order === null ? null : (orders[order]?.data.orderId ?? '')));
  for (const [i, orderId] of wanted.entries()) await linkedTo(messages[i]?.aggregateId ?? '', orderId);
  const links = await linksOf(
    store.tenantId,
    messages.map((message) => message.aggregateId),
  );
  expect(links.map((link) => link.orderLink?.order.id ?? null)).toEqual(wanted);
});

test('shared mailboxes and addresses that marketplaces lend merge nobody', async () => {
  const store = aStore();
  const nobody = { ...aBuyer, commerceId: null };
  const shared = [
    'noreply@shop.com',
    'No-Reply+77@shop.com',
    'do_not_reply@shop.com',
    'info@shop.com',
    'none@none',
    'a***@x.com',
    'k3v9@marketplace.amazon.de',
  ];
  const messages = shared.flatMap((email, i) =>
    [0, 1].map((n) => givenMessage({ ...store, buyer: { ...nobody, externalId: `${i}-${n}`, email } })),
  );
  const spellings = ['Ana@Example.com ', 'ana@example.com', 'ａｎａ＠example.com'];
  const same = spellings.map((email, i) =>
    givenMessage({ ...store, channel: 'generic', buyer: { ...nobody, externalId: `same-${i}`, email } }),
  );
  await harness.publish(...messages, ...same);
  await eventually(async () => {
    const links = await linksOf(
      store.tenantId,
      [...messages, ...same].map((message) => message.aggregateId),
    );
    expect(links.every((link) => link.customer !== null)).toBe(true);
    expect(new Set(links.map((link) => link.customer?.id)).size).toBe(messages.length + 1);
  });
});

test('a new order of a known buyer becomes the link of their conversation until they name one', async () => {
  const store = aStore();
  const message = givenMessage(store);
  await harness.publish(message);
  const orders = ['2026-01-01', '2026-02-01'].map((day, i) =>
    givenOrder({ ...store, externalOrderId: `ORDER00000${i}`, placedAt: `${day}T00:00:00.000Z` }),
  );
  for (const [n, order] of orders.entries()) {
    await harness.publish(order);
    const only = { confidence: 0.9, reason: 'ONLY_ORDER_OF_BUYER' };
    const one = { confidence: 0.6, reason: 'LATEST_ORDER_OF_BUYER' };
    const { data } = await linkedTo(message.aggregateId, order.data.orderId);
    expect(data.order).toMatchObject(n === 0 ? only : one);
  }
});

test('new data of a platform about a buyer merges them with the customer of another conversation', async () => {
  const store = aStore();
  const elsewhere = givenMessage({
    ...store,
    ...{ accountId: newId<ChannelAccountId>(), channel: 'whatsapp' },
    buyer: { ...aBuyer, externalId: 'w', phone: '5511987654321', name: 'Ana' },
  });
  const here = givenMessage({ ...store, buyer: { ...aBuyer, externalId: 's', commerceId: null, name: null } });
  await harness.publish(elsewhere, here);
  await linkedTo(elsewhere.aggregateId, null);
  await linkedTo(here.aggregateId, null);
  const [apartA, apartB] = await linksOf(store.tenantId, [elsewhere.aggregateId, here.aggregateId]);
  expect(apartA?.customer?.id).not.toBe(apartB?.customer?.id);
  const buyer = { ...aBuyer, externalId: 's', commerceId: null, name: null, phone: '5511987654321' };
  await harness.publish(givenMessage({ ...store, conversationId: here.data.conversationId, buyer }));
  await eventually(async () => {
    const [a, b] = await linksOf(store.tenantId, [elsewhere.aggregateId, here.aggregateId]);
    expect(a?.customer).toEqual(b?.customer);
    expect(a?.customer?.displayName).toBe('Ana');
  });
  // The id of the merged customer leads to the one that stays.
  const query = 'query ($a: ID!, $b: ID!) { a: customer(id: $a) { id } b: customer(id: $b) { id } }';
  const { data } = await ask(crm.subgraph, anAgent(store.tenantId), query, {
    a: apartA?.customer?.id,
    b: apartB?.customer?.id,
  });
  const both = data as { a: { id: string }; b: { id: string } };
  expect(both.a).toEqual(both.b);
});

test('a customer has identities, conversations and orders, latest first', async () => {
  const store = aStore();
  const buyer = { ...aBuyer, phone: '5511987654321', email: 'Ana@Example.com', locale: 'pt-BR' };
  const messages = [givenMessage({ ...store, buyer }), givenMessage({ ...store, buyer })];
  const orders = ['2026-01-01', '2026-03-01', '2026-02-01'].map((day, i) =>
    givenOrder({ ...store, externalOrderId: `ORDER00000${i}`, placedAt: `${day}T00:00:00.000Z` }),
  );
  await harness.publish(
    ...messages,
    ...orders,
    givenOrder({ ...store, externalOrderId: 'OTHER000001', buyerExternalId: 'buyer-2' }),
  );
  const newest = orders[1]?.data.orderId ?? newId<OrderId>();
  for (const message of messages) await linkedTo(message.aggregateId, newest);
  const [link] = await linksOf(store.tenantId, [messages[0]?.aggregateId ?? '']);
  const query = `query ($id: ID!) { customer(id: $id) {
    displayName locale avatarUrl firstSeenAt identities { kind value account { id } }
    latest: conversations(first: 1) { edges { node { id } } pageInfo { endCursor hasNextPage } }
    conversations { totalCount isTotalCountExact edges { node { id customer { id } orderLink { order { id } } } } }
    latestOrder: orders(first: 1) { edges { node { id } } pageInfo { endCursor } }
    orders { totalCount isTotalCountExact edges { node { id } } }
  } }`;
  const customerId = link?.customer?.id;
  interface Read {
    readonly orders: { readonly totalCount: number };
    readonly latest: { readonly pageInfo: { readonly endCursor: string } };
    readonly latestOrder: { readonly pageInfo: { readonly endCursor: string } };
  }
  const read = async () => {
    const { data, errors } = await ask(crm.subgraph, anAgent(store.tenantId), query, { id: customerId });
    expect(errors).toEqual([]);
    return (data as { customer: Read }).customer;
  };
  const customer = await eventually(async () => {
    const found = await read();
    expect(found.orders.totalCount).toBe(3);
    return found;
  });
  const latestFirst = messages
    .map((message) => message.aggregateId)
    .sort()
    .reverse();
  expect(customer).toMatchObject({
    displayName: 'Ana',
    locale: 'pt-BR',
    avatarUrl: null,
    identities: expect.arrayContaining([
      { kind: 'PLATFORM', value: 'buyer-1', account: { id: store.accountId } },
      { kind: 'PHONE', value: '5511987654321', account: null },
      { kind: 'EMAIL', value: 'ana@example.com', account: null },
    ]),
    latest: { edges: [{ node: { id: latestFirst[0] } }], pageInfo: { hasNextPage: true } },
    conversations: {
      totalCount: 2,
      isTotalCountExact: true,
      edges: latestFirst.map((id) => ({
        node: { id, customer: { id: customerId }, orderLink: { order: { id: newest } } },
      })),
    },
    latestOrder: { edges: [{ node: { id: newest } }] },
    orders: { totalCount: 3, edges: [1, 2, 0].map((i) => ({ node: { id: orders[i]?.data.orderId } })) },
  });
  const next = `query ($id: ID!, $talks: String, $orders: String) { customer(id: $id) {
    conversations(first: 5, after: $talks) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } }
    orders(first: 1, after: $orders) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }`;
  const after = { talks: customer.latest.pageInfo.endCursor, orders: customer.latestOrder.pageInfo.endCursor };
  expect((await ask(crm.subgraph, anAgent(store.tenantId), next, { id: customerId, ...after })).data).toEqual({
    customer: {
      conversations: {
        edges: latestFirst.slice(1).map((id) => ({ node: { id } })),
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      },
      orders: {
        edges: [{ node: { id: orders[2]?.data.orderId } }],
        pageInfo: { hasNextPage: true, hasPreviousPage: true },
      },
    },
  });
});

test('joined conversations have one customer, one link and all mentions', async () => {
  const store = aStore();
  const order = givenOrder({ ...store, externalOrderId: 'NAMED000001', buyerExternalId: null });
  const buyer = { ...aBuyer, commerceId: null, name: null };
  const older = givenMessage({ ...store, buyer: { ...buyer, externalId: '5511' } });
  const content = { kind: 'text', text: 'where is NAMED000001?' } as const;
  const younger = givenMessage({ ...store, buyer: { ...buyer, externalId: 'BR.1', name: 'Ana' }, content });
  await harness.publish(order, older, younger);
  await linkedTo(younger.aggregateId, order.data.orderId);
  await linkedTo(older.aggregateId, null);
  const [from, into] = [younger.data.conversationId, older.data.conversationId];
  const data = {
    conversationId: from,
    intoConversationId: into,
    accountId: store.accountId,
    externalThreadId: 't',
    duplicates: [],
  };
  const joined = anEvent('ingest.threads-joined', data, { tenantId: store.tenantId, aggregateId: from });
  await harness.publish(joined, joined);
  await linkedTo(into, order.data.orderId);
  const [gone, stays] = await linksOf(store.tenantId, [from, into]);
  expect(gone).toMatchObject({ customer: null, orderLink: null });
  expect(stays).toMatchObject({ customer: { displayName: 'Ana' }, orderLink: { order: { id: order.data.orderId } } });
  const query =
    'query ($id: ID!) { customer(id: $id) { conversations { edges { node { id } } } identities { value } } }';
  const { data: found } = await ask(crm.subgraph, anAgent(store.tenantId), query, { id: stays?.customer?.id });
  expect(found).toMatchObject({
    customer: {
      conversations: { edges: [{ node: { id: into } }] },
      identities: [{ value: '5511' }, { value: 'BR.1' }],
    },
  });
});

test('two workspaces with the same platform ids and phone numbers share nothing', async () => {
  const accountId = newId<ChannelAccountId>();
  const conversationId = newId<ConversationId>();
  const [one, other] = [newId<TenantId>(), newId<TenantId>()];
  const buyer = { ...aBuyer, phone: '5511987654321' };
  const order = givenOrder({ tenantId: one, accountId });
  const text = { kind: 'text', text: '240918ABCX7' } as const;
  await harness.publish(
    order,
    givenMessage({ tenantId: one, accountId, conversationId, buyer: { ...buyer, name: 'One' }, content: text }),
    givenMessage({ tenantId: other, accountId, conversationId, buyer: { ...buyer, name: 'Other' }, content: text }),
  );
  const [mine, theirs] = await eventually(async () => {
    const links = [...(await linksOf(one, [conversationId])), ...(await linksOf(other, [conversationId]))] as const;
    expect(links[0]?.orderLink?.order.id).toBe(order.data.orderId);
    expect(links[1]?.customer?.displayName).toBe('Other');
    return links;
  });
  expect(theirs?.orderLink).toBeNull();
  expect(mine?.customer?.displayName).toBe('One');
  const query = 'query ($id: ID!) { customer(id: $id) { id displayName } }';
  for (const id of [mine?.customer?.id, newId(), 'x', '']) {
    expect(await ask(crm.subgraph, anAgent(other), query, { id })).toEqual({ data: { customer: null }, errors: [] });
  }
  const representations = [
    { __typename: 'Customer', id: mine?.customer?.id },
    { __typename: 'Customer', id: 'x' },
  ];
  const entities = `query ($customers: [_Any!]!) { _entities(representations: $customers) { ... on Customer { displayName } } }`;
  const { data } = await ask(crm.subgraph, anAgent(other), entities, { customers: representations });
  expect(data).toEqual({ _entities: [null, null] });
  expect(await linksOf(newId<TenantId>(), [conversationId, 'x'])).toMatchObject([
    { customer: null, orderLink: null },
    { customer: null, orderLink: null },
  ]);
});

test('customers need a sign-in, dead letters need a supervisor, and lists have a limit', async () => {
  const query = 'query ($id: ID!) { customer(id: $id) { id } }';
  const anonymous = await ask(crm.subgraph, { kind: 'anonymous' }, query, { id: newId() });
  expect(anonymous.errors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  const letters = '{ deadLetters(first: 25) { edges { node { id } } } }';
  expect((await ask(crm.subgraph, anAgent(newId<TenantId>()), letters)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const admin = anAgent(newId<TenantId>(), 'admin');
  expect((await ask(crm.subgraph, admin, letters)).data).toEqual({ deadLetters: { edges: [] } });
  const replay = `mutation { replayDeadLetters(input: {consumer: "crm.links", key: "k"}) { replayedCount remainingCount errors { code } } }`;
  expect((await ask(crm.subgraph, admin, replay)).data).toEqual({
    replayDeadLetters: { replayedCount: 0, remainingCount: 0, errors: [] },
  });
  const store = aStore();
  const message = givenMessage(store);
  await harness.publish(message);
  await linkedTo(message.aggregateId, null);
  const [link] = await linksOf(store.tenantId, [message.aggregateId]);
  const tooMany = 'query ($id: ID!) { customer(id: $id) { orders(first: 101) { totalCount } } }';
  const refused = await ask(crm.subgraph, anAgent(store.tenantId), tooMany, { id: link?.customer?.id });
  expect(refused.errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

test('customers are erased by admins who have just signed in', async () => {
  const tenantId = newId<TenantId>();
  const erase = 'mutation ($id: ID!) { eraseCustomer(input: { customerId: $id }) { errors { code } } }';
  const codeFor = async (authenticatedAtMs: number) => {
    const caller = { kind: 'agent', tenantId, agentId: newId<AgentId>(), role: 'admin', authenticatedAtMs } as const;
    const { data } = await ask(crm.subgraph, caller, erase, { id: newId() });
    return (data as { eraseCustomer: { errors: { code: string }[] } }).eraseCustomer.errors[0]?.code;
  };
  expect(await codeFor(Date.now() - 16 * 60_000)).toBe('SIGN_IN_AGAIN');
  expect(await codeFor(Date.now())).toBe('NOT_FOUND');
});

test('5,000 messages and orders of 500 buyers are all linked', async () => {
  const store = aStore();
  const buyers = Array.from({ length: 500 }, (_, i) => ({
    conversationId: newId<ConversationId>(),
    buyer: { ...aBuyer, externalId: `b-${i}`, commerceId: `b-${i}` },
    number: `ORDER${10_000 + i}`,
  }));
  const orders = buyers.map(({ buyer, number }) =>
    givenOrder({ ...store, externalOrderId: number, buyerExternalId: buyer.commerceId }),
  );
  const messages = Array.from({ length: 9 }, (_, round) =>
    buyers.map(({ conversationId, buyer, number }) => {
      const text = round === 4 ? `where is ${number}` : `hello ${round}`;
      return givenMessage({ ...store, conversationId, buyer, content: { kind: 'text', text } });
    }),
  );
  const startedAt = performance.now();
  await harness.publish(...orders);
  for (const batch of messages) await harness.publish(...batch);
  await eventually(async () => {
    const ids = [...orders, ...messages.flat()].map((event) => event.id);
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from consumed_event where event_id = any(${ids}::uuid[])`.execute(
      crm.runtime.db.worker,
    );
    expect(rows).toEqual([{ count: 5_000 }]);
  });
  process.stdout.write(`crm: ${Math.round(5_000 / ((performance.now() - startedAt) / 1_000))} events/s\n`);
  const links = await linksOf(
    store.tenantId,
    buyers.map((one) => one.conversationId),
  );
  expect(links.map((link) => [link.orderLink?.order.id, link.orderLink?.confidence])).toEqual(
    orders.map((order) => [order.data.orderId, 0.95]),
  );
}, 60_000);
