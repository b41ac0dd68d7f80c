import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { capabilitiesOf, type Channel, channels } from '@crossdesk/channels';
import { type CustomerId, type DeliveryStatus, type MessageId, newId, type OrderId } from '@crossdesk/contracts';
import { anEvent, ask, eventually, givenMessage } from '@crossdesk/testkit';
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
  type Workspace,
} from './given.ts';

type Inbound = Awaited<ReturnType<typeof givenInbound>>;

let time = new Date('2026-01-02T12:00:00.000Z');
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const hoursAgo = (hours: number) => new Date(time.getTime() - hours * 3_600_000);

test('a reply is queued, makes the conversation handled and requests its delivery', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId, occurredAt: hoursAgo(1) });
  const { message, conversation, errors } = await send(bench, agent, { conversationId, text: 'On its way' });
  expect(errors).toEqual([]);
  expect(conversation).toEqual({ version: 2, state: 'HANDLED', unreadCount: 0 });
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

test('the same clientMutationId is the same message, ten at once or later; with other content it is refused', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [{ conversationId }, other] = [
    await givenInbound(bench, { tenantId }),
    await givenInbound(bench, { tenantId }),
  ];
  const clientMutationId = newId();
  const reply = { clientMutationId, conversationId, text: 'On its way' };
  const sent = await Promise.all(Array.from({ length: 10 }, () => send(bench, agent, reply)));
  const later = await send(bench, agent, { ...reply, expectedVersion: 1 });
  expect(new Set([...sent, later].map(({ message }) => message.id)).size).toBe(1);
  expect(later).toMatchObject({
    clientMutationId,
    message: { clientMutationId },
    conversation: { version: 2 },
    errors: [],
  });
  for (const changes of [{ text: 'on its way' }, { conversationId: other.conversationId }])
    expect(await send(bench, agent, { ...reply, ...changes })).toMatchObject({
      clientMutationId,
      message: null,
      errors: [{ code: 'CLIENT_ID_REUSED', path: ['input', 'clientMutationId'] }],
    });
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

test('a refused reply leaves nothing behind, and the same clientMutationId works once it is correct', async () => {
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

test('a reply to a conversation that has changed is refused with the conversation as it is now', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  await givenInbound(bench, { tenantId, conversationId });
  expect(await send(bench, agent, { conversationId, text: 'x', expectedVersion: 1 })).toMatchObject({
    message: null,
    conversation: { version: 2, state: 'UNREAD', unreadCount: 2 },
    errors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
  });
});

test('WhatsApp accepts replies for 24 hours after the last message of the buyer', async () => {
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
  '%s accepts a text of exactly its limit',
  async (channel, { textCharactersMax }) => {
    const { tenantId, agent } = await givenWorkspace(bench);
    const { conversationId } = await givenInbound(bench, { tenantId, channel, occurredAt: hoursAgo(1) });
    const { errors } = await send(bench, agent, { conversationId, text: 'x'.repeat(textCharactersMax) });
    expect(errors).toEqual([]);
  },
);

describe('delivery reports', () => {
  async function aReply() {
    const { tenantId, agent, admin } = await givenWorkspace(bench);
    const { conversationId, accountId } = await givenInbound(bench, { tenantId });
    const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
    const report = (status: DeliveryStatus, detail: string | null = null) => {
      const told = { status, detail, externalMessageId: 'wamid.1' };
      return aDelivery(tenantId, { messageId: message.id as MessageId, conversationId, accountId, ...told });
    };
    return { tenantId, agent, admin, conversationId, messageId: message.id, report };
  }

  async function changesTo(messageId: string, last: DeliveryStatus) {
    const isOf = ({ data }: { data: { messageId: string } }) => data.messageId === messageId;
    await bench.harness.events.next('conversation.delivery-changed', (e) => isOf(e) && e.data.status === last);
    const changes = bench.harness.events.of('conversation.delivery-changed').filter(isOf);
    return changes.map(({ data, aggregateVersion }) => [data.status, aggregateVersion]);
  }

  test('are shown as ingest reports them: one event for each change, none for a repetition', async () => {
    const { agent, messageId, report } = await aReply();
    const [failed, sent] = [report('failed', 'no such buyer'), report('sent')];
    await bench.harness.publish(
      ...[report('unknown'), report('unknown', 'a person has to decide'), failed, failed, sent, failed, sent],
      // It repeats what is known, with the same id.
      report('sent'),
      report('delivered'),
      report('read'),
    );
    expect(await changesTo(messageId, 'read')).toEqual([
      ['unknown', 4],
      ['unknown', 5],
      ['failed', 6],
      ['sent', 7],
      ['delivered', 8],
      ['read', 9],
    ]);
    const query = 'query ($id: ID!) { message(id: $id) { externalId delivery { status failure detail } } }';
    expect(dataOf(await ask(bench.service.subgraph, agent, query, { id: messageId })).message).toEqual({
      externalId: 'wamid.1',
      delivery: { status: 'READ', failure: null, detail: null },
    });
  });

  test('that wait behind a parked one are replayed in order, and the last one is valid', async () => {
    const { tenantId, agent, admin, conversationId, messageId, report } = await aReply();
    const sent = report('sent');
    const newer = { ...sent, version: 99 };
    await bench.harness.broker.publish([
      { topic: 'ingest.delivery', key: conversationId, value: JSON.stringify(newer), headers: {} },
    ]);
    await bench.harness.publish(report('delivered'), report('read'));
    const { worker } = bench.service.runtime.db;
    await eventually(async () => {
      const { rows } = await sql`select from dead_letter where tenant_id = ${tenantId}`.execute(worker);
      expect(rows).toHaveLength(3);
    });
    // The upgrade that can read it.
    await sql`update dead_letter set raw = ${Buffer.from(JSON.stringify(sent))} where event_id = ${sent.id}`.execute(
      worker,
    );
    const replay = `mutation ($input: ReplayDeadLettersInput!) {
      replayDeadLetters(input: $input) { replayedCount remainingCount } }`;
    const input = { consumer: 'conversation.inbox', key: conversationId };
    expect(dataOf(await ask(bench.service.subgraph, admin, replay, { input })).replayDeadLetters).toEqual({
      replayedCount: 3,
      remainingCount: 0,
    });
    expect((await changesTo(messageId, 'read')).map(([status]) => status)).toEqual(['sent', 'delivered', 'read']);
    expect(await readConversation(bench, agent, conversationId)).toMatchObject({ state: 'HANDLED' });
  });

  test('of a conversation that other events change meanwhile still arrive in order', async () => {
    const { tenantId, conversationId, messageId, report } = await aReply();
    const statuses: DeliveryStatus[] = ['unknown', 'failed', 'sent', 'delivered', 'read'];
    const events = statuses.flatMap((status) => [report(status), givenMessage({ tenantId, conversationId })]);
    await bench.harness.publish(...events);
    expect((await changesTo(messageId, 'read')).map(([status]) => status)).toEqual(statuses);
  });
});

test('a delivery report in between causes no version conflict for an agent; the failure of a reply does', async () => {
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
    const mutation = `mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { conversation { version } errors { code } } }`;
    return dataOf(await ask(bench.service.subgraph, agent, mutation, { input: { conversationId, ...input } }))
      .assignConversation;
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

test('reports for unknown messages or another workspace change nothing', async () => {
  const [{ tenantId, agent }, other] = [await givenWorkspace(bench), await givenWorkspace(bench)];
  const inbound = await givenInbound(bench, { tenantId });
  const { conversationId, accountId } = inbound;
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const to = { messageId: message.id as MessageId, conversationId, accountId };
  await bench.harness.publish(
    aDelivery(tenantId, { ...to, messageId: newId<MessageId>() }),
    aDelivery(tenantId, { ...to, messageId: inbound.messageId }),
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

test('after a failed reply the conversation owes an answer again', async () => {
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

test('a platform clock ahead of ours does not make a reply older than the message it answers', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, occurredAt: hoursAgo(-0.1) });
  await send(bench, agent, { conversationId, text: 'answer' });
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    state: 'HANDLED',
    lastMessagePreview: 'answer',
  });
  time = new Date(time.getTime() + 1);
});

/** An order, and a conversation about it. */
async function givenOrder(
  {
    tenantId,
    number,
    conversationId,
  }: Record<'number', string> & Pick<Workspace, 'tenantId'> & Pick<Inbound, 'conversationId'>,
  accountId: Inbound['accountId'],
): Promise<void> {
  const orderId = newId<OrderId>();
  const updated = anEvent(
    'ingest.order-updated',
    {
      ...{ orderId, accountId, channel: 'tiktok-shop', externalOrderId: number, state: 'to_ship', platformState: 'x' },
      ...{ buyerExternalId: null, buyerName: null, recipient: null, items: [], shipments: [] },
      ...{
        total: { amountMinor: '12980', currency: 'BRL' },
        placedAt: time.toISOString(),
        platformUpdatedAt: time.toISOString(),
      },
    },
    { tenantId, aggregateId: orderId },
  );
  const order = { orderId, confidence: 0.99, reason: 'PLATFORM_REFERENCE' as const };
  const linked = { conversationId, customerId: newId<CustomerId>(), order };
  await bench.harness.publish(
    updated,
    anEvent('crm.conversation-linked', linked, { tenantId, aggregateId: conversationId }),
  );
}

const codes = ({ errors }: { readonly errors: readonly { readonly code: string }[] }) => errors.map(({ code }) => code);

test('D33 a text that breaks a rule of its platform is refused with the clause; a supervisor may send it, audited', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent, admin } = workspace;
  const { conversationId } = await givenInbound(bench, { tenantId, channel: 'tiktok-shop' });
  const clientMutationId = newId();
  const reply = { clientMutationId, conversationId, text: 'Hello. You find me on WhatsApp. Thank you.' };
  const refused = await send(bench, agent, reply);
  expect(refused).toMatchObject({
    message: null,
    errors: [{ code: 'LINT_STOPPED', path: ['input', 'text'], message: expect.stringContaining('WhatsApp') }],
    lintFindings: [{ rule: 'OFF_PLATFORM', severity: 'STOP', clause: 'You find me on WhatsApp.', start: 22, end: 30 }],
  });
  const override = { ...reply, overrideLint: 'The buyer asked for it' };
  expect(codes(await send(bench, agent, override))).toEqual(['FORBIDDEN']);
  expect(codes(await send(bench, admin, { ...reply, overrideLint: ' ' }))).toEqual(['INVALID_INPUT']);
  const sent = await send(bench, admin, override);
  expect(sent).toMatchObject({ errors: [], lintFindings: [], message: { text: reply.text } });
  const query = `query ($id: ID!) { conversation(id: $id) { notes { edges { node { text author { displayName } } } } }
    auditEntries(first: 10) { edges { node { action targetId } } } }`;
  const { conversation, auditEntries } = dataOf(
    await ask(bench.service.subgraph, admin, query, { id: conversationId }),
  );
  expect(conversation.notes.edges).toEqual([
    {
      node: {
        text: 'Sent although the check stopped it (off-platform): The buyer asked for it',
        author: { displayName: 'Ada' },
      },
    },
  ]);
  expect(auditEntries.edges.map(({ node }) => node)).toMatchObject(
    ['sendMessage', 'overrideLint'].map((action) => ({ action, targetId: sent.message.id })),
  );
});

test('an admin lets a rule of a platform warn in a channel, and others hear of it; agents may not', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId, channel: 'tiktok-shop' });
  const mutation = `mutation ($input: SetLintRuleInput!) { setLintRule(input: $input) {
    settings { version lowered { channel rule } } errors { code } } }`;
  const input = { channel: 'TIKTOK_SHOP', rule: 'FOREIGN_LINK', severity: 'WARN', expectedVersion: 0 };
  const set = (caller: typeof agent) => ask(bench.service.subgraph, caller, mutation, { input });
  expect((await set(agent)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const text = 'It is on https://example.com/manual';
  expect(codes(await send(bench, agent, { conversationId, text }))).toEqual(['LINT_STOPPED']);
  const lowered = [{ channel: 'TIKTOK_SHOP', rule: 'FOREIGN_LINK' }];
  expect(dataOf(await set(admin)).setLintRule).toEqual({ settings: { version: 1, lowered }, errors: [] });
  expect((await send(bench, agent, { conversationId, text })).errors).toEqual([]);
  const told = await bench.harness.events.next('conversation.lint-settings-changed', (e) => e.tenantId === tenantId);
  expect(told.data).toEqual({ lowered: [{ channel: 'tiktok-shop', rule: 'foreign-link' }] });
  const seen = await ask(bench.service.subgraph, agent, '{ lintSettings { version lowered { channel rule } } }');
  expect(dataOf(seen).lintSettings).toEqual({ version: 1, lowered });
});

test('First 8: what contradicts the order is refused on every channel, with the clause', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [own, other] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  await givenOrder({ ...own, tenantId, number: '260228K7QX9TMP' }, own.accountId);
  await givenOrder({ ...other, tenantId, number: '260227AAAA1111' }, other.accountId);
  const said = (text: string) => send(bench, agent, { conversationId: own.conversationId, text });
  const rulesOf = async (text: string) => (await said(text)).lintFindings.map(({ rule, clause }) => [rule, clause]);
  await eventually(async () => {
    const clause = 'We refund you R$ 150,00.';
    expect(await rulesOf(`Sorry. ${clause}`)).toEqual([['CLAIM_AMOUNT', clause]]);
  });
  expect(await rulesOf('Your parcel has been delivered.')).toMatchObject([['CLAIM_STATUS', expect.any(String)]]);
  expect(await rulesOf('It is expected on 2025-12-20.')).toMatchObject([['CLAIM_DATE', expect.any(String)]]);
  await eventually(async () => {
    expect(await rulesOf('Your order is 260227AAAA1111.')).toMatchObject([['CLAIM_ORDER', expect.any(String)]]);
  });
  expect((await said('We refund you R$ 129,80 for order 260228K7QX9TMP.')).errors).toEqual([]);
});
