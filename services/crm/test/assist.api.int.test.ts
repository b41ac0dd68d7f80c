import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { aBuyer, anAgent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type CrmService, openCrm } from '../src/app.ts';
import { givenCase, givenOrder } from './given.ts';

/** Morning everywhere in Brazil. */
const now = new Date('2026-03-10T13:00:00.000Z');
let harness: TestHarness;
let crm: CrmService;
beforeAll(async () => {
  harness = await openHarness({ clock: { now: () => now } });
  crm = await openCrm(harness.deps);
  await crm.start();
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

async function as<Result>(caller: Caller, query: string, variables: object = {}): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, caller, query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const item = (sku: string) => ({
  ...{ externalItemId: sku, sku, title: sku, variant: null, imageUrl: null, quantity: 1, unitPrice: null },
});
const on = (month: number, day: number) => new Date(Date.UTC(2026, month - 1, day));

const assistQuery = `query($id: ID!) { agentAssist(conversationId: $id) {
  customer { id }
  greeting { text locale localeFrom name partOfDay region regionFrom }
  bought { order { id } account { id } placedAt state total { amount currency } skus }
  open { ...fact } summary { ...fact }
  offers { reason words wordsZh offers { sku becauseOf buyersOfTheirs boughtBoth buyers lift } } } }
  fragment fact on AssistFact { kind words wordsZh at detail customer { id } conversation { id } order { id } case { id }
    followUp { id } }`;
interface Fact {
  readonly kind: string;
  readonly words: string;
  readonly detail: string | null;
}
interface Assist {
  readonly customer: { readonly id: string };
  readonly greeting: object;
  readonly bought: readonly object[];
  readonly open: readonly Fact[];
  readonly summary: readonly Fact[];
  readonly offers: { readonly reason: string | null; readonly offers: readonly object[] };
}

async function assist(caller: Caller, id: string): Promise<Assist | null> {
  return (await as<{ agentAssist: Assist | null }>(caller, assistQuery, { id })).agentAssist;
}

/** A store where three buyers of a lamp bought a shade as well, and six others a mug. */
async function givenStore(tenantId: TenantId, accountId: ChannelAccountId): Promise<void> {
  const buys = (buyer: string, ...skus: string[]) =>
    givenOrder({
      ...{ tenantId, accountId, buyerExternalId: buyer, externalOrderId: `of-${buyer}`, items: skus.map(item) },
      placedAt: on(1, 5).toISOString(),
    });
  await harness.publish(
    ...['1', '2', '3'].map((n) => buys(`lamp-${n}`, 'LAMP', 'SHADE')),
    ...['1', '2', '3', '4', '5', '6'].map((n) => buys(`mug-${n}`, 'MUG')),
  );
}

/** Ana wrote to the store about an order that arrived broken, and to its phone; another order is on its way. */
async function givenAna(tenantId: TenantId) {
  const [shop, phone] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const buyer = { ...aBuyer, name: 'ANA SOUZA', locale: 'pt-BR', phone: '+5511987654322' };
  const inShop = givenMessage({ tenantId, accountId: shop, channel: 'generic', buyer, occurredAt: on(3, 8) });
  const byPhone = givenMessage({
    ...{ tenantId, accountId: phone, channel: 'whatsapp', occurredAt: on(3, 2) },
    buyer: { ...buyer, externalId: '5511987654322', commerceId: null },
  });
  const nobody = { name: null, phone: null, fullAddress: null, city: null, postalCode: null, isMasked: false };
  const recipient = { ...nobody, region: 'BR' };
  const order = { tenantId, accountId: shop, recipient };
  const lamp = givenOrder({
    ...{ ...order, externalOrderId: 'LAMP1', state: 'delivered', items: [item('LAMP')] },
    total: { amountMinor: '10000', currency: 'BRL' },
    ...{ placedAt: on(2, 1).toISOString(), platformUpdatedAt: on(2, 9).toISOString() },
  });
  const bulb = givenOrder({
    ...{ ...order, externalOrderId: 'BULB1', state: 'shipped', items: [item('BULB')] },
    ...{ placedAt: on(3, 1).toISOString(), platformUpdatedAt: on(3, 3).toISOString() },
  });
  await givenStore(tenantId, shop);
  await harness.publish(inShop, byPhone, lamp, bulb);
  const about = { conversationId: inShop.data.conversationId, orderId: lamp.data.orderId };
  await harness.publish(givenCase({ tenantId, accountId: shop, ...about, type: 'damaged', occurredAt: on(3, 9) }));
  return {
    tenantId,
    shop,
    phone,
    inShop: inShop.data.conversationId,
    byPhone: byPhone.data.conversationId,
    lamp,
    bulb,
  };
}

const plan = `mutation($input: CreateFollowUpInput!) { createFollowUp(input: $input) { followUp { id } errors { code } } }`;
const record = `mutation($input: RecordConsentInput!) { recordConsent(input: $input) { consent { state } errors { code } } }`;

test('S4-3.1: greeting in their language and time of day, what they bought and what is open; an offer only with consent', async () => {
  const tenantId = newId<TenantId>();
  const ana = await givenAna(tenantId);
  const supervisor = anAgent(tenantId, 'supervisor');
  const id = await eventually(async () => {
    const found = await assist(supervisor, ana.inShop);
    expect(found?.bought).toHaveLength(2);
    expect(found?.open.map(({ kind }) => kind)).toEqual(['CASE_OPEN', 'ORDER_OPEN']);
    expect(found?.summary.map(({ kind }) => kind)).toContain('WROTE_ELSEWHERE');
    return found?.customer.id ?? '';
  });
  await as(supervisor, plan, {
    input: { clientMutationId: 'a', customerId: id, text: 'Send the new glass', dueAt: on(3, 20).toISOString() },
  });
  await as(supervisor, `mutation($input: TagCustomerInput!) { tagCustomer(input: $input) { errors { code } } }`, {
    input: { customerId: id, tag: 'VIP' },
  });
  const found = await assist(supervisor, ana.inShop);
  expect(found).toMatchObject({
    greeting: {
      ...{ text: 'Bom dia, Ana!', locale: 'pt', localeFrom: 'PLATFORM', name: 'Ana' },
      ...{ partOfDay: 'MORNING', region: 'BR', regionFrom: 'ORDER' },
    },
    bought: [
      { order: { id: ana.bulb.data.orderId }, state: 'shipped', total: null, skus: ['BULB'] },
      { order: { id: ana.lamp.data.orderId }, total: { amount: '100.00', currency: 'BRL' }, skus: ['LAMP'] },
    ],
    open: [
      { kind: 'FOLLOW_UP_OPEN', words: 'To be done: Send the new glass' },
      { kind: 'CASE_OPEN', words: 'A case was opened: damaged goods', wordsZh: '创建售后单：商品破损' },
      { kind: 'ORDER_OPEN', words: 'The order was shipped', order: { id: ana.bulb.data.orderId } },
    ],
  });
  expect(found?.summary.map(({ kind, detail }) => [kind, detail])).toEqual([
    ['KNOWN_SINCE', null],
    ['TIER', expect.any(String)],
    ['TAG', 'VIP'],
    ['ORDERS_PLACED', '2'],
    ['FOLLOW_UP_OPEN', 'Send the new glass'],
    ['CASE_OPEN', 'damaged'],
    ['ORDER_OPEN', 'shipped'],
    ['WROTE_ELSEWHERE', 'whatsapp'],
  ]);
  // Each fact has exactly one reference.
  const references = (fact: object) =>
    ['customer', 'conversation', 'order', 'case', 'followUp'].filter((key) => Reflect.get(fact, key) !== null);
  for (const fact of [...(found?.summary ?? []), ...(found?.open ?? [])]) expect(references(fact)).toHaveLength(1);

  // Nobody asked them: no offer, and it says so.
  const offered = async () => (await assist(supervisor, ana.inShop))?.offers;
  expect(await offered()).toMatchObject({
    ...{ reason: 'NO_CONSENT', words: 'No offer: they have not agreed to marketing.', offers: [] },
  });
  const say = (state: 'GRANTED' | 'WITHDRAWN', basis = 'OPT_IN') =>
    as(supervisor, record, { input: { customerId: id, purpose: 'MARKETING', state, basis, wording: 'News, please.' } });
  await say('GRANTED');
  expect(await offered()).toEqual({
    ...{ reason: null, words: 'They agreed to marketing.', wordsZh: '客户已同意接收营销信息。' },
    offers: [{ sku: 'SHADE', becauseOf: ['LAMP'], buyersOfTheirs: 4, boughtBoth: 3, buyers: 10, lift: 2.5 }],
  });
  // On WhatsApp, marketing needs an approved template.
  expect((await assist(supervisor, ana.byPhone))?.offers).toMatchObject({ reason: 'POLICY', offers: [] });
  await say('WITHDRAWN', 'TOLD_TO_A_PERSON');
  expect(await offered()).toMatchObject({ reason: 'OBJECTED', offers: [] });

  // A role with the phone alone sees nothing of the store, and the objection all the same.
  const limited = { ...supervisor, access: { stores: [ana.phone], reach: 'all' as const, teams: [] } };
  expect(await assist(limited, ana.inShop)).toBeNull();
  expect(await assist(limited, ana.byPhone)).toMatchObject({
    ...{ bought: [], open: [{ kind: 'FOLLOW_UP_OPEN' }], offers: { reason: 'OBJECTED' } },
  });
  expect(await assist(anAgent(newId<TenantId>()), ana.inShop)).toBeNull();

  // All of it is in the timeline.
  const timeline = `query($id: ID!) { customer(id: $id) { timeline(first: 100) { edges { node { kind detail } } } } }`;
  type Timeline = { customer: { timeline: { edges: { node: { kind: string; detail: string | null } }[] } } };
  const kindsFor = async (caller: Caller) => {
    const { customer } = await as<Timeline>(caller, timeline, { id });
    return customer.timeline.edges.map(({ node }) => [node.kind, node.detail]);
  };
  expect(await kindsFor(supervisor)).toEqual(
    expect.arrayContaining([
      ['TAGGED', 'VIP'],
      ['TIER_CHANGED', expect.any(String)],
      ['CONSENT_GIVEN', 'marketing'],
      ['CONSENT_WITHDRAWN', 'marketing'],
    ]),
  );
  expect((await kindsFor(limited)).map(([kind]) => kind)).not.toContain('TIER_CHANGED');
});
