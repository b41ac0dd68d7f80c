import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type MessageId, newId } from '@crossdesk/contracts';
import { callHandlers } from '@crossdesk/service-kit';
import { aBuyer, anEvent, ask, eventually, givenMessage } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { inboxConsumer } from '../src/consumers/inbox.consumer.ts';
import {
  aDelivery,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  readConversation,
  send,
} from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 0, second));

test('the first message of a buyer opens a numbered, unread conversation', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId, messageId } = await givenInbound(bench, { tenantId, occurredAt: at(1) });
  expect(await readConversation(bench, agent, conversationId)).toEqual({
    id: conversationId,
    number: 1,
    channel: 'SHOPEE',
    buyerName: 'Ana',
    state: 'UNREAD',
    assignee: null,
    unreadCount: 1,
    waitingSince: at(1).toISOString(),
    lastMessageAt: at(1).toISOString(),
    lastMessagePreview: 'Where is my parcel?',
    version: 1,
  });
  const added = await bench.harness.events.next(
    'conversation.message-added',
    ({ data }) => data.messageId === messageId,
  );
  expect(added).toMatchObject({
    tenantId,
    aggregateId: conversationId,
    aggregateVersion: 1,
    occurredAt: at(1).toISOString(),
    causationDepth: 1,
    data: { direction: 'inbound', text: 'Where is my parcel?', conversation: { state: 'unread', unreadCount: 1 } },
  });
});

test('the same event twice, and the same message in two events, are one message', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const event = givenMessage({ tenantId });
  const again = givenMessage({ ...event.data, tenantId });
  const last = givenMessage({ tenantId, conversationId: event.data.conversationId });
  await bench.harness.publish(event, event, again);
  await bench.harness.publish(event, last);
  await bench.harness.events.next('conversation.message-added', ({ data }) => data.messageId === last.data.messageId);
  expect(await readConversation(bench, agent, event.data.conversationId)).toMatchObject({ unreadCount: 2, version: 2 });
  expect(
    bench.harness.events.of('conversation.message-added').filter(({ data }) => data.messageId === event.data.messageId),
  ).toHaveLength(1);
});

test('a mail shows its subject, who else received it, and what it repeats, apart from its words', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const others = [{ address: 'partner@mail.example', name: null }];
  const mail = { subject: 'Order 7', quoted: { text: '> We sent it.' }, others, isAutomatic: false };
  const context = { referral: null, product: null, problem: null, mail };
  const { conversationId } = await givenInbound(bench, { tenantId, channel: 'email', context });
  await givenInbound(bench, { tenantId, conversationId, channel: 'email' });
  const query = `query ($id: ID!) { conversation(id: $id) { messages(first: 2, oldestFirst: true) { edges { node {
    mail { subject quotedText isAutomatic others { address name } } } } } } }`;
  const { conversation } = dataOf(await ask(bench.service.subgraph, agent, query, { id: conversationId }));
  expect(conversation.messages.edges.map(({ node }) => node.mail)).toEqual([
    { subject: 'Order 7', quotedText: '> We sent it.', isAutomatic: false, others },
    null,
  ]);
});

test('a renamed buyer has the newest name, and a message shows the time that was not believed', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, occurredAt: at(1) });
  const named = (name: string | null) => ({ ...aBuyer, name });
  const claimedAt = '2096-01-01T00:00:00.000Z';
  await givenInbound(bench, { tenantId, conversationId, buyer: named('Ana Maria'), occurredAt: at(2), claimedAt });
  await givenInbound(bench, { tenantId, conversationId, buyer: named(null), occurredAt: at(3) });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ buyerName: 'Ana Maria' });
  const query = 'query ($id: ID!) { conversation(id: $id) { messages { edges { node { claimedAt } } } } }';
  const { data } = await ask(bench.service.subgraph, agent, query, { id: conversationId });
  expect(data).toMatchObject({
    conversation: { messages: { edges: [null, claimedAt, null].map((time) => ({ node: { claimedAt: time } })) } },
  });
});

test('the prices of a cart are money, as in orders', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const item = { externalProductId: 'SKU-1', title: 'Lamp', quantity: '2' };
  const unitPrice = { amountMinor: '15000050', currency: 'IDR' };
  const { messageId } = await givenInbound(bench, {
    tenantId,
    content: {
      kind: 'cart',
      text: null,
      items: [
        { ...item, unitPrice },
        { ...item, unitPrice },
        { ...item, unitPrice: null },
      ],
    },
  });
  const query = (locale: string) => `query ($id: ID!) { message(id: $id) { cart { items { quantity unitPrice {
    amount amountMinor currency formatted(locale: "${locale}") } } } } }`;
  const { data } = await ask(bench.service.subgraph, agent, query('en'), { id: messageId });
  const shown = { amount: '150000.50', ...unitPrice, formatted: 'IDR\u00a0150,000.50' };
  expect(data).toEqual({
    message: {
      cart: {
        items: [
          { quantity: '2', unitPrice: shown },
          { quantity: '2', unitPrice: shown },
          { quantity: '2', unitPrice: null },
        ],
      },
    },
  });
  const { data: fallen, errors } = await ask(bench.service.subgraph, agent, query('no language'), { id: messageId });
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect(fallen).toEqual(data);
});

test('joined conversations: messages, notes, replies in flight and commands follow, and lists show one', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const older = await givenInbound(bench, { tenantId, occurredAt: at(1), content: { kind: 'text', text: 'one' } });
  const { accountId } = older;
  const younger = await givenInbound(bench, {
    tenantId,
    accountId,
    occurredAt: at(2),
    content: { kind: 'text', text: 'two' },
  });
  const again = await givenInbound(bench, {
    tenantId,
    accountId,
    conversationId: younger.conversationId,
    occurredAt: at(1),
  });
  const { message } = await send(bench, agent, { conversationId: younger.conversationId, text: 'three' });
  const note = 'mutation ($input: AddNoteInput!) { addNote(input: $input) { errors { code } } }';
  const noted = { clientMutationId: 'n', conversationId: younger.conversationId, text: 'a note' };
  await ask(bench.service.subgraph, agent, note, { input: noted });
  // Ingest has joined them already: it reports on the reply under the older conversation.
  const report = { messageId: message.id as MessageId, conversationId: older.conversationId, accountId };
  await bench.harness.publish(aDelivery(tenantId, report));
  await bench.harness.events.next('conversation.delivery-changed', ({ data }) => data.messageId === message.id);

  const [from, into] = [younger.conversationId, older.conversationId];
  const duplicates = [{ messageId: again.messageId, sameAsMessageId: older.messageId }];
  const data = { conversationId: from, intoConversationId: into, accountId, externalThreadId: 't', duplicates };
  const joined = anEvent('ingest.threads-joined', data, { tenantId, aggregateId: from });
  await bench.harness.publish(joined, joined);
  await bench.harness.events.count(
    'conversation.changed',
    2,
    ({ tenantId: of, data: { change } }) => of === tenantId && change === 'joined',
  );

  const query = `query ($id: ID!) { conversation(id: $id) { joinedInto { id } unreadCount notes { totalCount edges { node { text } } }
    messages(oldestFirst: true) { edges { node { text delivery { status } } } } } conversations { edges { node { id } } } }`;
  const read = async (id: string) => dataOf(await ask(bench.service.subgraph, agent, query, { id }));
  const texts = (answer: Awaited<ReturnType<typeof read>>) =>
    answer.conversation.messages.edges.map(({ node }) => node.text);
  const stays = await read(into);
  expect(texts(stays)).toEqual(['one', 'two', 'three']);
  expect(stays.conversation).toMatchObject({
    joinedInto: null,
    notes: { totalCount: 1, edges: [{ node: { text: 'a note' } }] },
  });
  expect(stays.conversation.messages.edges[2]?.node.delivery.status).toBe('SENT');
  expect(stays.conversations.edges).toEqual([{ node: { id: into } }]);
  const gone = await read(from);
  expect(texts(gone)).toEqual([]);
  expect(gone.conversation).toMatchObject({
    joinedInto: { id: into },
    unreadCount: 0,
    notes: { totalCount: 0, edges: [] },
  });
  const reply = await send(bench, agent, { conversationId: from, text: 'four' });
  expect(reply.message.conversation.id).toBe(into);
});

test('late messages are shown by platform time and never become the latest one', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const say = (second: number, text: string) =>
    givenInbound(bench, { tenantId, conversationId, occurredAt: at(second), content: { kind: 'text', text } });
  await say(30, 'third');
  await say(10, 'first');
  await say(20, 'second');
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    lastMessageAt: at(30).toISOString(),
    lastMessagePreview: 'third',
    waitingSince: at(10).toISOString(),
    unreadCount: 3,
  });
  const query = `query ($id: ID!, $after: String, $oldestFirst: Boolean!) {
    conversation(id: $id) { messages(first: 2, after: $after, oldestFirst: $oldestFirst) { edges { node { text } } pageInfo { hasNextPage endCursor } totalCount isTotalCountExact } } }`;
  const page = async (oldestFirst: boolean, after: string | null) =>
    dataOf(await ask(bench.service.subgraph, agent, query, { id: conversationId, oldestFirst, after })).conversation
      .messages;
  const textsOf = (messages: { edges: { node: { text: string } }[] }) => messages.edges.map(({ node }) => node.text);
  const newest = await page(false, null);
  expect([textsOf(newest), newest.pageInfo.hasNextPage]).toEqual([['third', 'second'], true]);
  expect(textsOf(await page(false, newest.pageInfo.endCursor))).toEqual(['first']);
  const oldest = await page(true, null);
  expect(textsOf(oldest)).toEqual(['first', 'second']);
  const last = await page(true, oldest.pageInfo.endCursor);
  expect(textsOf(last)).toEqual(['third']);
  expect(last).toMatchObject({ totalCount: 3, isTotalCountExact: true });
});

test('an answer from the console makes the conversation handled unless the buyer wrote after it', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  await givenInbound(bench, { tenantId, conversationId, occurredAt: at(10) });
  await givenInbound(bench, { tenantId, conversationId, occurredAt: at(5), direction: 'outbound', author: 'seller' });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ state: 'UNREAD', unreadCount: 1 });
  await givenInbound(bench, { tenantId, conversationId, occurredAt: at(15), direction: 'outbound', author: 'seller' });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    state: 'HANDLED',
    unreadCount: 0,
    waitingSince: null,
  });
});

test('two workspaces with the same ids and threads stay separate', async () => {
  const [one, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const conversationId = newId<ConversationId>();
  const messageId = newId<MessageId>();
  const common = { conversationId, messageId, externalThreadId: 'thread', externalMessageId: 'message' };
  const saidTo = (tenantId: typeof one.tenantId, text: string) =>
    givenMessage({ ...common, tenantId, content: { kind: 'text', text } });
  await bench.harness.publish(saidTo(one.tenantId, 'to one'), saidTo(other.tenantId, 'to other'));
  await bench.harness.events.count('conversation.message-added', 2, ({ data }) => data.messageId === messageId);
  expect(await readConversation(bench, one.agent, conversationId)).toMatchObject({
    number: 1,
    lastMessagePreview: 'to one',
    unreadCount: 1,
  });
  expect(await readConversation(bench, other.agent, conversationId)).toMatchObject({
    number: 1,
    lastMessagePreview: 'to other',
    unreadCount: 1,
  });
});

test('a name that the platform reports later is shown, and one for an unknown conversation is ignored', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId, accountId, channel } = await givenInbound(bench, { tenantId });
  const buyer = {
    externalId: 'buyer-1',
    commerceId: null,
    name: 'Ana Souza',
    phone: null,
    email: null,
    avatarUrl: null,
    locale: null,
  };
  const named = (id: ConversationId) =>
    anEvent(
      'ingest.buyer-identified',
      { conversationId: id, accountId, channel, buyer },
      { tenantId, aggregateId: id },
    );
  await bench.harness.publish(named(newId<ConversationId>()), named(conversationId));
  await eventually(async () => {
    expect(await readConversation(bench, agent, conversationId)).toMatchObject({ buyerName: 'Ana Souza', version: 1 });
  });
});

test('a batch of 500 over many conversations gives each its numbers, order and versions without gaps', async () => {
  const { tenantId } = await givenWorkspace(bench);
  const conversationIds = Array.from({ length: 50 }, () => newId<ConversationId>());
  const messages = Array.from({ length: 500 }, (_, i) =>
    givenMessage({
      tenantId,
      conversationId: conversationIds[i % 50] ?? newId<ConversationId>(),
      occurredAt: at(i % 60),
    }),
  );
  await bench.harness.publish(...messages);
  const added = await bench.harness.events.count(
    'conversation.message-added',
    500,
    (event) => event.tenantId === tenantId,
  );
  for (const id of conversationIds) {
    const versions = added.filter((event) => event.aggregateId === id).map((event) => event.aggregateVersion);
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
  const { rows } = await sql<{ number: number; unread_count: number }>`
    select number, unread_count from conversation where tenant_id = ${tenantId} order by number`.execute(
    bench.service.runtime.db.worker,
  );
  expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect(new Set(rows.map((row) => row.unread_count))).toEqual(new Set([10]));
});

test('two processes with the same conversations in opposite order lose nothing and do not deadlock', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { runtime } = bench.service;
  const conversationIds = Array.from({ length: 20 }, () => newId<ConversationId>());
  const consumer = inboxConsumer(runtime);
  const take = (ids: readonly ConversationId[]) => {
    const delivered = ids.map((conversationId) => ({
      event: givenMessage({ tenantId, conversationId }),
      traceparent: null,
    }));
    return runtime.db.asWorker((trx) => callHandlers(consumer, trx, delivered));
  };
  for (let round = 0; round < 5; round += 1)
    await Promise.all([take(conversationIds), take(conversationIds.toReversed())]);
  for (const id of conversationIds) {
    expect(await readConversation(bench, agent, id)).toMatchObject({ unreadCount: 10, version: 10 });
  }
});

test('a poisoned message is parked alone, and only supervisors of its workspace can see and replay it', async () => {
  const [{ tenantId, agent, admin }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const poison = givenMessage({ tenantId, content: { kind: 'text', text: 'a\u0000b' } });
  const fine = givenMessage({ tenantId });
  await bench.harness.publish(poison, fine);
  await bench.harness.events.next('conversation.message-added', ({ data }) => data.messageId === fine.data.messageId);
  const query = '{ deadLetters(first: 25) { totalCount edges { node { consumer key eventType } } } }';
  await eventually(async () => {
    const key = poison.data.conversationId;
    expect(dataOf(await ask(bench.service.subgraph, admin, query)).deadLetters).toEqual({
      totalCount: 1,
      edges: [{ node: { consumer: 'conversation.inbox', key, eventType: 'ingest.message-received' } }],
    });
  });
  expect(dataOf(await ask(bench.service.subgraph, other.admin, query)).deadLetters).toEqual({
    totalCount: 0,
    edges: [],
  });
  expect((await ask(bench.service.subgraph, agent, query)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
});
