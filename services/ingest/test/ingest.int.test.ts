import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually, openHarness, type TestHarness } from '@crossdesk/testkit';
import { openIngest, type IngestService } from '../src/index.ts';
import { mediaIn } from './platforms.ts';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';

let harness: TestHarness;
let ingest: IngestService;
let seller: GenericSeller;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  harness = await openHarness();
  ingest = await openIngest(harness.deps, {
    publicWebhookUrl: 'http://ingest.test',
    allowPrivateAddresses: true,
    syncEveryMs: 60_000,
    trustedProxies: [],
    media: mediaIn(harness),
  });
  await ingest.start();
  seller = await startGenericSeller(ingest);
  await connectGeneric(ingest, seller, tenantId);
});

afterAll(async () => {
  await ingest.stop(5_000);
  await seller.close();
  await harness.close();
});

function replyRequest(
  message: { conversationId: ConversationId; accountId: string },
  text: string,
  messageId = newId<MessageId>(),
) {
  return anEvent(
    'conversation.reply-requested',
    {
      conversationId: message.conversationId,
      messageId,
      accountId: seller.accountId,
      content: { kind: 'text', text },
      lastInboundAt: new Date().toISOString(),
    },
    { tenantId, aggregateId: message.conversationId },
  );
}

describe('a webhook', () => {
  test('becomes one message event, however often it is delivered', async () => {
    const delivery = seller.message({ conversationKey: 'order-talk', externalId: 'm-1', text: 'Where is my parcel?' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => seller.deliver(delivery)));
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.every((answer) => answer.body === '')).toBe(true);
    const event = await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'm-1');
    expect(event.data).toMatchObject({
      channel: 'generic',
      direction: 'inbound',
      content: { kind: 'text', text: 'Where is my parcel?' },
    });
    await seller.deliver(seller.message({ conversationKey: 'order-talk', externalId: 'm-2', text: 'Hello?' }));
    await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'm-2');
    expect(harness.events.of('ingest.message-received').filter((e) => e.data.externalMessageId === 'm-1')).toHaveLength(
      1,
    );
  });

  test('with a wrong signature is refused and leaves nothing', async () => {
    const delivery = seller.message({ conversationKey: 'forged', externalId: 'f-1', text: 'hi' });
    const forged = { ...delivery, body: delivery.body.replace('hi', 'ho') };
    expect((await seller.deliver(forged)).statusCode).toBe(401);
    expect((await seller.deliver({ ...delivery, headers: {} })).statusCode).toBe(401);
  });

  test('to an unknown address is answered 404', async () => {
    const answer = await ingest.http.inject({ method: 'POST', url: '/webhooks/generic/nobody', payload: '{}' });
    expect(answer.statusCode).toBe(404);
  });

  test('with text that Postgres cannot store still becomes a message', async () => {
    await seller.deliver(
      seller.message({ conversationKey: 'odd', externalId: 'odd-1', text: 'nul \u0000 and half \ud83d a pair' }),
    );
    const event = await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'odd-1');
    expect(event.data.content).toEqual({ kind: 'text', text: 'nul  and half \ufffd a pair' });
  });

  test('that cannot be parsed is parked and listed, and can be replayed once it can be parsed', async () => {
    const answer = await seller.deliver(seller.sign('{"type":'));
    expect(answer.statusCode).toBe(200);
    const admin = anAgent(tenantId, 'admin');
    const list = `{ parkedWebhooks(first: 10) { edges { node { id reason body } } } }`;
    const { data } = await ask(ingest.subgraph, admin, list);
    expect(data).toMatchObject({ parkedWebhooks: { edges: [{ node: { body: '{"type":' } }] } });
    const id = (data as { parkedWebhooks: { edges: { node: { id: string } }[] } }).parkedWebhooks.edges[0]?.node.id;
    const replay = `mutation($id: ID!) { replayParkedWebhook(input: { parkedWebhookId: $id }) { parkedWebhook { id } errors { code } } }`;
    expect((await ask(ingest.subgraph, admin, replay, { id })).data).toMatchObject({
      replayParkedWebhook: { errors: [{ code: 'STILL_UNPARSABLE' }] },
    });
    const stranger = anAgent(newId<TenantId>(), 'admin');
    expect((await ask(ingest.subgraph, stranger, list)).data).toEqual({ parkedWebhooks: { edges: [] } });
    expect((await ask(ingest.subgraph, stranger, replay, { id })).data).toMatchObject({
      replayParkedWebhook: { errors: [{ code: 'NOT_FOUND' }] },
    });
  });
});

describe('a reply', () => {
  test('requested twice is delivered once, signed, under its own key', async () => {
    await seller.deliver(seller.message({ conversationKey: 'reply', externalId: 'r-1', text: 'hi' }));
    const message = (await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'r-1'))
      .data;
    const request = replyRequest(message, 'It ships tomorrow.');
    await harness.publish(request, request);
    const update = await harness.events.next(
      'ingest.delivery-updated',
      (e) => e.data.messageId === request.data.messageId,
    );
    expect(update.data.status).toBe('sent');
    expect(seller.received.filter((sent) => sent.key === request.data.messageId)).toHaveLength(1);
    expect(seller.received.at(-1)).toMatchObject({ conversationKey: 'reply', text: 'It ships tomorrow.' });
  });

  test('longer than the channel allows fails with the reason and is never sent', async () => {
    await seller.deliver(seller.message({ conversationKey: 'long', externalId: 'l-1', text: 'hi' }));
    const message = (await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'l-1'))
      .data;
    const request = replyRequest(message, 'x'.repeat(10_001));
    await harness.publish(request);
    const update = await harness.events.next(
      'ingest.delivery-updated',
      (e) => e.data.messageId === request.data.messageId,
    );
    expect(update.data).toMatchObject({ status: 'failed', failure: 'INVALID_REQUEST' });
    expect(seller.received.some((sent) => sent.key === request.data.messageId)).toBe(false);
  });

  test('that the receiver refuses for good fails with the reason', async () => {
    await seller.deliver(seller.message({ conversationKey: 'busy', externalId: 'b-1', text: 'hi' }));
    const message = (await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'b-1'))
      .data;
    seller.answerNext({ status: 422 });
    const request = replyRequest(message, 'first');
    await harness.publish(request);
    const update = await harness.events.next(
      'ingest.delivery-updated',
      (e) => e.data.messageId === request.data.messageId,
    );
    expect(update.data).toMatchObject({ status: 'failed', failure: 'INVALID_REQUEST' });
  });
});

describe('what cannot be believed', () => {
  const received = (id: string) =>
    harness.events.next('ingest.message-received', ({ data }) => data.externalMessageId === id);
  const deliver = (type: string, data: object, timestamp = new Date().toISOString()) =>
    seller.deliver(seller.sign(JSON.stringify({ type, timestamp, data })));
  const write = (externalId: string, author: object, timestamp?: string) =>
    deliver(
      'message.created',
      { conversationKey: 'odd-talk', externalId, author: { id: 'b', ...author }, text: 'hi' },
      timestamp,
    );

  test('a message of the future takes its place by receipt, and shows the time it claimed', async () => {
    await write('future', {}, '2096-01-01T00:00:00.000Z');
    const { occurredAt, receivedAt, data } = await received('future');
    expect(occurredAt).toBe(receivedAt);
    expect(data.claimedAt).toBe('2096-01-01T00:00:00.000Z');
    await write('present', {});
    expect((await received('present')).data).not.toHaveProperty('claimedAt');
  });

  test('an order of the future does not hide later updates, and its repetition is none', async () => {
    const order = { id: 'O-future', placedAt: '2026-01-01T00:00:00Z', items: [], updatedAt: '2096-01-01T00:00:00Z' };
    await deliver('order.updated', { ...order, state: 'shipped' });
    await deliver('order.updated', { ...order, state: 'shipped', note: 'again' });
    await deliver('order.updated', { ...order, state: 'delivered', updatedAt: new Date().toISOString() });
    const isOurs = ({ data }: { data: { externalOrderId: string } }) => data.externalOrderId === 'O-future';
    const [first, last] = await harness.events.count('ingest.order-updated', 2, isOurs);
    expect(first?.data).toMatchObject({ state: 'shipped', claimedUpdatedAt: '2096-01-01T00:00:00.000Z' });
    expect(first?.data.platformUpdatedAt).toMatch(/^20[0-8]/);
    expect(last?.data.state).toBe('delivered');
    expect(last?.data).not.toHaveProperty('claimedUpdatedAt');
    const query = `query ($filter: OrderFilter) { orders(first: 10, filter: $filter) {
      totalCount isTotalCountExact edges { node { externalId state claimedUpdatedAt } } } }`;
    const { data } = await ask(ingest.subgraph, anAgent(tenantId), query);
    expect(data).toMatchObject({
      orders: { edges: [{ node: { externalId: 'O-future', state: 'DELIVERED', claimedUpdatedAt: null } }] },
    });
    const countOf = async (filter: object) => {
      const answer = await ask(ingest.subgraph, anAgent(tenantId), query, { filter });
      return (answer.data as { orders: { totalCount: number; edges: unknown[] } }).orders;
    };
    for (const filter of [{ states: ['DELIVERED'] }, { placedBefore: '2090-01-01T00:00:00Z' }])
      expect(await countOf(filter)).toMatchObject({ totalCount: 1, edges: [{}] });
    for (const filter of [{ states: ['SHIPPED'] }, { placedFrom: '2090-01-01T00:00:00Z' }, { accountIds: [newId()] }])
      expect(await countOf(filter)).toMatchObject({ totalCount: 0, edges: [] });
  });

  test('the newest name stays when an older message arrives, and a blank one is none', async () => {
    await write('n-1', { name: 'Ana Maria' }, new Date().toISOString());
    await write('n-2', { name: 'Ana' }, '2026-01-01T00:00:00Z');
    await write('n-3', { name: '\u2800\u200d' });
    await write('n-4', { name: 'Maria' });
    const names = await Promise.all(['n-1', 'n-2', 'n-3', 'n-4'].map(received));
    expect(names.map(({ data }) => data.buyer.name)).toEqual(['Ana Maria', 'Ana Maria', 'Ana Maria', 'Maria']);
  });

  test('phone numbers of the country of the account have one form, and others that are no numbers have none', async () => {
    const told = ['+55 88 99666-1234', '558896661234', '(88) 99666-1234', '0044 20 7946 0958', '0000000000'];
    for (const [i, phone] of told.entries()) await write(`p-${i}`, { phone });
    const events = await Promise.all(told.map((_, i) => received(`p-${i}`)));
    const same = '5588996661234';
    expect(events.map(({ data }) => data.buyer.phone)).toEqual([same, same, same, '442079460958', null]);
  });
});

test('credentials are sealed and never returned', async () => {
  const admin = anAgent(tenantId, 'admin');
  const { data } = await ask(
    ingest.subgraph,
    admin,
    `{ channelAccounts { totalCount edges { node {
      id displayName country status webhookUrl setupSteps cursors { kind } } } } }`,
  );
  expect(data).toMatchObject({
    channelAccounts: {
      totalCount: 1,
      edges: [{ node: { displayName: 'My system', country: 'BR', status: 'CONNECTED' } }],
    },
  });
  expect(JSON.stringify(data)).not.toContain(seller.secret);
  const agent = await ask(
    ingest.subgraph,
    anAgent(tenantId),
    `{ channelAccounts { edges { node { webhookUrl setupSteps } } } }`,
  );
  expect(agent.data).toEqual({ channelAccounts: { edges: [{ node: { webhookUrl: null, setupSteps: [] } }] } });
});

describe('an event about a message', () => {
  const about = (type: string, externalId: string, data: object = {}, timestamp = '2026-03-02T10:00:00Z') =>
    seller.sign(
      JSON.stringify({
        type: `message.${type}`,
        timestamp,
        data: { conversationKey: 'changes', externalId, author: { id: 'buyer-of-changes' }, ...data },
      }),
    );
  const changesOf = (messageId: string) =>
    harness.events.of('ingest.message-changed').filter(({ data }) => data.messageId === messageId);
  const received = (externalId: string) =>
    harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === externalId);

  test('waits for its message, is told once behind it, and makes no message itself', async () => {
    const early = [
      about('reacted', 'c-1', { emoji: '👍' }),
      about('edited', 'c-1', { text: 'There?' }),
      about('deleted', 'c-1'),
    ];
    for (const delivery of early) expect((await seller.deliver(delivery)).statusCode).toBe(200);
    await seller.deliver(seller.message({ conversationKey: 'changes', externalId: 'c-1', text: 'Where?' }));
    const { data, aggregateVersion } = await received('c-1');
    await harness.events.count('ingest.message-changed', 3, (e) => e.data.messageId === data.messageId);
    await seller.deliver(about('reacted', 'c-1', { emoji: '👍' }));
    await seller.deliver(about('deleted', 'c-1', {}, '2026-03-02T11:00:00Z'));
    await seller.deliver(about('reacted', 'c-1', { emoji: null }, '2026-03-02T10:05:00Z'));
    await harness.events.count('ingest.message-changed', 4, (e) => e.data.messageId === data.messageId);
    const told = changesOf(data.messageId);
    expect(told.map((e) => e.data.change)).toEqual([
      { kind: 'reacted', emoji: '👍' },
      { kind: 'edited', content: { kind: 'text', text: 'There?' } },
      { kind: 'deleted' },
      { kind: 'reacted', emoji: null },
    ]);
    expect(told.every((e) => e.aggregateVersion > aggregateVersion && e.data.by === 'buyer')).toBe(true);
    const messages = harness.events.of('ingest.message-received').filter((e) => e.data.externalThreadId === 'changes');
    expect(messages).toHaveLength(1);
  });

  test('about a reply waits until the platform has named the reply', async () => {
    await seller.deliver(seller.message({ conversationKey: 'changes', externalId: 'c-2', text: 'Hello?' }));
    const { data } = await received('c-2');
    const replyId = `at-seller-${seller.received.length + 1}`;
    await seller.deliver(about('reacted', replyId, { emoji: '❤️' }));
    const request = replyRequest(data, 'It left today.');
    await harness.publish(request);
    const told = await harness.events.next(
      'ingest.message-changed',
      (e) => e.data.messageId === request.data.messageId,
    );
    expect(told.data).toMatchObject({ by: 'buyer', change: { kind: 'reacted', emoji: '❤️' } });
  });

  test('from a clock ahead of ours takes the time of its receipt', async () => {
    await seller.deliver(seller.message({ conversationKey: 'changes', externalId: 'c-3', text: 'Hi' }));
    const { data } = await received('c-3');
    await seller.deliver(about('edited', 'c-3', { text: 'Hi!' }, '2096-01-01T00:00:00Z'));
    const told = await harness.events.next('ingest.message-changed', (e) => e.data.messageId === data.messageId);
    expect(told.occurredAt).toBe(told.receivedAt);
  });

  test.each([
    ['without its message', { type: 'message.deleted', data: { conversationKey: 'k', author: { id: 'b' } } }],
    ['by nobody', { type: 'message.reacted', data: { conversationKey: 'k', externalId: 'm', emoji: 'x' } }],
    ['without the new words', { type: 'message.edited', data: { conversationKey: 'k', externalId: 'm' } }],
  ])('%s is stored and parked', async (_, body) => {
    const { statusCode } = await seller.deliver(
      seller.sign(JSON.stringify({ timestamp: '2026-03-02T10:00:00Z', ...body })),
    );
    expect(statusCode).toBe(200);
  });
});

// The last one: from here on replies of the account wait.
test('a reply to a receiver that takes no more deliveries waits, and its account says so', async () => {
  await seller.deliver(seller.message({ conversationKey: 'gone', externalId: 'g-1', text: 'hi' }));
  const { data } = await harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'g-1');
  seller.answerNext({ status: 410 });
  await harness.publish(replyRequest(data, 'Is anybody there?'));
  const query = '{ channelAccounts { edges { node { id sending { state reason waitingCount whatToDo } } } } }';
  await eventually(async () => {
    const { data: shown } = await ask(ingest.subgraph, anAgent(tenantId, 'admin'), query);
    expect(shown).toMatchObject({
      channelAccounts: {
        edges: expect.arrayContaining([
          {
            node: {
              id: data.accountId,
              sending: { state: 'PAUSED', reason: 'BANNED', waitingCount: 1, whatToDo: expect.any(String) },
            },
          },
        ]),
      },
    });
  });
});
