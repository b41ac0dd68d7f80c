import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
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
import { givenCase, givenOrder } from './given.ts';

const now = new Date('2026-06-30T12:00:00.000Z');
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

async function asSupervisor<Result>(tenantId: TenantId, query: string, variables: object = {}): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, 'supervisor'), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const on = (day: number) => new Date(Date.UTC(2026, 5, day));
const buys = (tenantId: TenantId, accountId: ChannelAccountId, buyer: string, day: number, over: object = {}) =>
  givenOrder({
    ...{ tenantId, accountId, buyerExternalId: buyer, externalOrderId: `${buyer}-${day}` },
    ...{ placedAt: on(day).toISOString(), platformUpdatedAt: on(day).toISOString(), state: 'completed' },
    ...over,
  });
const asks = (tenantId: TenantId, accountId: ChannelAccountId, buyer: string, day: number, over: object = {}) =>
  givenMessage({
    ...{ tenantId, accountId, occurredAt: on(day) },
    buyer: { ...aBuyer, externalId: buyer, commerceId: buyer, ...over },
  });

/** The contacts that an order was attributed to, in the order of their events. */
const toldOf = (order: EventOf<'ingest.order-updated'>) =>
  harness.events
    .of('crm.order-attributed')
    .filter(({ data }) => data.orderId === order.data.orderId)
    .map(({ data }) => data.conversationId);
const told = (order: EventOf<'ingest.order-updated'>, conversations: readonly (ConversationId | null)[]) =>
  eventually(async () => {
    await Promise.resolve();
    expect(toldOf(order)).toEqual(conversations);
  });

test('S2-7.4: an order counts for the last conversation of its buyer within seven days, once, and again only when that is another', async () => {
  const tenantId = newId<TenantId>();
  const [shop, phone] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const first = asks(tenantId, shop, 'ana', 10);
  const second = asks(tenantId, shop, 'ana', 12, { phone: '+5511987654322' });
  const [soon, late] = [buys(tenantId, shop, 'ana', 13), buys(tenantId, shop, 'ana', 20)];
  // The order is known before whoever placed it.
  await harness.publish(soon, late, first, second);
  await told(soon, [second.data.conversationId]);
  await told(late, []);
  // The same again changes nothing; a later snapshot neither.
  await harness.publish({ ...soon, id: newId(), aggregateVersion: 2 });
  // On the phone they wrote a day before the other order: now both are one customer, it counts for that.
  const onPhone = givenMessage({
    ...{ tenantId, accountId: phone, channel: 'whatsapp', occurredAt: on(19) },
    buyer: { ...aBuyer, externalId: '5511987654322', commerceId: null, phone: '+5511987654322' },
  });
  await harness.publish(onPhone);
  await told(late, [onPhone.data.conversationId]);
  // The number proves nothing any more: they are two customers again, and the order counts for nothing; then one again.
  const key = { kind: 'PHONE', value: '+5511987654322' };
  const block = `mutation($input: BlockIdentityKeyInput!) { made: blockIdentityKey(input: $input) { errors { code } } }`;
  expect(await asSupervisor(tenantId, block, { input: { ...key, reason: 'It is of a shop.' } })).toEqual({
    made: { errors: [] },
  });
  await told(late, [onPhone.data.conversationId, null]);
  const unblock = `mutation($input: UnblockIdentityKeyInput!) { made: unblockIdentityKey(input: $input) { errors { code } } }`;
  expect(await asSupervisor(tenantId, unblock, { input: key })).toEqual({ made: { errors: [] } });
  await told(late, [onPhone.data.conversationId, null, onPhone.data.conversationId]);
  expect(toldOf(soon)).toEqual([second.data.conversationId]);
  const versions = harness.events
    .of('crm.order-attributed')
    .filter((event) => event.tenantId === tenantId)
    .map(({ aggregateVersion }) => aggregateVersion);
  expect(new Set(versions).size).toBe(versions.length);
});

const disputes = `query($from: DateTime!, $to: DateTime!) { disputeRate(from: $from, to: $to) {
  withContact { orders disputed rate isTooFew } withoutContact { orders disputed rate isTooFew } } }`;

test('S2-7.4: orders after a contact and orders without one have their shares of disputes, with the counts; a few have none', async () => {
  const tenantId = newId<TenantId>();
  const shop = newId<ChannelAccountId>();
  const names = Array.from({ length: 30 }, (_, n) => `buyer-${n}`);
  const questions = names.map((name) => asks(tenantId, shop, name, 10));
  const after = names.map((name) => buys(tenantId, shop, name, 12));
  const without = names.map((name) => buys(tenantId, shop, `silent-${name}`, 12));
  await harness.publish(...after, ...without, ...questions);
  const [question] = questions;
  if (question === undefined) throw new Error('there are questions');
  const about = (order: EventOf<'ingest.order-updated'> | undefined) =>
    givenCase({
      ...{
        tenantId,
        accountId: shop,
        conversationId: question.data.conversationId,
        type: 'dispute',
        occurredAt: on(20),
      },
      orderId: order?.data.orderId ?? null,
    });
  await harness.publish(about(after[0]), about(without[0]), about(without[1]), about(without[2]));
  const rateOf = async (from: number) => {
    const variables = { from: on(from).toISOString(), to: on(30).toISOString() };
    return (await asSupervisor<{ disputeRate: object }>(tenantId, disputes, variables)).disputeRate;
  };
  await eventually(async () =>
    expect(await rateOf(1)).toEqual({
      withContact: { orders: 30, disputed: 1, rate: 1 / 30, isTooFew: false },
      withoutContact: { orders: 30, disputed: 3, rate: 0.1, isTooFew: false },
    }),
  );
  const none = { orders: 0, disputed: 0, rate: null, isTooFew: true };
  expect(await rateOf(13)).toEqual({ withContact: none, withoutContact: none });
  const period = { from: on(1).toISOString(), to: on(30).toISOString() };
  expect(await asSupervisor(newId<TenantId>(), disputes, period)).toEqual({
    disputeRate: { withContact: none, withoutContact: none },
  });
});

const analysis = `query($id: ID!) { customerAnalysis(segmentId: $id) { customers
  tiers { tier customers yearSpend { amount currency } retentionBase retained retention clv { amount } isTooFew }
  needs { total isTooFew parts { name count share } } regions { isTooFew parts { name count } }
  channels { parts { name count } } byTier { parts { name count } } } }`;
interface Analysis {
  readonly customers: number;
  readonly tiers: readonly { readonly tier: string }[];
  readonly needs: object;
}

async function segmentOf(tenantId: TenantId, sku: string): Promise<string> {
  const condition = { leaf: { field: 'orders.sku', op: 'IN', values: [sku] } };
  const save = `mutation($input: UpsertSegmentInput!) { upsertSegment(input: $input) { segment { id } errors { message } } }`;
  const { upsertSegment } = await asSupervisor<{ upsertSegment: { segment: { id: string } | null; errors: object[] } }>(
    tenantId,
    save,
    { input: { name: sku, condition } },
  );
  expect(upsertSegment.errors).toEqual([]);
  return upsertSegment.segment?.id ?? '';
}

test('S3-11.3: what a segment is worth with the inputs and counts, what it needs and who it is; of a few only that they are too few', async () => {
  const tenantId = newId<TenantId>();
  const shop = newId<ChannelAccountId>();
  const nobody = { name: null, phone: null, fullAddress: null, city: null, postalCode: null, isMasked: false };
  const goods = (sku: string) => [
    { externalItemId: sku, sku, title: sku, variant: null, imageUrl: null, quantity: 1, unitPrice: null },
  ];
  const usd = { total: { amountMinor: '12000', currency: 'USD' }, recipient: { ...nobody, region: 'BR' } };
  const yearAgo = new Date(Date.UTC(2025, 5, 20)).toISOString();
  const names = Array.from({ length: 48 }, (_, n) => `n${n}`);
  // All of them bought a lamp a year ago; every second one bought again.
  const before = names.map((name) =>
    buys(tenantId, shop, name, 0, { ...usd, items: goods('LAMP'), placedAt: yearAgo }),
  );
  const again = names
    .filter((_, n) => n % 2 === 0)
    .map((name) => buys(tenantId, shop, name, 20, { ...usd, items: goods('LAMP') }));
  const rare = buys(tenantId, shop, 'n0', 21, { ...usd, items: goods('RARE'), state: 'completed' });
  const questions = names.map((name) => asks(tenantId, shop, name, 22));
  await harness.publish(...questions, ...before, ...again, rare);
  await harness.publish(
    ...questions.slice(0, 24).map(({ data: { conversationId } }) => {
      const times = { waitingSince: null, lastMessageAt: on(22).toISOString(), unreadCount: 0 };
      const work = { channel: 'shopee', state: 'pending', priority: 'normal', assigneeId: null } as const;
      const conversation = {
        ...({ conversationId, accountId: shop, enquiryType: 'logistics', language: 'pt' } as const),
        ...work,
        ...times,
      };
      const data = { conversation, change: 'classified', previousState: 'pending' } as const;
      return anEvent('conversation.changed', data, { tenantId, aggregateId: conversationId });
    }),
  );
  const [many, few] = [await segmentOf(tenantId, 'LAMP'), await segmentOf(tenantId, 'RARE')];
  const of = async (id: string) =>
    (await asSupervisor<{ customerAnalysis: Analysis | null }>(tenantId, analysis, { id })).customerAnalysis;
  const found = await eventually(async () => {
    const shown = await of(many);
    expect(shown).toMatchObject({
      customers: 48,
      needs: {
        ...{ total: 48, isTooFew: false },
        parts: [
          { name: 'logistics', count: 24, share: 0.5 },
          { name: 'unknown', count: 24, share: 0.5 },
        ],
      },
      regions: { isTooFew: false, parts: [{ name: 'BR', count: 48 }] },
      channels: { parts: [{ name: 'shopee', count: 48 }] },
    });
    return shown;
  });
  // 24 are in POTENTIAL now, one of them with an order more; 48 were a year ago, and half of them came back:
  // 125.00 x (0.5 + 0.25 + 0.125).
  expect(found?.tiers.find(({ tier }) => tier === 'POTENTIAL')).toEqual({
    ...{ tier: 'POTENTIAL', customers: 24, yearSpend: { amount: '125.00', currency: 'USD' } },
    ...{ retentionBase: 48, retained: 24, retention: 0.5, clv: { amount: '109.38' }, isTooFew: false },
  });
  const fewShown = await of(few);
  expect(fewShown).toMatchObject({ customers: 1, needs: { total: 1, isTooFew: true, parts: [] } });
  expect(fewShown?.tiers).toEqual(
    expect.arrayContaining([expect.objectContaining({ yearSpend: null, retention: null, clv: null, isTooFew: true })]),
  );
  expect(await of(newId())).toBeNull();
  const limited = { ...anAgent(tenantId, 'supervisor'), access: { stores: [shop], reach: 'all' as const, teams: [] } };
  const { errors } = await ask(crm.subgraph, limited, analysis, { id: many });
  expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
});
