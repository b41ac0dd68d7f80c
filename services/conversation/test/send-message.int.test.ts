import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { capabilitiesOf, type Channel, channels } from '@crossdesk/channels';
import { type ConversationId, type DeliveryStatus, type MessageId, newId } from '@crossdesk/contracts';
import { ask } from '@crossdesk/testkit';
import { sql } from 'kysely';
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

let time = new Date('2026-01-02T12:00:00.000Z');
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const hoursAgo = (hours: number) => new Date(time.getTime() - hours * 3_600_000);

test('a reply is queued, settles the conversation and asks for its delivery', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId, occurredAt: hoursAgo(1) });
  const { message, errors } = await send(bench, agent, { conversationId, text: 'On its way' });
  expect(errors).toEqual([]);
  expect(message).toMatchObject({
    direction: 'OUTBOUND',
    author: 'AGENT',
    kind: 'TEXT',
    text: 'On its way',
    delivery: { status: 'QUEUED', failure: null },
    agent: { displayName: 'Bo' },
    conversation: { state: 'HANDLED' },
  });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    unreadCount: 0,
    waitingSince: null,
    lastMessagePreview: 'On its way',
    version: 2,
  });
  const requested = await bench.harness.events.next(
    'conversation.reply-requested',
    ({ data }) => data.messageId === message.id,
  );
  expect(requested).toMatchObject({
    tenantId,
    aggregateId: conversationId,
    aggregateVersion: 3,
    actor: { kind: 'agent', id: agentId },
    data: {
      conversationId,
      accountId,
      content: { kind: 'text', text: 'On its way' },
      lastInboundAt: hoursAgo(1).toISOString(),
    },
  });
  const added = await bench.harness.events.next(
    'conversation.message-added',
    ({ data }) => data.messageId === message.id,
  );
  expect(added).toMatchObject({
    aggregateVersion: 2,
    correlationId: requested.correlationId,
    data: { direction: 'outbound', author: 'agent' },
  });
});

test('the same clientMutationId is the same message, whatever the text, one after the other or ten at once', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [{ conversationId }, other] = [
    await givenInbound(bench, { tenantId }),
    await givenInbound(bench, { tenantId }),
  ];
  const clientMutationId = newId();
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      send(bench, agent, {
        clientMutationId,
        conversationId: i % 2 === 0 ? conversationId : other.conversationId,
        text: `try ${i}`,
      }),
    ),
  );
  const later = await send(bench, agent, { clientMutationId, conversationId, text: 'something else' });
  expect(new Set([...sent, later].map(({ message }) => message.id)).size).toBe(1);
  expect(new Set([...sent, later].map(({ message }) => message.text)).size).toBe(1);
  await send(bench, agent, { conversationId, text: 'marker' });
  await bench.harness.events.next(
    'conversation.reply-requested',
    ({ data }) => data.content.kind === 'text' && data.content.text === 'marker',
  );
  const requested = bench.harness.events
    .of('conversation.reply-requested')
    .filter(({ data }) => data.messageId === later.message.id);
  expect(requested).toHaveLength(1);
});

test('the same clientMutationId in another workspace is another message', async () => {
  const [one, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const clientMutationId = newId();
  const [first, second] = [
    await givenInbound(bench, { tenantId: one.tenantId }),
    await givenInbound(bench, { tenantId: other.tenantId }),
  ];
  const sentByOne = await send(bench, one.agent, {
    clientMutationId,
    conversationId: first.conversationId,
    text: 'one',
  });
  const sentByOther = await send(bench, other.agent, {
    clientMutationId,
    conversationId: second.conversationId,
    text: 'other',
  });
  expect([sentByOne.message.text, sentByOther.message.text]).toEqual(['one', 'other']);
});

test('what is refused leaves nothing behind, and the same clientMutationId works once it is right', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const clientMutationId = newId();
  const refusal = async (input: Record<string, unknown>) => {
    const { message, errors } = await send(bench, agent, { clientMutationId, conversationId, ...input });
    expect(message).toBeNull();
    return [errors[0]?.code, ...(errors[0]?.path ?? [])];
  };
  expect(await refusal({ text: 'x', expectedVersion: 7 })).toEqual(['VERSION_CONFLICT', 'input', 'expectedVersion']);
  expect(await refusal({})).toEqual(['INVALID_INPUT', 'input', 'text']);
  expect(await refusal({ text: 'x', externalOrderId: 'y' })).toEqual(['INVALID_INPUT', 'input', 'text']);
  expect(await refusal({ text: 'x', conversationId: newId() })).toEqual(['NOT_FOUND', 'input', 'conversationId']);
  expect(await refusal({ text: 'x', conversationId: 'nonsense' })).toEqual(['NOT_FOUND', 'input', 'conversationId']);
  expect(await refusal({ text: 'x', clientMutationId: 'c'.repeat(101) })).toEqual([
    'INVALID_INPUT',
    'input',
    'clientMutationId',
  ]);
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ version: 1, state: 'UNREAD' });
  expect(
    (await send(bench, agent, { clientMutationId, conversationId, text: 'x', expectedVersion: 1 })).errors,
  ).toEqual([]);
});

test('WhatsApp takes replies for 24 hours after the last words of the buyer', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, channel: 'whatsapp', occurredAt: hoursAgo(24) });
  const closed = await send(bench, agent, { conversationId, text: 'too late' });
  expect(closed.errors).toMatchObject([{ code: 'WINDOW_CLOSED', path: ['input', 'conversationId'] }]);
  await givenInbound(bench, { tenantId, conversationId, channel: 'whatsapp', occurredAt: hoursAgo(1) });
  expect((await send(bench, agent, { conversationId, text: 'in time' })).errors).toEqual([]);
});

const limits: [Channel, Record<string, unknown>, string, string, RegExp][] = [
  ['shopee', { text: 'x'.repeat(1_001) }, 'TEXT_TOO_LONG', 'text', /1001 .* 1000/],
  ['shopee', { text: '😀'.repeat(501) }, 'TEXT_TOO_LONG', 'text', /1002 .* 1000/],
  ['tiktok-shop', { text: 'x'.repeat(2_001) }, 'TEXT_TOO_LONG', 'text', /2000/],
  ['whatsapp', { text: 'x'.repeat(4_097) }, 'TEXT_TOO_LONG', 'text', /4096/],
  ['generic', { text: 'x'.repeat(10_001) }, 'TEXT_TOO_LONG', 'text', /10000/],
  ['whatsapp', { externalOrderId: 'A-1' }, 'KIND_NOT_SUPPORTED', 'externalOrderId', /send text, image/],
  ['whatsapp', { externalProductId: 'P-1' }, 'KIND_NOT_SUPPORTED', 'externalProductId', /send text, image/],
];

test.each(limits)('%s refuses %j before anything is queued: %s', async (channel, input, code, field, words) => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, channel, occurredAt: hoursAgo(1) });
  const { message, errors } = await send(bench, agent, { conversationId, ...input });
  expect(message).toBeNull();
  expect(errors).toMatchObject([{ code, path: ['input', field], message: expect.stringMatching(words) }]);
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ version: 1, state: 'UNREAD' });
});

test.each(channels.map((channel) => [channel, capabilitiesOf(channel)] as const))(
  '%s takes a text of exactly its limit',
  async (channel, { textCharactersMax }) => {
    const { tenantId, agent } = await givenWorkspace(bench);
    const { conversationId } = await givenInbound(bench, { tenantId, channel, occurredAt: hoursAgo(1) });
    const { errors } = await send(bench, agent, { conversationId, text: 'x'.repeat(textCharactersMax) });
    expect(errors).toEqual([]);
  },
);

test('the replies of a day are counted per account: the one beyond the quota is refused, ten at once or not', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const one = await givenInbound(bench, { tenantId, channel: 'tiktok-shop' });
  const other = await givenInbound(bench, { tenantId, channel: 'tiktok-shop' });
  const quota = capabilitiesOf('tiktok-shop').sendsPerDayMax ?? 0;
  await bench.service.runtime.db.asWorker((trx) =>
    sql`insert into daily_send values (${tenantId}, ${one.accountId}, ${time}::date, ${quota - 3})`.execute(trx),
  );
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, n) => send(bench, agent, { conversationId: one.conversationId, text: `${n}` })),
  );
  const codes = sent.flatMap(({ errors }) => errors.map(({ code }) => code));
  expect(codes).toEqual(Array.from({ length: 7 }, () => 'QUOTA_EXCEEDED'));
  expect((await send(bench, agent, { conversationId: other.conversationId, text: 'x' })).errors).toEqual([]);
  time = new Date(time.getTime() + 24 * 3_600_000);
  expect((await send(bench, agent, { conversationId: one.conversationId, text: 'next day' })).errors).toEqual([]);
});

test('delivery reports move forward only, whatever their order, and each that counts is one event', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const report = (status: DeliveryStatus) =>
    aDelivery(tenantId, {
      messageId: message.id as MessageId,
      conversationId,
      accountId,
      status,
      externalMessageId: 'wamid.1',
    });
  const delivered = report('delivered');
  await bench.harness.publish(
    report('unknown'),
    delivered,
    delivered,
    report('sent'),
    report('failed'),
    report('unknown'),
    report('read'),
  );
  await bench.harness.events.next(
    'conversation.delivery-changed',
    ({ data }) => data.messageId === message.id && data.status === 'read',
  );
  const changes = bench.harness.events
    .of('conversation.delivery-changed')
    .filter(({ data }) => data.messageId === message.id);
  expect(changes.map(({ data, aggregateVersion }) => [data.status, aggregateVersion])).toEqual([
    ['unknown', 4],
    ['delivered', 5],
    ['read', 6],
  ]);
  const query =
    'query ($id: ID!) { message(id: $id) { externalId delivery { status failure } conversation { version } } }';
  expect(dataOf(await ask(bench.service.subgraph, agent, query, { id: message.id })).message).toEqual({
    externalId: 'wamid.1',
    delivery: { status: 'READ', failure: null },
    conversation: { version: 2 },
  });
});

test('a delivery report in between does not refuse what an agent overwrites; the failure of a reply does', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const { version: expectedVersion } = message.conversation;
  const report = async (status: DeliveryStatus) => {
    await bench.harness.publish(
      aDelivery(tenantId, { messageId: message.id as MessageId, conversationId, accountId, status }),
    );
    return bench.harness.events.next(
      'conversation.delivery-changed',
      ({ data }) => data.messageId === message.id && data.status === status,
    );
  };
  const assign = async (input: Record<string, unknown>) => {
    const mutation = `mutation ($input: AssignInput!) { assign(input: $input) { conversation { version } errors { code } } }`;
    return dataOf(await ask(bench.service.subgraph, agent, mutation, { input: { conversationId, ...input } })).assign;
  };
  const sent = await report('sent');
  const assigned = await assign({ agentId, expectedVersion });
  expect(assigned).toMatchObject({ errors: [], conversation: { version: expectedVersion + 1 } });
  const changed = await bench.harness.events.next(
    'conversation.changed',
    ({ aggregateId }) => aggregateId === conversationId,
  );
  expect(changed.aggregateVersion).toBe(sent.aggregateVersion + 1);
  const failed = await report('failed');
  expect(failed.aggregateVersion).toBe(changed.aggregateVersion + 1);
  expect(await assign({ agentId: null, expectedVersion: assigned.conversation.version })).toMatchObject({
    errors: [{ code: 'VERSION_CONFLICT' }],
  });
});

test('reports on messages that are not from here, of another conversation or of another workspace change nothing', async () => {
  const [{ tenantId, agent }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const inbound = await givenInbound(bench, { tenantId });
  const { conversationId, accountId } = inbound;
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const to = { messageId: message.id as MessageId, conversationId, accountId };
  await bench.harness.publish(
    aDelivery(tenantId, { ...to, messageId: newId<MessageId>() }),
    aDelivery(tenantId, { ...to, messageId: inbound.messageId }),
    aDelivery(tenantId, { ...to, conversationId: newId<ConversationId>() }),
    aDelivery(other.tenantId, to),
    aDelivery(tenantId, { ...to, status: 'failed', failure: 'QUOTA', detail: 'slow down' }),
  );
  await bench.harness.events.next('conversation.delivery-changed', ({ data }) => data.messageId === message.id);
  const changes = bench.harness.events
    .of('conversation.delivery-changed')
    .filter((event) => [tenantId, other.tenantId].includes(event.tenantId));
  expect(changes.map(({ data }) => [data.messageId, data.status, data.failure])).toEqual([
    [message.id, 'failed', 'QUOTA'],
  ]);
});

test('a reply that fails brings the conversation back to those that owe an answer', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  const waiting = await readConversation(bench, agent, conversationId);
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({ state: 'HANDLED', waitingSince: null });
  const failed = {
    messageId: message.id as MessageId,
    conversationId,
    accountId,
    status: 'failed',
    failure: 'QUOTA',
  } as const;
  await bench.harness.publish(aDelivery(tenantId, failed));
  const { data } = await bench.harness.events.next(
    'conversation.delivery-changed',
    (e) => e.data.messageId === message.id,
  );
  expect(data.conversation.state).toBe('pending');
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    state: 'PENDING',
    waitingSince: waiting.waitingSince,
  });
});

test('a platform clock ahead of ours does not make a reply older than what it answers', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, occurredAt: hoursAgo(-0.1) });
  await send(bench, agent, { conversationId, text: 'answer' });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    state: 'HANDLED',
    lastMessagePreview: 'answer',
  });
  time = new Date(time.getTime() + 1);
});
