import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type Buyer,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type EventOf,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  anEvent,
  ask,
  eventually,
  type EventLog,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { type CrmService, openCrm } from '../src/app.ts';
import { givenOrder } from './given.ts';
import { createDesk, type Shown, shown, supervisorId, byText } from './who-is-who.ts';

let harness: TestHarness;
let crm: CrmService;
let log: EventLog;

beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
  log = harness.events;
  await crm.start();
});

afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

const { as, customersOf, groupsOf, profilesOf, decide } = createDesk(() => crm);

/** Buyers of a workspace, each at an account of their own. */
function aWorkspace() {
  const tenantId = newId<TenantId>();
  const conversations = new Map<string, ConversationId>();
  const accounts = new Map<string, ChannelAccountId>();
  const known = <Id>(ids: Map<string, Id>, name: string, create: () => Id): Id => {
    const id = ids.get(name) ?? create();
    ids.set(name, id);
    return id;
  };
  const wrote = (externalId: string, buyer: Partial<Buyer> = {}, { day = '2026-01-01', channel = 'generic' } = {}) =>
    givenMessage({
      ...{ tenantId, channel, occurredAt: new Date(`${day}T10:00:00.000Z`) },
      accountId: known(accounts, externalId, newId<ChannelAccountId>),
      conversationId: known(conversations, externalId, newId<ConversationId>),
      buyer: { ...aBuyer, name: null, commerceId: null, externalId, ...buyer },
    });
  return { tenantId, wrote };
}

const phone = '+5511987654321';
const why = { reason: 'she told me on the phone' };

test('D24: a merge says why, is undone at any time, and conversations follow both ways', async () => {
  const { tenantId, wrote } = aWorkspace();
  const [shop, app, mail] = [
    wrote('shop', { phone, name: 'Ana Souza' }),
    wrote('app', { phone }),
    wrote('mail', { email: 'ana@example.com' }),
  ];
  await harness.publish(shop);
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['shop']));
  await harness.publish(app);
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['app+shop']));
  await harness.publish(mail);
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['app+shop', 'mail']));
  const ids = await profilesOf(tenantId);
  const [shopId, appId, mailId] = [ids.get('shop'), ids.get('app'), ids.get('mail')];
  const [one] = (await customersOf(tenantId)).filter(({ profiles }) => profiles.length === 2);
  expect(one).toMatchObject({
    ...{ id: shopId, displayName: 'Ana Souza' },
    mergeEdges: [{ evidence: 'PHONE', key: phone, confidence: 0.97, since: '2026-01-01', decidedBy: null }],
  });
  expect(new Set(one?.mergeEdges[0]?.profileIds)).toEqual(new Set([shopId, appId]));

  // By hand, with who and why.
  const merged = await decide(
    tenantId,
    'mergeCustomers',
    { customerId: appId, otherCustomerId: mailId, ...why },
    'agent',
  );
  expect(merged).toMatchObject({ customers: [{ id: shopId }], errors: [] });
  const all = (await customersOf(tenantId))[0];
  expect(all?.mergeEdges).toContainEqual(
    expect.objectContaining({ evidence: 'HAND', key: null, confidence: 1, decidedBy: { id: supervisorId }, ...why }),
  );
  const mergedEvent = await log.next('crm.customer-merged', ({ data }) => data.customerId === mailId);
  expect(mergedEvent).toMatchObject({
    aggregateId: mailId,
    data: { into: shopId, profileIds: [mailId], edges: [{ evidence: 'hand' }] },
  });
  const linkOf = (event: EventOf<'ingest.message-received'>) =>
    log.of('crm.conversation-linked').findLast(({ aggregateId }) => aggregateId === event.aggregateId)?.data.customerId;
  await eventually(() => Promise.resolve(expect(linkOf(mail)).toBe(shopId)));

  // The number goes, the decision stays: the way between app and mail is that decision.
  const parted = await decide(tenantId, 'undoMerge', {
    profileId: shopId,
    otherProfileId: appId,
    reason: 'recycled number',
  });
  expect(parted).toMatchObject({ stillJoinedBy: [], errors: [] });
  expect(new Set(parted.customers.map(({ id }) => id))).toEqual(new Set([shopId, appId]));
  expect(await groupsOf(tenantId)).toEqual(['app+mail', 'shop']);
  const splitEvent = await log.next('crm.customer-split', ({ data }) => data.customerId === appId);
  expect(splitEvent.data).toMatchObject({ from: shopId, profileIds: [appId, mailId] });
  await eventually(() =>
    Promise.resolve(expect([linkOf(mail), linkOf(app), linkOf(shop)]).toEqual([appId, appId, shopId])),
  );
  expect(await decide(tenantId, 'undoMerge', { profileId: mailId, otherProfileId: appId, ...why })).toMatchObject({
    errors: [],
  });
  expect(await groupsOf(tenantId)).toEqual(['app', 'mail', 'shop']);
  // A new message of a number that was cut joins nobody again.
  await harness.publish(wrote('app', { phone }, { day: '2026-01-03' }));
  const again = await decide(tenantId, 'undoMerge', { profileId: shopId, otherProfileId: appId, ...why });
  expect(again.errors).toMatchObject([{ code: 'NOT_JOINED' }]);

  const apart = await decide(tenantId, 'keepApart', { profileId: shopId, otherProfileId: mailId, ...why });
  expect(apart.errors).toEqual([]);
  await decide(tenantId, 'mergeCustomers', { customerId: shopId, otherCustomerId: appId, ...why });
  const refused = await decide(tenantId, 'mergeCustomers', { customerId: appId, otherCustomerId: mailId, ...why });
  expect(refused.errors).toMatchObject([{ code: 'KEPT_APART', message: expect.stringContaining(mailId ?? '-') }]);
  expect(await groupsOf(tenantId)).toEqual(['app+shop', 'mail']);
  // Nothing is decided about whom one does not know, without a reason, or about one alone.
  const stranger = { customerId: shopId, otherCustomerId: newId() };
  expect((await decide(tenantId, 'mergeCustomers', { ...stranger, ...why })).errors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
  const same = { customerId: shopId, otherCustomerId: shopId };
  expect((await decide(tenantId, 'mergeCustomers', { ...same, ...why })).errors).toMatchObject([
    { code: 'INVALID_INPUT' },
  ]);
  expect(
    (await decide(tenantId, 'keepApart', { profileId: shopId, otherProfileId: appId, reason: ' ' })).errors,
  ).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect(
    (await decide(newId<TenantId>(), 'keepApart', { profileId: shopId, otherProfileId: appId, ...why })).errors,
  ).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('what a customer is worth follows each merge and each undoing of it', async () => {
  const { tenantId, wrote } = aWorkspace();
  const [ana, bo] = [wrote('ana', { phone, commerceId: 'ana' }), wrote('bo', { phone, commerceId: 'bo' })];
  const total = { amountMinor: '1000', currency: 'USD' };
  const bought = ({ data: { accountId, buyer } }: typeof ana) =>
    givenOrder({
      tenantId,
      accountId,
      buyerExternalId: buyer.commerceId,
      externalOrderId: `of ${buyer.externalId}`,
      total,
    });
  await harness.publish(ana, bo, bought(ana), bought(bo));
  const orderCounts = async () => {
    const query = '{ customers { edges { node { spend { orderCount } tier } } } }';
    type Worth = { spend: { orderCount: number }; tier: string | null };
    const { customers } = await as<{ customers: { edges: { node: Worth }[] } }>(tenantId, query);
    expect(customers.edges.every(({ node }) => node.tier !== null)).toBe(true);
    return customers.edges.map(({ node }) => node.spend.orderCount);
  };
  await eventually(async () => expect(await orderCounts()).toEqual([2]));
  const key = { kind: 'PHONE', value: phone };
  for (let round = 0; round < 2; round += 1) {
    expect((await decide(tenantId, 'blockIdentityKey', { ...key, ...why })).errors).toEqual([]);
    expect(await orderCounts()).toEqual([1, 1]);
    expect((await decide(tenantId, 'unblockIdentityKey', key)).errors).toEqual([]);
    expect(await orderCounts()).toEqual([2]);
  }
});

test('a thread under two ids is one buyer, whatever people decide', async () => {
  const { tenantId, wrote } = aWorkspace();
  const first = wrote('old-id', {}, { channel: 'whatsapp' });
  const { conversationId, accountId } = first.data;
  const second = givenMessage({
    ...first.data,
    tenantId,
    conversationId,
    accountId,
    messageId: newId(),
    externalMessageId: 'm-2',
    buyer: { ...first.data.buyer, externalId: 'new-id' },
  });
  await harness.publish(first, second);
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['new-id+old-id']));
  const ids = await profilesOf(tenantId);
  const pair = { profileId: ids.get('old-id'), otherProfileId: ids.get('new-id'), ...why };
  expect((await decide(tenantId, 'undoMerge', pair)).errors).toMatchObject([{ code: 'SAME_AT_PLATFORM' }]);
  expect((await decide(tenantId, 'keepApart', pair)).errors).toMatchObject([{ code: 'SAME_AT_PLATFORM' }]);
  // One conversation, once in the timeline.
  const [one] = await customersOf(tenantId);
  const query =
    'query ($id: ID!) { customer(id: $id) { conversations { totalCount } timeline { edges { node { kind } } } } }';
  expect(await as(tenantId, query, { id: one?.id })).toMatchObject({
    customer: { conversations: { totalCount: 1 }, timeline: { edges: [{ node: { kind: 'CONVERSATION_BEGUN' } }] } },
  });
});

test('what is not sure enough is proposed, decided by people, and gone with what spoke for it', async () => {
  const { tenantId, wrote } = aWorkspace();
  const other = '+5511987650000';
  await harness.publish(
    wrote('long-ago', { phone }, { day: '2024-01-01' }),
    wrote('now', { phone }, { day: '2026-01-01' }),
    wrote('dots', { email: 'ana.souza@gmail.com', name: 'Ana Souza' }),
    wrote('plain', { email: 'anasouza+shop@gmail.com', name: 'ana souza' }),
    wrote('before', { phone: other }, { day: '2024-01-01' }),
    wrote('after', { phone: other }, { day: '2026-01-01' }),
  );
  interface Proposal {
    readonly id: string;
    readonly score: number;
    readonly reasons: readonly string[];
    readonly customers: readonly Shown[];
  }
  const proposals = async () => {
    const query = `{ mergeProposals { totalCount edges { node { id score reasons customers { ${shown} } } } } }`;
    const { mergeProposals } = await as<{ mergeProposals: { totalCount: number; edges: { node: Proposal }[] } }>(
      tenantId,
      query,
    );
    expect(mergeProposals.totalCount).toBe(mergeProposals.edges.length);
    return new Map(
      mergeProposals.edges.map(({ node }) => [
        node.customers
          .flatMap(({ profiles }) => profiles.map(({ externalId }) => externalId ?? ''))
          .sort(byText)
          .join('+'),
        node,
      ]),
    );
  };
  await eventually(async () =>
    expect([...(await proposals()).keys()].sort()).toEqual(['after+before', 'dots+plain', 'long-ago+now']),
  );
  const found = await proposals();
  expect(found.get('dots+plain')).toMatchObject({ score: 3, reasons: ['NEAR_EMAIL', 'SAME_NAME'] });
  expect(found.get('long-ago+now')).toMatchObject({ score: 2, reasons: ['SAME_PHONE'] });
  const settle = (name: string, isOne: boolean) =>
    decide(tenantId, 'decideProposal', { proposalId: found.get(name)?.id, isOne, ...why }, 'agent');
  expect(await settle('dots+plain', true)).toMatchObject({ errors: [], customers: [{}] });
  expect((await settle('long-ago+now', false)).customers).toHaveLength(2);
  expect((await settle('long-ago+now', true)).errors).toMatchObject([{ code: 'ALREADY_DECIDED' }]);
  expect(await groupsOf(tenantId)).toEqual(['after', 'before', 'dots+plain', 'long-ago', 'now']);
  // Somebody who is kept apart is not proposed again when they write again.
  await harness.publish(wrote('now', { phone }, { day: '2026-02-01' }));
  // A number that a lead blocks is not asked about; an agent blocks none.
  expect(
    (await decide(tenantId, 'blockIdentityKey', { kind: 'PHONE', value: other, ...why }, 'agent')).errors,
  ).toMatchObject([{ code: 'FORBIDDEN' }]);
  expect(
    (await decide(tenantId, 'blockIdentityKey', { kind: 'PHONE', value: '+55 11 98765-0000', ...why })).customers,
  ).toHaveLength(2);
  expect([...(await proposals()).keys()]).toEqual([]);
  expect((await decide(tenantId, 'unblockIdentityKey', { kind: 'PHONE', value: other })).errors).toEqual([]);
  expect([...(await proposals()).keys()]).toEqual(['after+before']);
  expect((await decide(tenantId, 'unblockIdentityKey', { kind: 'PHONE', value: other })).errors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
});

test('a number that turns out to be shared loses its merges by itself, and a blocked one at once', async () => {
  const { tenantId, wrote } = aWorkspace();
  const names = Array.from({ length: 9 }, (_, n) => `buyer-${n}`);
  await harness.publish(...names.slice(0, 8).map((name) => wrote(name, { phone })));
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual([names.slice(0, 8).join('+')]));
  await harness.publish(wrote('buyer-8', { phone }));
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(names));

  const second = aWorkspace();
  await harness.publish(second.wrote('a', { phone }), second.wrote('b', { phone }), second.wrote('c', { phone }));
  await eventually(async () => expect(await groupsOf(second.tenantId)).toEqual(['a+b+c']));
  expect(
    (await decide(second.tenantId, 'blockIdentityKey', { kind: 'PHONE', value: phone, ...why })).customers,
  ).toHaveLength(3);
  expect(await groupsOf(second.tenantId)).toEqual(['a', 'b', 'c']);
  expect((await decide(second.tenantId, 'unblockIdentityKey', { kind: 'PHONE', value: phone })).customers).toHaveLength(
    1,
  );
});

test('an erasure takes the profiles of the day it was requested, and nobody who joined them since', async () => {
  const { tenantId, wrote } = aWorkspace();
  const [ana, stranger] = [
    wrote('ana', { phone, email: 'ana@example.com', name: 'Ana' }),
    wrote('stranger', { phone, name: 'Bo' }),
  ];
  await harness.publish(ana);
  const [before] = await eventually(async () => {
    const found = await customersOf(tenantId);
    expect(found).toHaveLength(1);
    return found;
  });
  const query = 'mutation ($id: ID!) { eraseCustomer(input: { customerId: $id }) { erasure { id } errors { code } } }';
  const { data } = await ask(crm.subgraph, anAgent(tenantId, 'admin'), query, { id: before?.id });
  const { eraseCustomer } = data as { eraseCustomer: { erasure: { id: string }; errors: object[] } };
  expect(eraseCustomer.errors).toEqual([]);
  await harness.publish(stranger);
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['ana+stranger']));
  const { conversationId, accountId } = ana.data;
  const erased = {
    ...{
      conversationId,
      accountId,
      customerId: before?.id as CustomerId,
      erasureId: eraseCustomer.erasure.id as ErasureId,
    },
  };
  await harness.publish(anEvent('ingest.buyer-erased', erased, { tenantId, aggregateId: conversationId }));
  await eventually(async () => {
    const found = await customersOf(tenantId);
    expect(
      found.map(({ displayName, profiles }) => [displayName, profiles.map(({ externalId }) => externalId)]),
    ).toEqual([
      ['Bo', ['stranger']],
      [null, [null]],
    ]);
  });
  // Who was erased and writes again is somebody new, found by the number of the other.
  await harness.publish(wrote('ana', { phone, name: 'Ana' }));
  await eventually(async () => expect(await groupsOf(tenantId)).toEqual(['', 'ana+stranger']));
});
