import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type CaseId,
  type ChannelAccountId,
  type ConversationId,
  type EventData,
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

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly detail: string | null;
  readonly words: string;
  readonly wordsZh: string;
  readonly account: { readonly id: string } | null;
}
interface View {
  readonly id: string;
  readonly orders: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
  readonly conversations: { readonly totalCount: number };
  readonly followUps: { readonly totalCount: number };
  readonly returns: { readonly totalCount: number };
  readonly cases: { readonly totalCount: number };
  readonly timeline: {
    readonly edges: readonly { readonly cursor: string; readonly node: Entry }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
}

const viewQuery = `query ($id: ID!, $first: Int!, $after: String) { customer(id: $id) {
  id completeness { score } identities { kind value }
  orders { edges { node { id } } } conversations { totalCount } followUps { totalCount }
  returns { totalCount edges { node { order { id } openedAt endedAt } } } cases { totalCount edges { node { id } } }
  timeline(first: $first, after: $after) { pageInfo { hasNextPage } edges { cursor node {
    id at kind detail words wordsZh account { id } conversation { id } order { id } case { id } followUp { id text } } } } } }`;

async function viewOf(caller: Caller, id: string, first = 50, after: string | null = null): Promise<View> {
  const { data, errors } = await ask(crm.subgraph, caller, viewQuery, { id, first, after });
  expect(errors).toEqual([]);
  return (data as { customer: View }).customer;
}

async function namesOf(caller: Caller, text: string): Promise<string[]> {
  const query = `query ($text: String) { customers(filter: { text: $text }) { totalCount edges { cursor node { displayName } } } }`;
  const { data, errors } = await ask(crm.subgraph, caller, query, { text });
  expect(errors).toEqual([]);
  const { edges } = (data as { customers: { edges: { node: { displayName: string } }[] } }).customers;
  return edges.map(({ node }) => node.displayName);
}

function caseData(conversationId: ConversationId, accountId: ChannelAccountId): EventData<'conversation.case-opened'> {
  const ownerId = newId<AgentId>();
  return {
    case: {
      ...{ caseId: newId<CaseId>(), number: 1, accountId, type: 'return', state: 'open', priority: 'normal', ownerId },
      ...{ teamId: null, cycle: 1, dueAt: '2026-03-10T00:00:00.000Z' },
    },
    ...{ ownerId, conversationId, orderId: null, dueBasis: 'default', policyId: null, policyVersion: null },
  };
}

test('S1-3.3, S4-3.2: orders, returns, cases and talks of a customer on two channels are one timeline in one request', async () => {
  const tenantId = newId<TenantId>();
  const [shop, phone] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const agent = anAgent(tenantId);
  const at = (day: number) => ({ occurredAt: new Date(Date.UTC(2026, 2, day)) });
  const buyer = { ...aBuyer, externalId: 'chat-1', commerceId: 'buyer-1', phone: '+5511987654322' };
  const inShop = givenMessage({ tenantId, accountId: shop, buyer, ...at(3) });
  const byPhone = givenMessage({
    ...{ tenantId, accountId: phone, channel: 'whatsapp', ...at(6) },
    buyer: { ...buyer, externalId: '5511987654322', commerceId: null, name: 'Ana Maria' },
  });
  const order = {
    tenantId,
    accountId: shop,
    orderId: newId<OrderId>(),
    placedAt: new Date(Date.UTC(2026, 2, 1)).toISOString(),
  };
  const updated = (day: number) => ({ platformUpdatedAt: at(day).occurredAt.toISOString() });
  await harness.publish(
    givenOrder({ ...order, ...updated(1) }),
    givenOrder({ ...order, ...updated(2), version: 2 }),
    givenOrder({ ...order, ...updated(4), version: 3, state: 'delivered' }),
    givenOrder({ ...order, ...updated(7), version: 4, state: 'return_open' }),
    inShop,
    byPhone,
  );
  const opened = caseData(byPhone.data.conversationId, phone);
  const { caseId } = opened.case;
  const ofCase = (day: number) => ({ tenantId, aggregateId: caseId, ...at(day) });
  await harness.publish(
    anEvent('conversation.case-opened', opened, ofCase(8)),
    anEvent(
      'conversation.case-state-changed',
      { case: { ...opened.case, state: 'resolved' }, previousState: 'open' },
      { ...ofCase(9), aggregateVersion: 2 },
    ),
  );
  const { data: linked } = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId }) => aggregateId === byPhone.aggregateId,
  );
  const made = await ask(
    crm.subgraph,
    agent,
    `mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) { followUp { id } errors { code } } }`,
    {
      input: {
        ...{ clientMutationId: 'view', customerId: linked.customerId, text: 'Was the refund seen?' },
        dueAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
    },
  );
  expect(made.errors).toEqual([]);

  const expected = [
    ['TIER_CHANGED', expect.any(String), 'They are in another tier'],
    ['FOLLOW_UP_CREATED', 'Was the refund seen?', 'A follow-up was planned'],
    ['CASE_MOVED', 'resolved', 'The case was resolved'],
    ['CASE_OPENED', 'return', 'A case was opened: a return'],
    ['ORDER_STATE', 'return_open', 'A return of the order is open'],
    ['CONVERSATION_BEGUN', null, 'A conversation began'],
    ['ORDER_STATE', 'delivered', 'The order was delivered'],
    ['CONVERSATION_BEGUN', null, 'A conversation began'],
    ['ORDER_STATE', 'to_ship', 'The order is to be shipped'],
    ['ORDER_PLACED', null, 'They placed an order'],
  ];
  const entriesOf = (view: View) => view.timeline.edges.map(({ node }) => node);
  const shown = await eventually(async () => {
    const view = await viewOf(agent, linked.customerId);
    // The first state and the order itself are of one moment.
    const found = entriesOf(view).map(({ kind, detail, words }) => [kind, detail, words]);
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
    return view;
  });
  // Their tier and the follow-up are of now.
  expect(
    entriesOf(shown)
      .slice(2, 8)
      .map(({ words }) => words),
  ).toEqual(expected.slice(2, 8).map(([, , words]) => words));
  expect(entriesOf(shown).every(({ wordsZh }) => /\p{Script=Han}/u.test(wordsZh))).toBe(true);
  expect(shown).toMatchObject({
    orders: { edges: [{ node: { id: order.orderId } }] },
    conversations: { totalCount: 2 },
    followUps: { totalCount: 1 },
    returns: {
      totalCount: 1,
      edges: [{ node: { order: { id: order.orderId }, openedAt: at(7).occurredAt.toISOString(), endedAt: null } }],
    },
    cases: { totalCount: 1, edges: [{ node: { id: caseId } }] },
  });

  // Page by page, it is the same.
  const paged: string[] = [];
  for (let after: string | null = null; ;) {
    const { timeline }: View = await viewOf(agent, linked.customerId, 2, after);
    paged.push(...timeline.edges.map(({ node }) => node.id));
    if (!timeline.pageInfo.hasNextPage) break;
    after = timeline.edges.at(-1)?.cursor ?? null;
  }
  expect(paged).toEqual(entriesOf(shown).map(({ id }) => id));

  // A role with the shop alone sees nothing of what was said by phone.
  const ofShop = { ...agent, access: { stores: [shop], reach: 'all' as const, teams: [] } };
  const limited = await viewOf(ofShop, linked.customerId);
  expect(new Set(entriesOf(limited).flatMap(({ account }) => account?.id ?? []))).toEqual(new Set([shop]));
  expect(entriesOf(limited).map(({ kind }) => kind)).not.toContain('CASE_OPENED');
  expect(entriesOf(limited).map(({ kind }) => kind)).not.toContain('TIER_CHANGED');
  expect(limited).toMatchObject({ returns: { totalCount: 1 }, cases: { totalCount: 0 } });
});

test('S1-3.3: customers are found by how a name begins, in any spelling, and by whole numbers and addresses', async () => {
  const tenantId = newId<TenantId>();
  const agent = anAgent(tenantId);
  const named = (externalId: string, name: string, over: Partial<EventData<'ingest.message-received'>['buyer']> = {}) =>
    givenMessage({ tenantId, accountId: newId(), buyer: { ...aBuyer, externalId, commerceId: null, name, ...over } });
  await harness.publish(
    named('1', 'Ángel Núñez', { email: 'angel@mail.example' }),
    named('2', '王小明'),
    named('3', 'ＡＮＮＡ', { phone: '+4915112345678' }),
    named('4', 'Hanna'),
  );
  await eventually(async () => expect(await namesOf(agent, '')).toHaveLength(4));
  expect(await namesOf(agent, 'anna')).toEqual(['ＡＮＮＡ']);
  expect(await namesOf(agent, 'ánge')).toEqual(['Ángel Núñez']);
  expect(await namesOf(agent, '王')).toEqual(['王小明']);
  expect(await namesOf(agent, '+49 151 1234-5678')).toEqual(['ＡＮＮＡ']);
  expect(await namesOf(agent, 'Angel@mail.example')).toEqual(['Ángel Núñez']);
  expect(await namesOf(agent, 'zzz')).toEqual([]);
  expect(await namesOf(anAgent(newId<TenantId>()), '')).toEqual([]);
});

test('S2-7.4: an order three days after an enquiry counts for it, one after eight days or before it does not', async () => {
  const tenantId = newId<TenantId>();
  const accountId = newId<ChannelAccountId>();
  const supervisor = anAgent(tenantId, 'supervisor');
  const on = (day: number) => new Date(Date.UTC(2026, 3, day));
  const iso = (day: number) => on(day).toISOString();
  const buyers = ['three', 'eight', 'before', 'twice'] as const;
  const asks = (buyer: string, day: number) =>
    givenMessage({
      tenantId,
      accountId,
      buyer: { ...aBuyer, externalId: buyer, commerceId: buyer },
      occurredAt: on(day),
    });
  const buys = (buyer: string, day: number) =>
    givenOrder({
      ...{ tenantId, accountId, buyerExternalId: buyer, externalOrderId: `${buyer}-${day}` },
      placedAt: iso(day),
    });
  await harness.publish(
    ...buyers.map((buyer) => asks(buyer, 10)),
    // Of two conversations, the last one before the order has it.
    asks('twice', 12),
    ...[buys('three', 13), buys('eight', 18), buys('before', 9), buys('twice', 13), buys('twice', 14)],
  );
  const query = `query ($from: DateTime!, $to: DateTime!, $windowDays: Int!) {
    conversionAfterContact(from: $from, to: $to, windowDays: $windowDays) {
      conversations convertedConversations rate orders attributedOrders } }`;
  const conversion = async (windowDays: number) => {
    const { data, errors } = await ask(crm.subgraph, supervisor, query, { from: iso(1), to: iso(30), windowDays });
    expect(errors).toEqual([]);
    return (data as { conversionAfterContact: unknown }).conversionAfterContact;
  };
  await eventually(async () =>
    expect(await conversion(7)).toEqual({
      ...{ conversations: 5, convertedConversations: 2, rate: 0.4, orders: 5, attributedOrders: 3 },
    }),
  );
  expect(await conversion(8)).toMatchObject({ convertedConversations: 3, attributedOrders: 4 });
  expect(await conversion(2)).toMatchObject({ convertedConversations: 1, attributedOrders: 2 });
  const refused = await ask(crm.subgraph, supervisor, query, { from: iso(2), to: iso(1), windowDays: 7 });
  expect(refused.errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});
