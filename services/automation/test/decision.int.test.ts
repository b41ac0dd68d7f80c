import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type CustomerId,
  type DecisionId,
  type ErasureId,
  type EventData,
  type MessageId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import type { Caller } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import { type AutomationService, openAutomation } from '../src/app.ts';

let harness: TestHarness;
let automation: AutomationService;

beforeAll(async () => {
  harness = await openHarness();
  automation = await openAutomation(harness.deps);
  await automation.start();
});

afterAll(async () => {
  await automation.stop(5_000);
  await harness.close();
});

type Inbound = EventData<'ingest.message-received'>;

interface Shop {
  readonly tenantId: TenantId;
  readonly agent: Caller;
  readonly agentId: AgentId;
  readonly templateId: string;
}

const portuguese = { locale: 'pt-BR', text: 'Seu pedido {orderNumber} foi enviado.' };
const variants = [{ locale: 'en', text: 'Your order {orderNumber} was shipped.' }, portuguese];

/** A workspace with a template. */
async function givenShop(content: object = {}): Promise<Shop> {
  const tenantId = newId<TenantId>();
  const agentId = newId<AgentId>();
  const input = {
    key: 'shipped',
    name: 'Shipped',
    situation: 'SHIPPED',
    variables: [{ name: 'orderNumber', type: 'TEXT' }],
    fallbackLocales: ['en'],
    variants,
    ...content,
  };
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } errors { message } } }`;
  const { data } = await ask(automation.subgraph, anAgent(tenantId, 'supervisor'), query, { input });
  const { upsertTemplate } = data as { upsertTemplate: { template: { id: string } } };
  return { tenantId, agent: anAgent(tenantId, 'agent', agentId), agentId, templateId: upsertTemplate.template.id };
}

type Snapshot = EventData<'conversation.changed'>['conversation'];

function aSnapshot(
  { conversationId, accountId, channel }: Pick<Inbound, 'conversationId' | 'accountId' | 'channel'>,
  at: Date,
  changes: Partial<Snapshot> = {},
): Snapshot {
  return {
    conversationId,
    accountId,
    channel,
    state: 'handled',
    priority: 'normal',
    assigneeId: null,
    unreadCount: 0,
    waitingSince: null,
    lastMessageAt: at.toISOString(),
    ...changes,
  };
}

/** A message of a buyer, as ingest and then the conversation service tell it. */
async function givenConversation(
  { tenantId }: Pick<Shop, 'tenantId'>,
  text: string,
  { channel = 'shopee', at = new Date() }: { channel?: 'shopee' | 'tiktok-shop' | 'whatsapp'; at?: Date } = {},
): Promise<Inbound> {
  const received = givenMessage({ tenantId, channel, occurredAt: at, content: { kind: 'text', text } });
  const { conversationId, messageId } = received.data;
  const conversation = aSnapshot(received.data, at, {
    state: 'unread',
    unreadCount: 1,
    waitingSince: at.toISOString(),
  });
  const said = { messageId, direction: 'inbound', author: 'buyer', kind: 'text', text } as const;
  const of = { tenantId, aggregateId: conversationId };
  const added = anEvent('conversation.message-added', { conversation, ...said }, of);
  await harness.publish(received, { ...added, occurredAt: at.toISOString() });
  await harness.events.next('automation.message-analysed', ({ data }) => data.messageId === messageId);
  await eventually(async () => {
    const { rows } = await automation.runtime.db.asWorker((trx) =>
      sql`select 1 from conversation_facts where conversation_id = ${conversationId}`.execute(trx),
    );
    expect(rows).toHaveLength(1);
  });
  return received.data;
}

const decisionFields = `id kind purpose messageId text locale agentId outcome code template { key } conversation { id }`;

interface Sent {
  readonly decision: { readonly id: DecisionId; readonly messageId: string; readonly text: string } | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly path: readonly string[] }[];
}

async function sendTemplate({ agent, templateId }: Shop, input: object): Promise<Sent> {
  const query = `mutation ($input: SendTemplateInput!) { sendTemplate(input: $input) {
    clientMutationId decision { ${decisionFields} } errors { code message path } } }`;
  const values = [{ name: 'orderNumber', value: '2603021KQ8MX7N' }];
  const wanted = { clientMutationId: newId(), templateId, values, ...input };
  const { data, errors } = await ask(automation.subgraph, agent, query, { input: wanted });
  expect(errors).toEqual([]);
  return (data as { sendTemplate: Sent }).sendTemplate;
}

async function decisionsOf(agent: Caller, id: string) {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Conversation {
    automationDecisions(first: 10) { totalCount edges { node { ${decisionFields} } } } } } }`;
  const representations = [{ __typename: 'Conversation', id }];
  const { data, errors } = await ask(automation.subgraph, agent, query, { representations });
  expect(errors).toEqual([]);
  type Page = { automationDecisions: { totalCount: number; edges: { node: Record<string, unknown> }[] } };
  return (data as { _entities: [Page] })._entities[0].automationDecisions;
}

const decidedReplies = (id: string) =>
  harness.events.of('automation.reply-decided').filter(({ data }) => data.conversationId === id);

test('S2-4.1: a template goes out in the language of the buyer, once for two equal requests at the same time', async () => {
  const shop = await givenShop();
  const { conversationId } = await givenConversation(shop, 'Bom dia! Onde está o meu pedido? Ainda não chegou nada.');
  const input = { conversationId, clientMutationId: 'once' };
  const [first, second] = await Promise.all([sendTemplate(shop, input), sendTemplate(shop, input)]);
  expect(first.errors).toEqual([]);
  expect(second).toEqual(first);
  const decided = await harness.events.next(
    'automation.reply-decided',
    ({ data }) => data.decisionId === first.decision?.id,
  );
  expect(decided).toMatchObject({
    aggregateId: conversationId,
    actor: { kind: 'agent', id: shop.agentId },
    data: {
      purpose: 'agent',
      rule: null,
      messageId: first.decision?.messageId,
      content: { kind: 'text', text: 'Seu pedido 2603021KQ8MX7N foi enviado.' },
      template: { templateId: shop.templateId, locale: 'pt-BR' },
    },
  });
  expect(decidedReplies(conversationId)).toHaveLength(1);
  expect((await sendTemplate(shop, { ...input, values: [] })).errors).toMatchObject([{ code: 'CLIENT_ID_REUSED' }]);
});

test('what cannot be sent is refused with what to do, and decides nothing', async () => {
  const shop = await givenShop();
  const { conversationId } = await givenConversation(shop, 'Where is my parcel?');
  const late = await givenConversation(shop, 'Where is my parcel?', {
    channel: 'whatsapp',
    at: new Date(Date.now() - 30 * 3_600_000),
  });
  const refused = async (input: object) => (await sendTemplate(shop, { conversationId, ...input })).errors;
  expect(await refused({ values: [] })).toEqual([
    {
      code: 'TEMPLATE_NOT_RENDERED',
      message: 'Give the values that the template needs: orderNumber.',
      path: ['input', 'values'],
    },
  ]);
  expect(await refused({ templateId: newId() })).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'templateId'] }]);
  expect(await refused({ conversationId: newId() })).toMatchObject([
    { code: 'NOT_FOUND', path: ['input', 'conversationId'] },
  ]);
  expect(await refused({ conversationId: late.conversationId })).toMatchObject([{ code: 'WINDOW_CLOSED' }]);
  const german = await givenShop({
    fallbackLocales: [],
    variants: [{ locale: 'de', text: 'Unterwegs: {orderNumber}' }],
  });
  const there = await givenConversation(german, 'Where is my parcel?');
  const none = await sendTemplate(german, { conversationId: there.conversationId });
  expect(none.errors).toMatchObject([{ code: 'TEMPLATE_NOT_RENDERED', path: ['input', 'templateId'] }]);
  expect(decidedReplies(conversationId)).toEqual([]);
});

test('a conversation shows what was decided about it and what became of that; another workspace sees neither', async () => {
  const shop = await givenShop();
  const { tenantId } = shop;
  const inbound = await givenConversation(shop, 'Where is my parcel?');
  const { conversationId } = inbound;
  const { decision } = await sendTemplate(shop, { conversationId });
  if (decision === null) throw new Error('refused');
  expect((await decisionsOf(shop.agent, conversationId)).edges[0]?.node).toMatchObject({ outcome: null, code: null });
  const conversation = aSnapshot(inbound, new Date());
  const told = { conversation, decisionId: decision.id, outcome: 'refused', code: 'WINDOW_CLOSED' } as const;
  await harness.publish(anEvent('conversation.decision-settled', told, { tenantId, aggregateId: conversationId }));
  await eventually(async () => {
    const { totalCount, edges } = await decisionsOf(shop.agent, conversationId);
    expect(totalCount).toBe(1);
    expect(edges[0]?.node).toMatchObject({
      ...{ id: decision.id, kind: 'REPLY', purpose: 'AGENT', outcome: 'REFUSED', code: 'WINDOW_CLOSED' },
      ...{ agentId: shop.agentId, template: { key: 'shipped' }, conversation: { id: conversationId } },
    });
  });
  const stranger = anAgent(newId<TenantId>(), 'admin');
  expect(await decisionsOf(stranger, conversationId)).toEqual({ totalCount: 0, edges: [] });
  const query = 'query ($id: ID!) { automationDecision(id: $id) { text } }';
  expect((await ask(automation.subgraph, stranger, query, { id: decision.id })).data).toEqual({
    automationDecision: null,
  });
});

test('an erased buyer leaves no words in decisions and their history, and it is told once both topics have brought it', async () => {
  const shop = await givenShop();
  const { tenantId } = shop;
  const { conversationId, accountId } = await givenConversation(shop, 'Where is my parcel?');
  await sendTemplate(shop, { conversationId, values: [{ name: 'orderNumber', value: 'of Ana Quispe' }] });
  const erasureId = newId<ErasureId>();
  const customerId = newId<CustomerId>();
  const of = { tenantId, aggregateId: conversationId };
  const byIngest = anEvent('ingest.buyer-erased', { erasureId, customerId, conversationId, accountId }, of);
  const byConversation = anEvent('conversation.buyer-erased', { erasureId, customerId, conversationId }, of);
  const told = () =>
    harness.events.of('automation.personal-data-erased').filter(({ data }) => data.erasureId === erasureId);
  const kept = async () => {
    const { rows } = await automation.runtime.db.asWorker((trx) =>
      sql<{ n: number }>`select (select count(*) from decision where body::text like '%Quispe%')
        + (select count(*) from outbox_event where envelope::text like '%Quispe%') as n`.execute(trx),
    );
    return Number(rows[0]?.n);
  };
  expect(await kept()).toBe(2);
  await harness.publish(byConversation);
  await eventually(async () => expect(await kept()).toBe(0));
  expect(told()).toEqual([]);
  await harness.publish(byIngest);
  const [once] = await harness.events.count(
    'automation.personal-data-erased',
    1,
    ({ data }) => data.erasureId === erasureId,
  );
  expect(once?.data.rows).toEqual(expect.arrayContaining([{ table: 'decision', count: 1 }]));
  // A repeated erasure is told again, once.
  await harness.publish({ ...byIngest, id: newId() }, { ...byConversation, id: newId() });
  await harness.events.count('automation.personal-data-erased', 2, ({ data }) => data.erasureId === erasureId);
  expect((await decisionsOf(shop.agent, conversationId)).edges[0]?.node).toMatchObject({ text: null });
});

/** An order of the conversation, as ingest and crm tell it. */
async function givenOrder({ tenantId }: Pick<Shop, 'tenantId'>, { conversationId, accountId }: Inbound): Promise<void> {
  const orderId = newId<OrderId>();
  const shipment = { externalShipmentId: 's', platformState: 'x', state: 'in_transit' as const, updatedAt: null };
  const updated = anEvent(
    'ingest.order-updated',
    {
      ...{ orderId, accountId, channel: 'shopee', externalOrderId: '260228K7QX9TMP', state: 'shipped' },
      ...{ platformState: 'SHIPPED', buyerExternalId: null, buyerName: null, recipient: null, items: [] },
      total: { amountMinor: '12980', currency: 'BRL' },
      shipments: [
        { ...shipment, carrier: 'Old', trackingNumber: 'OLD', updatedAt: '2026-03-01T08:00:00.000Z' },
        {
          ...shipment,
          carrier: 'Shopee Xpress',
          trackingNumber: 'BR264401827364S',
          updatedAt: '2026-03-01T09:00:00.000Z',
        },
      ],
      placedAt: '2026-02-28T18:40:02.000Z',
      platformUpdatedAt: '2026-03-01T09:12:44.000Z',
    },
    { tenantId, aggregateId: orderId },
  );
  const order = { orderId, confidence: 0.99, reason: 'PLATFORM_REFERENCE' as const };
  const linked = { conversationId, customerId: newId<CustomerId>(), order };
  await harness.publish(updated, anEvent('crm.conversation-linked', linked, { tenantId, aggregateId: conversationId }));
}

test('S1-2.1: the order of the conversation fills the template, in the preview as in the message', async () => {
  const text = '{orderNumber} of {orderedOn, date, short} for {orderTotal}: {carrier} {trackingNumber}.';
  const variables = [
    ...['orderNumber', 'carrier', 'trackingNumber'].map((name) => ({ name, type: 'TEXT' })),
    { name: 'orderedOn', type: 'DATE' },
    { name: 'orderTotal', type: 'MONEY' },
  ];
  const shop = await givenShop({ variables, variants: [{ locale: 'en', text }] });
  const inbound = await givenConversation(shop, 'Where is my parcel?');
  await givenOrder(shop, inbound);
  const preview = async (input: object) => {
    const query = `query ($input: RenderTemplateInput!) { renderTemplate(input: $input) { text attempts { outcome variables } } }`;
    const wanted = { input: { templateId: shop.templateId, ...input } };
    return (await ask(automation.subgraph, shop.agent, query, wanted)).data as {
      renderTemplate: { text: string | null };
    };
  };
  const filled = '260228K7QX9TMP of 2/28/26 for R$129.80: Shopee Xpress BR264401827364S.';
  const { conversationId } = inbound;
  await eventually(async () => {
    expect((await preview({ conversationId })).renderTemplate.text).toBe(filled);
  });
  expect((await sendTemplate(shop, { conversationId, values: [] })).decision?.text).toBe(filled);
  const values = [{ name: 'carrier', value: 'DHL' }];
  expect((await sendTemplate(shop, { conversationId, values })).decision?.text).toContain(': DHL BR26');
  expect((await preview({ locale: 'en' })).renderTemplate).toMatchObject({ text: null });
  const { agent } = await givenShop();
  const stranger = { ...shop, agent };
  expect((await sendTemplate(stranger, { conversationId, values: [] })).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
});

interface Found {
  readonly rule: string;
}

async function lintReply({ agent }: Shop, input: object): Promise<readonly Found[] | null> {
  const query = `query ($input: LintReplyInput!) { lintReply(input: $input) { rule severity clause message(locale: "zh") } }`;
  const { data, errors } = await ask(automation.subgraph, agent, query, { input });
  expect(errors).toEqual([]);
  return (data as { lintReply: readonly Found[] | null }).lintReply;
}

test('S2-8.2 S5-4.2: rude, cold and mixed words are found in the language of the text, before it is sent', async () => {
  const shop = await givenShop();
  const { conversationId } = await givenConversation(shop, 'Where is my parcel?');
  const rulesOf = async (text: string, locale?: string) =>
    (await lintReply(shop, { conversationId, text, ...(locale === undefined ? {} : { locale }) }))?.map(
      ({ rule }) => rule,
    );
  expect(
    await rulesOf('Bitte beruhigen Sie sich, das ist nicht unser Problem. Wir schicken Ihnen dein Paket.'),
  ).toEqual(['TONE_RUDE', 'TONE_COLD', 'TONE_MIXED_ADDRESS']);
  expect(await rulesOf('您好，这不关我们的事。')).toEqual(['TONE_COLD']);
  expect(await rulesOf('荷物は明日届くよ。')).toEqual(['TONE_NO_HONORIFIC']);
  expect(await rulesOf('Es culpa suya.', 'es-MX')).toEqual(['TONE_BLAME']);
  expect(await rulesOf('Thank you, it arrives tomorrow.')).toEqual([]);
  expect(await lintReply(shop, { conversationId: newId(), text: 'x' })).toBeNull();
});

test('First 8: the preview names what contradicts the order, and what the workspace has lowered only warns', async () => {
  const shop = await givenShop();
  const inbound = await givenConversation(shop, 'Where is my money?', { channel: 'tiktok-shop' });
  await givenOrder(shop, inbound);
  const { conversationId } = inbound;
  const clause = 'Wir erstatten Ihnen 150,00 R$.';
  await eventually(async () => {
    expect(await lintReply(shop, { conversationId, text: `Hallo. ${clause}` })).toEqual([
      { rule: 'CLAIM_AMOUNT', severity: 'STOP', clause, message: '该金额高于买家为此订单支付的金额：请核对。' },
    ]);
  });
  const link = { conversationId, text: 'It is on https://example.com/manual' };
  expect(await lintReply(shop, link)).toMatchObject([{ rule: 'FOREIGN_LINK', severity: 'STOP' }]);
  const lowered = [{ channel: 'tiktok-shop', rule: 'foreign-link' }];
  const { tenantId } = shop;
  await harness.publish(
    anEvent('conversation.lint-settings-changed', { lowered }, { tenantId, aggregateId: tenantId }),
  );
  await eventually(async () => {
    expect(await lintReply(shop, link)).toMatchObject([{ rule: 'FOREIGN_LINK', severity: 'WARN' }]);
  });
});

test('a template says how often it was sent and refused, who wrote again, and why it may be out of date', async () => {
  const shop = await givenShop();
  const { tenantId, agent, templateId } = shop;
  const inbound = await givenConversation(shop, 'Where is my parcel?');
  const { conversationId } = inbound;
  const of = { tenantId, aggregateId: conversationId };
  const conversation = aSnapshot(inbound, new Date());
  const settle = async (result: Pick<EventData<'conversation.decision-settled'>, 'outcome' | 'code'>) => {
    const { decision } = await sendTemplate(shop, { conversationId });
    if (decision === null) throw new Error('refused');
    const told = { conversation, decisionId: decision.id, ...result };
    await harness.publish(anEvent('conversation.decision-settled', told, of));
  };
  await settle({ outcome: 'carried-out', code: null });
  await settle({ outcome: 'refused', code: 'WINDOW_CLOSED' });
  const later = { messageId: newId<MessageId>(), direction: 'inbound', author: 'buyer', kind: 'text' } as const;
  const again = anEvent('conversation.message-added', { conversation, ...later, text: 'And now?' }, of);
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await harness.publish({ ...again, occurredAt: soon });
  const query = `query ($id: ID!, $from: DateTime!, $to: DateTime!) { template(id: $id) {
    statistics(from: $from, to: $to) { sentByPeople sentByMachines refused refusals { code count } reopened }
    staleReasons { kind about } } }`;
  const read = async (from = new Date(Date.now() - 3_600_000), to = new Date(Date.now() + 3_600_000)) => {
    const { data, errors } = await ask(automation.subgraph, agent, query, {
      ...{ id: templateId, from: from.toISOString(), to: to.toISOString() },
    });
    expect(errors).toEqual([]);
    return (data as { template: unknown }).template;
  };
  const nothing = { sentByPeople: 0, sentByMachines: 0, refused: 0, refusals: [], reopened: 0 };
  const refusals = [{ code: 'WINDOW_CLOSED', count: 1 }];
  await eventually(async () => {
    expect(await read()).toEqual({
      statistics: { ...nothing, sentByPeople: 1, refused: 1, refusals, reopened: 1 },
      staleReasons: [],
    });
  });
  const long = 86_400_000 * 300;
  expect(await read(new Date(Date.now() - long), new Date(Date.now() - 3_600_000))).toMatchObject({
    statistics: nothing,
  });
  expect(await read(new Date(Date.now() - 2 * long))).toMatchObject({ statistics: null });
  const input = {
    ...{ key: 'shipped', name: 'Shipped', situation: 'SHIPPED', expectedVersion: 1, fallbackLocales: ['en'] },
    variables: [{ name: 'orderNumber', type: 'TEXT' }],
    variants: [{ locale: 'en', text: 'Order {orderNumber} has left.' }, portuguese],
  };
  const upsert = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { errors { message } } }`;
  await ask(automation.subgraph, anAgent(tenantId, 'supervisor'), upsert, { input });
  expect(await read()).toMatchObject({ staleReasons: [{ kind: 'ORIGINAL_CHANGED', about: ['pt-BR'] }] });
});
