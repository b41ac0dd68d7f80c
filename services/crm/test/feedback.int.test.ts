import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type CaseId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type EventData,
  type FeedbackId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
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

const fields = `id source kind score text type urgency reason handling priority state version skus
  impact { orders customers skus } customer { id } conversation { id } order { id } account { id } case { id }
  classifiedBy { id } recordedBy { id } confirmedAt`;
interface Shown {
  readonly id: string;
  readonly source: string;
  readonly text: string | null;
  readonly version: number;
  readonly skus: readonly string[];
}

async function answerOf(caller: Caller, query: string, variables: Record<string, unknown>): Promise<unknown> {
  const { data, errors } = await ask(crm.subgraph, caller, query, variables);
  expect(errors).toEqual([]);
  return data;
}

async function listed(caller: Caller, filter: object = {}): Promise<Shown[]> {
  const query = `query ($filter: FeedbackFilter) { feedback(filter: $filter) { totalCount edges { node { ${fields} } } } }`;
  const data = (await answerOf(caller, query, { filter })) as { feedback: { edges: { node: Shown }[] } };
  return data.feedback.edges.map(({ node }) => node);
}

const inputs = {
  recordFeedback: 'RecordFeedbackInput',
  classifyFeedback: 'ClassifyFeedbackInput',
  settleFeedback: 'FeedbackInput',
  confirmFeedback: 'ConfirmFeedbackInput',
} as const;
interface Payload {
  readonly feedback: Shown | null;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function act(caller: Caller, name: keyof typeof inputs, input: object): Promise<Payload> {
  const query = `mutation ($input: ${inputs[name]}!) { ${name}(input: $input) { feedback { ${fields} } errors { code path } } }`;
  return (
    ((await answerOf(caller, query, { input })) as Record<string, Payload>)[name] ?? { feedback: null, errors: [] }
  );
}

async function done(caller: Caller, name: keyof typeof inputs, input: object): Promise<Shown> {
  const { feedback, errors } = await act(caller, name, input);
  expect({ name, errors }).toEqual({ name, errors: [] });
  if (feedback === null) throw new Error(`${name} answered nothing`);
  return feedback;
}

interface Shop {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly agentId: AgentId;
  readonly agent: Caller;
}

function givenShop(): Shop {
  const tenantId = newId<TenantId>();
  const agentId = newId<AgentId>();
  return { tenantId, agentId, accountId: newId<ChannelAccountId>(), agent: anAgent(tenantId, 'agent', agentId) };
}

/** A buyer of the store who has ordered and written. */
async function givenBuyer({ tenantId, accountId }: Shop, name: string) {
  const orderId = newId<OrderId>();
  const externalOrderId = `O-${name}`;
  const order = givenOrder({ tenantId, accountId, orderId, externalOrderId, buyerExternalId: name });
  const buyer = { ...aBuyer, externalId: `chat-${name}`, commerceId: name, phone: null, email: null };
  const message = givenMessage({ tenantId, accountId, buyer });
  await harness.publish(order, message);
  const linked = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId }) => aggregateId === message.aggregateId,
  );
  const { conversationId, customerId } = linked.data;
  return { orderId, externalOrderId, conversationId, customerId };
}

type Reported = EventData<'ingest.feedback-reported'>;

function reported({ tenantId, accountId }: Shop, given: Partial<Reported>, version = 1) {
  const id = given.platformFeedbackId ?? newId<FeedbackId>();
  const data: Reported = {
    ...{ platformFeedbackId: id, accountId, channel: 'generic', externalFeedbackId: id, kind: 'product-review' },
    ...{ score: 1, text: 'The zip broke', language: 'en', buyerExternalId: null, externalOrderId: null },
    ...{ skus: ['BAG-1'], givenAt: '2026-03-02T09:12:44.000Z', ...given },
  };
  return anEvent('ingest.feedback-reported', data, { tenantId, aggregateId: id, aggregateVersion: version });
}

const receivedOf = ({ tenantId }: Shop) =>
  harness.events.of('crm.feedback-received').filter((event) => event.tenantId === tenantId);

test('what a platform reports, a person notes and a message says becomes one kind of thing, each once', async () => {
  const shop = givenShop();
  const { agent, agentId, accountId } = shop;
  const ana = await givenBuyer(shop, 'ana');
  const review = reported(shop, { externalFeedbackId: 'R-1', buyerExternalId: 'ana', externalOrderId: 'O-ana' });
  await harness.publish(review);
  const told = await harness.events.next('crm.feedback-received', ({ tenantId }) => tenantId === shop.tenantId);
  const about = { accountId, profileId: ana.customerId, conversationId: ana.conversationId, orderId: ana.orderId };
  expect(told.data).toMatchObject({
    ...{ source: 'platform', kind: 'product-review', type: 'product', urgency: 'high', handling: 'special', score: 1 },
    ...{ ...about, skus: ['BAG-1'] },
  });

  const wish = {
    clientMutationId: 'by phone',
    kind: 'SUGGESTION',
    customerId: ana.customerId,
    text: 'Ship faster: delivery',
  };
  const noted = await done(agent, 'recordFeedback', wish);
  expect(noted).toMatchObject({
    ...{ source: 'AGENT', type: 'LOGISTICS', urgency: 'NORMAL', handling: 'STANDARD', state: 'NEW' },
    ...{ customer: { id: ana.customerId }, account: null, recordedBy: { id: agentId }, classifiedBy: null },
  });
  expect(await done(agent, 'recordFeedback', wish)).toEqual(noted);
  const messageId = newId();
  const said = {
    kind: 'SUGGESTION',
    conversationId: ana.conversationId,
    messageId,
    text: 'A bigger size would be nice',
  };
  const ofMessage = await done(agent, 'recordFeedback', { ...said, clientMutationId: 'one' });
  // Somebody else notes the same message.
  expect(await done(anAgent(shop.tenantId), 'recordFeedback', { ...said, clientMutationId: 'two' })).toEqual(ofMessage);
  expect(ofMessage).toMatchObject({ source: 'MESSAGE', order: { id: ana.orderId }, account: { id: accountId } });
  expect(receivedOf(shop).map(({ data }) => data.source)).toEqual(['platform', 'agent', 'message']);

  // The buyer changes the review: it is the same one, and better words do not take back that it was told.
  await harness.publish(
    reported(shop, { ...review.data, score: 4, text: 'They sent another one' }, 2),
    reported(shop, { externalFeedbackId: 'R-2', kind: 'service-rating', score: 5, text: null, skus: [] }),
  );
  await eventually(async () => {
    const found = await listed(agent, { sources: ['PLATFORM'] });
    expect(new Set(found.map(({ text }) => text))).toEqual(new Set(['They sent another one', null]));
  });
  expect(await listed(agent, { scoreMax: 4.5 })).toMatchObject([{ score: 4, urgency: 'LOW' }]);
  const [settled] = await listed(agent, { sku: 'BAG-1' });
  expect(
    await done(agent, 'settleFeedback', { feedbackId: settled?.id, expectedVersion: settled?.version }),
  ).toMatchObject({ state: 'HANDLED' });
  // What was done was about other words.
  await harness.publish(reported(shop, { ...review.data, score: 1, text: 'It broke again' }, 3));
  await eventually(async () =>
    expect(await listed(agent, { sku: 'BAG-1' })).toMatchObject([{ state: 'NEW', urgency: 'HIGH' }]),
  );
  expect(await listed(agent, { customerId: ana.customerId })).toHaveLength(3);
  expect(await listed(anAgent(newId<TenantId>()))).toEqual([]);
});

test('S3-6.2: the impact counts orders, customers and goods of the same trouble within 30 days', async () => {
  const shop = givenShop();
  const buyers = ['ana', 'bea', 'cai'];
  for (const name of buyers) await givenBuyer(shop, name);
  const of = (name: string, given: Partial<Reported> = {}) =>
    reported(shop, { buyerExternalId: name, externalOrderId: `O-${name}`, ...given });
  const first = of('ana', { skus: ['BAG-1', 'BAG-2'] });
  await harness.publish(
    first,
    // The same buyer, the same order, once more.
    of('ana', { skus: ['BAG-1'], score: 2 }),
    of('bea'),
    of('cai', { text: 'Delivery was late' }),
    of('cai', { skus: ['HAT-1'] }),
    of('cai', { givenAt: '2026-05-02T09:12:44.000Z' }),
    // Known to nobody, but an order and a buyer.
    of('dee', { skus: ['BAG-2'] }),
  );
  const shown = await eventually(async () => {
    const found = await listed(shop.agent, { sources: ['PLATFORM'] });
    expect(found).toHaveLength(7);
    return found;
  });
  expect(shown.find(({ skus }) => skus.length === 2)).toMatchObject({
    ...{ type: 'PRODUCT', impact: { orders: 3, customers: 3, skus: 2 }, urgency: 'HIGH', priority: 'URGENT' },
  });
  expect(shown.find(({ text }) => text === 'Delivery was late')).toMatchObject({
    ...{ type: 'LOGISTICS', impact: { orders: 1, customers: 1, skus: 1 }, priority: 'HIGH' },
  });
  // Whoever sees other stores only sees and counts nothing of it.
  const elsewhere = {
    ...shop.agent,
    access: { stores: [newId<ChannelAccountId>()], reach: 'all' as const, teams: [] },
  };
  expect(await listed(elsewhere)).toEqual([]);
});

interface Opened {
  readonly shop: Shop;
  readonly feedbackId: FeedbackId;
  readonly conversationId: ConversationId;
  readonly caseId: CaseId;
}

function caseMoved({ shop, feedbackId, conversationId, caseId }: Opened, state: 'open' | 'resolved', version: number) {
  const { tenantId, accountId, agentId: ownerId } = shop;
  const one: EventData<'conversation.case-opened'>['case'] = {
    ...{ caseId, number: 1, accountId, type: 'quality', state, priority: 'high', ownerId, teamId: null },
    ...{ cycle: 1, dueAt: '2026-03-10T00:00:00.000Z' },
  };
  const on = { tenantId, aggregateId: caseId, aggregateVersion: version };
  const opened = { case: one, ownerId, conversationId, orderId: null, feedbackId };
  if (version === 1)
    return anEvent(
      'conversation.case-opened',
      { ...opened, dueBasis: 'default', policyId: null, policyVersion: null },
      on,
    );
  const previousState = state === 'open' ? ('resolved' as const) : ('open' as const);
  return anEvent('conversation.case-state-changed', { case: one, previousState }, on);
}

test('S3-6.3: only the word of the buyer confirms; one who is not satisfied makes it urgent again', async () => {
  const shop = givenShop();
  const { agent, agentId } = shop;
  const ana = await givenBuyer(shop, 'ana');
  const wish = { clientMutationId: 'bad', kind: 'SERVICE_RATING', conversationId: ana.conversationId, score: 2 };
  const one = await done(agent, 'recordFeedback', wish);
  expect(one).toMatchObject({ urgency: 'HIGH', handling: 'SPECIAL', state: 'NEW', case: null });
  const feedbackId = one.id as FeedbackId;
  const opened = { shop, feedbackId, conversationId: ana.conversationId, caseId: newId<CaseId>() };
  const stateOf = async () => {
    const [found] = await listed(agent, { states: ['NEW', 'HANDLING', 'HANDLED', 'CONFIRMED'] });
    if (found === undefined) throw new Error('it is gone');
    return found;
  };
  const becomes = (expected: object) =>
    eventually(async () => {
      const found = await stateOf();
      expect(found).toMatchObject(expected);
      return found.version;
    });
  await harness.publish(caseMoved(opened, 'open', 1));
  let expectedVersion = await becomes({ state: 'HANDLING', case: { id: opened.caseId } });
  // Nobody can be asked yet, and a case is not settled by hand.
  const early = await act(agent, 'confirmFeedback', { feedbackId, expectedVersion, outcome: 'SATISFIED' });
  expect(early.errors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }]);
  const byHand = await act(agent, 'settleFeedback', { feedbackId, expectedVersion });
  expect(byHand.errors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }]);

  await harness.publish(caseMoved(opened, 'resolved', 2));
  expectedVersion = await becomes({ state: 'HANDLED', confirmedAt: null });
  const unhappy = await done(agent, 'confirmFeedback', { feedbackId, expectedVersion, outcome: 'NOT_SATISFIED' });
  expect(unhappy).toMatchObject({ state: 'HANDLING', urgency: 'URGENT', handling: 'ESCALATION' });
  const escalated = await harness.events.next(
    'crm.feedback-escalated',
    ({ aggregateId }) => aggregateId === feedbackId,
  );
  expect(escalated.data).toMatchObject({ reason: 'not-satisfied', handling: 'escalation', urgency: 'urgent' });
  const answers = () =>
    harness.events.of('crm.feedback-confirmed').filter(({ data }) => data.feedbackId === feedbackId);
  expect(answers().map(({ data }) => data)).toMatchObject([
    { outcome: 'not-satisfied', caseId: opened.caseId, confirmedBy: agentId },
  ]);

  await harness.publish(caseMoved(opened, 'open', 3), caseMoved(opened, 'resolved', 4));
  expectedVersion = await becomes({ state: 'HANDLED' });
  expect(await done(agent, 'confirmFeedback', { feedbackId, expectedVersion, outcome: 'SATISFIED' })).toMatchObject({
    state: 'CONFIRMED',
    confirmedAt: expect.any(String),
  });
  await harness.events.next(
    'crm.feedback-confirmed',
    ({ data }) => data.outcome === 'satisfied' && data.feedbackId === feedbackId,
  );
  expect(answers()).toHaveLength(2);
});

test('a person corrects the rules, and what a person said stays', async () => {
  const shop = givenShop();
  const { agent, agentId } = shop;
  await givenBuyer(shop, 'ana');
  const review = reported(shop, { buyerExternalId: 'ana', score: 4, text: 'Nice, but the lamp gets hot' });
  await harness.publish(review);
  const [one] = await eventually(async () => {
    const found = await listed(agent);
    expect(found).toMatchObject([{ type: 'OTHER', urgency: 'LOW', reason: 'score 4; no words of a type' }]);
    return found;
  });
  const said = { feedbackId: one?.id, type: 'PRODUCT', urgency: 'URGENT', expectedVersion: 1 };
  expect(await done(agent, 'classifyFeedback', said)).toMatchObject({
    ...{ type: 'PRODUCT', urgency: 'URGENT', handling: 'ESCALATION', classifiedBy: { id: agentId }, version: 2 },
  });
  const told = await harness.events.next('crm.feedback-escalated', ({ aggregateId }) => aggregateId === one?.id);
  expect(told.data.reason).toBe('reclassified');
  expect(await act(agent, 'classifyFeedback', said)).toMatchObject({
    feedback: { version: 2 },
    errors: [{ code: 'VERSION_CONFLICT' }],
  });
  await harness.publish(reported(shop, { ...review.data, text: 'Very nice' }, 2));
  await eventually(async () => expect(await listed(agent)).toMatchObject([{ text: 'Very nice', urgency: 'URGENT' }]));

  const refused = async (input: object) => {
    const { errors } = await act(agent, 'recordFeedback', {
      clientMutationId: newId(),
      kind: 'SUGGESTION',
      text: 'x',
      ...input,
    });
    return errors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  expect(await refused({})).toEqual(['INVALID_INPUT input.customerId']);
  expect(await refused({ customerId: newId() })).toEqual(['NOT_FOUND input.customerId']);
  expect(await refused({ conversationId: newId() })).toEqual(['NOT_FOUND input.conversationId']);
  expect(await refused({ orderId: newId() })).toEqual(['NOT_FOUND input.orderId']);
  expect(await refused({ orderId: newId(), language: 'the one of Ana' })).toEqual(['INVALID_INPUT input.language']);
  expect(await refused({ orderId: newId(), text: '\u200b ' })).toEqual(['INVALID_INPUT input.text']);
  expect(await refused({ orderId: newId(), score: 6 })).toEqual(['INVALID_INPUT input.score']);
  expect(await refused({ orderId: newId(), text: null })).toEqual(['INVALID_INPUT input.text']);
  expect(await refused({ orderId: newId(), messageId: newId() })).toEqual(['INVALID_INPUT input.conversationId']);
  expect(await refused({ orderId: newId(), kind: 'SURVEY_ANSWER' })).toEqual(['INVALID_INPUT input.kind']);
});

test('a review that comes before its buyer finds the conversation later, and then asks for a case', async () => {
  const shop = givenShop();
  await harness.publish(reported(shop, { buyerExternalId: 'eve', externalOrderId: 'O-eve', score: 1 }));
  await eventually(async () =>
    expect(await listed(shop.agent)).toMatchObject([{ conversation: null, customer: null, order: null }]),
  );
  const eve = await givenBuyer(shop, 'eve');
  const told = await harness.events.next('crm.feedback-escalated', ({ tenantId }) => tenantId === shop.tenantId);
  expect(told.data).toMatchObject({ reason: 'linked', conversationId: eve.conversationId, profileId: eve.customerId });
  expect(await listed(shop.agent)).toMatchObject([{ customer: { id: eve.customerId }, order: { id: eve.orderId } }]);
});

test('an erasure empties the words of the customer, on all platforms and from people', async () => {
  const shop = givenShop();
  const { tenantId, accountId, agent } = shop;
  const { customerId, conversationId } = await givenBuyer(shop, 'ana');
  await harness.publish(reported(shop, { buyerExternalId: 'ana', text: 'Call Ana at home' }));
  await done(agent, 'recordFeedback', {
    clientMutationId: 'e',
    kind: 'SUGGESTION',
    customerId,
    text: 'Ana wants blue',
  });
  await eventually(async () => expect(await listed(agent)).toHaveLength(2));
  const data = {
    erasureId: newId<ErasureId>(),
    customerId: customerId satisfies CustomerId,
    conversationId,
    accountId,
  };
  await harness.publish(anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId }));
  await eventually(async () => expect((await listed(agent)).map(({ text }) => text)).toEqual(['', '']));
});
