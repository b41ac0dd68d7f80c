import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
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
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { passGate } from '../src/outreach/decide.commands.ts';
import { claimDue } from '../src/outreach/outreach.store.ts';
import { decisionSettled, givenOrder } from './given.ts';

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

async function asAdmin<Result>(tenantId: TenantId, query: string, variables: object = {}): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, 'admin'), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const setNotice = `mutation($input: SetStageNoticeInput!) { setStageNotice(input: $input) {
  notice { version isOn } errors { code message } } }`;
const outreachOf = `query($id: ID!) { customer(id: $id) { consents { purpose state basis wording }
  reachability { unreachableReason softBounceCount }
  outreach { id kind state reason arm conversation { id } } } }`;
interface Customer {
  readonly consents: readonly { readonly purpose: string; readonly state: string; readonly basis: string }[];
  readonly reachability: readonly { readonly unreachableReason: string | null; readonly softBounceCount: number }[];
  readonly outreach: readonly { readonly id: string; readonly state: string; readonly reason: string | null }[];
}

const texts = [
  { locale: 'en', text: 'Hello {name}, order {order} is on its way.' },
  { locale: 'pt-BR', text: 'Olá {name}, o pedido {order} está a caminho.' },
];

interface Shop {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly customerId: string;
  readonly conversationId: ConversationId;
}

/** A store that tells of shipped orders, and a buyer who has written to it. */
async function givenShop(channel: 'generic' | 'amazon' = 'generic', tenantId = newId<TenantId>()): Promise<Shop> {
  const accountId = newId<ChannelAccountId>();
  const buyer = { ...aBuyer, locale: 'pt-BR' };
  const input = { accountId, stage: 'SHIPPED', texts, isOn: true, expectedVersion: 0 };
  expect(await asAdmin(tenantId, setNotice, { input })).toEqual({
    setStageNotice: { notice: { version: 1, isOn: true }, errors: [] },
  });
  const message = givenMessage({ tenantId, accountId, channel, buyer });
  await harness.publish(message);
  const linked = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId }) => aggregateId === message.aggregateId,
  );
  return { tenantId, accountId, customerId: linked.data.customerId, conversationId: message.data.conversationId };
}

const shipped = ({ tenantId, accountId }: Shop, changes: Partial<Parameters<typeof givenOrder>[0]> = {}) =>
  givenOrder({ tenantId, accountId, state: 'shipped', platformUpdatedAt: new Date().toISOString(), ...changes });

async function read({ tenantId, customerId }: Shop): Promise<Customer> {
  return (await asAdmin<{ customer: Customer }>(tenantId, outreachOf, { id: customerId })).customer;
}

/** The one message that was planned for the buyer, when it is as expected. */
const planned = (shop: Shop, expected: object) =>
  eventually(async () => {
    const { outreach } = await read(shop);
    expect(outreach).toMatchObject([expected]);
    return outreach[0]?.id ?? '';
  });

const decidedFor = ({ conversationId }: Shop) =>
  harness.events.next('crm.message-decided', ({ aggregateId }) => aggregateId === conversationId);
const decidedIn = ({ tenantId }: Shop) =>
  harness.events.of('crm.message-decided').filter((event) => event.tenantId === tenantId);

test('S3-5.2: a shipped order is told once, in the language of the buyer; older changes and other stages are not', async () => {
  const shop = await givenShop();
  const order = shipped(shop);
  const old = shipped(shop, { externalOrderId: 'OLD1', platformUpdatedAt: '2026-01-02T03:04:05.678Z' });
  const other = shipped(shop, { externalOrderId: 'NEW1', state: 'delivered' });
  await harness.publish(old, other, order);
  const decided = await decidedFor(shop);
  expect(decided.data).toMatchObject({
    kind: 'stage-notice',
    purpose: 'service',
    content: { kind: 'text', text: 'Olá Ana, o pedido 240918ABCX7 está a caminho.' },
  });
  // The same stage again, in a later snapshot.
  await harness.publish({ ...order, id: newId(), aggregateVersion: 2 }, decisionSettled(decided));
  const id = await planned(shop, { state: 'SENT', kind: 'STAGE_NOTICE', arm: 'MESSAGE', reason: null });
  expect(id).toBe(decided.data.decisionId);
  expect(decidedIn(shop)).toHaveLength(1);
});

test('S1-3.5: what is not sent names its reason, with every check and what it was given', async () => {
  const shop = await givenShop();
  const stop = givenMessage({
    ...{
      tenantId: shop.tenantId,
      accountId: shop.accountId,
      channel: 'generic',
      buyer: { ...aBuyer, locale: 'pt-BR' },
    },
    ...{ conversationId: shop.conversationId, content: { kind: 'text', text: 'STOP!' } },
  });
  await harness.publish(stop);
  await eventually(async () =>
    expect((await read(shop)).consents).toEqual([
      { purpose: 'MARKETING', state: 'WITHDRAWN', basis: 'WORD_OF_BUYER', wording: 'STOP!' },
      { purpose: 'SERVICE', state: 'WITHDRAWN', basis: 'WORD_OF_BUYER', wording: 'STOP!' },
    ]),
  );
  await harness.publish(shipped(shop));
  const id = await planned(shop, { state: 'SUPPRESSED', reason: 'OBJECTED' });
  const explain = `query($id: ID!) { explainOutreach(id: $id) { reason checks { check isPassed given } } }`;
  const { explainOutreach } = await asAdmin<{ explainOutreach: { checks: object[] } }>(shop.tenantId, explain, { id });
  expect(explainOutreach.checks).toContainEqual({
    check: 'OBJECTED',
    isPassed: false,
    given: 'consent to service: withdrawn',
  });
  // Another workspace does not see it.
  expect(await asAdmin(newId<TenantId>(), explain, { id })).toEqual({ explainOutreach: null });
  // They agree again, and the next order is told.
  const record = `mutation($input: RecordConsentInput!) { recordConsent(input: $input) { consent { state } errors { code } } }`;
  const agrees = { customerId: shop.customerId, purpose: 'SERVICE', state: 'GRANTED', basis: 'TOLD_TO_A_PERSON' };
  expect(await asAdmin(shop.tenantId, record, { input: agrees })).toEqual({
    recordConsent: { consent: null, errors: [{ code: 'INVALID_INPUT' }] },
  });
  await asAdmin(shop.tenantId, record, { input: { ...agrees, wording: 'Please tell me about my orders.' } });
  await harness.publish(shipped(shop, { externalOrderId: 'NEXT1' }));
  expect((await decidedFor(shop)).data.content).toMatchObject({ text: 'Olá Ana, o pedido NEXT1 está a caminho.' });
  expect(decidedIn(shop)).toHaveLength(1);
});

test('a platform that takes no free texts gets none', async () => {
  const shop = await givenShop('amazon');
  await harness.publish(shipped(shop));
  await planned(shop, { state: 'SUPPRESSED', reason: 'POLICY' });
  expect(decidedIn(shop)).toEqual([]);
});

test('S1-3.8: whom messages do not reach is shown, and not written to until they write again', async () => {
  const shop = await givenShop();
  const { tenantId, accountId, conversationId } = shop;
  const fails = (failure: 'RECIPIENT_UNREACHABLE' | 'PLATFORM_ERROR' | 'QUOTA') => {
    const data = {
      messageId: newId<MessageId>(),
      conversationId: conversationId,
      accountId,
      status: 'failed' as const,
    };
    const told = { ...data, failure, detail: null, externalMessageId: null };
    return anEvent('ingest.delivery-updated', told, { tenantId, aggregateId: conversationId });
  };
  await harness.publish(fails('QUOTA'), fails('PLATFORM_ERROR'), fails('PLATFORM_ERROR'));
  await eventually(async () =>
    expect((await read(shop)).reachability).toEqual([{ unreachableReason: null, softBounceCount: 2 }]),
  );
  await harness.publish(fails('PLATFORM_ERROR'));
  await eventually(async () =>
    expect((await read(shop)).reachability).toEqual([{ unreachableReason: 'SOFT_BOUNCES', softBounceCount: 3 }]),
  );
  await harness.publish(shipped(shop));
  await planned(shop, { state: 'SUPPRESSED', reason: 'UNREACHABLE' });
  const again = { tenantId, accountId, channel: 'generic', conversationId: conversationId } as const;
  await harness.publish(givenMessage({ ...again, buyer: aBuyer }));
  await eventually(async () =>
    expect((await read(shop)).reachability).toEqual([{ unreachableReason: null, softBounceCount: 0 }]),
  );
});

test('whoever crashes after the decision, or claims it a second time, sends no second message', async () => {
  const shop = await givenShop();
  const { tenantId } = shop;
  await crm.runtime.db.asWorker((trx) =>
    sql`update stage_notice set on_since = now() - interval '1 hour' where tenant_id = ${tenantId}`.execute(trx),
  );
  // Due in two hours, so that the gate of the service leaves it to the test.
  const input = { accountId: shop.accountId, stage: 'PAYMENT_HELP', texts, isOn: true, expectedVersion: 0 };
  await asAdmin(tenantId, setNotice, { input });
  await harness.publish(shipped(shop, { state: 'pending_payment' }));
  await planned(shop, { state: 'PLANNED' });
  const later = { now: () => new Date(Date.now() + 3 * 3_600_000) };
  const deps = { outbox: crm.runtime.outbox, clock: later, suppressionKey: Buffer.alloc(32) };
  const { db } = crm.runtime;
  const [claimed] = await db.asWorker((trx) => claimDue(trx, 1, later.now()));
  if (claimed === undefined) throw new Error('nothing was due');
  const crash = new Error('the process ends before it commits');
  const dies = db.asWorker(async (trx) => {
    await passGate(deps, trx, claimed);
    throw crash;
  });
  await expect(dies).rejects.toThrow(crash);
  await planned(shop, { state: 'PLANNED' });
  // Its lease ends: two workers have it, one of them with the old claim, and one looks twice.
  const past = { now: () => new Date(later.now().getTime() + 120_000) };
  const [again] = await db.asWorker((trx) => claimDue(trx, 1, past.now()));
  if (again === undefined) throw new Error('the lease did not end');
  await Promise.all([claimed, again, again].map((one) => db.asWorker((trx) => passGate(deps, trx, one))));
  await planned(shop, { state: 'DECIDED' });
  const decided = await decidedFor(shop);
  await db.asWorker((trx) => passGate(deps, trx, again));
  await harness.publish(decisionSettled(decided, 'WINDOW_CLOSED'));
  await planned(shop, { state: 'REFUSED', reason: 'WINDOW_CLOSED' });
  expect(decidedIn(shop)).toHaveLength(1);
});

test('a notice is changed by its version, and its texts must render', async () => {
  const tenantId = newId<TenantId>();
  const wish = { accountId: newId<ChannelAccountId>(), stage: 'SHIPPED', isOn: true, expectedVersion: 0 };
  const set = async (changes: object) =>
    (
      await asAdmin<{ setStageNotice: { errors: { code: string }[] } }>(tenantId, setNotice, {
        input: { ...wish, texts, ...changes },
      })
    ).setStageNotice.errors.map(({ code }) => code);
  expect(await set({ texts: [{ locale: 'en', text: 'Dear {customer}' }] })).toEqual(['INVALID_INPUT']);
  expect(await set({ texts: [] })).toEqual(['INVALID_INPUT']);
  expect(await set({})).toEqual([]);
  expect(await set({ isOn: false })).toEqual(['VERSION_CONFLICT']);
  const list = `{ stageNotices { stage isOn version texts { locale } } }`;
  expect(await asAdmin(tenantId, list)).toEqual({
    stageNotices: [{ stage: 'SHIPPED', isOn: true, version: 1, texts: [{ locale: 'en' }, { locale: 'pt-BR' }] }],
  });
});
