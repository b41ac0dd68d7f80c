import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import {
  connectAs,
  type Connected,
  conversationOf,
  inputOf,
  openPlatforms,
  type Platforms,
  replyTo,
  statusOf,
} from './platforms.ts';

let here: Platforms;
let aheadMs = 0;
const dayMs = 86_400_000;
const tenantId = newId<TenantId>();
beforeAll(async () => {
  here = await openPlatforms('account-life', {}, { now: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => here.close());

async function asAdmin<Result>(query: string, variables: Record<string, unknown>): Promise<Result> {
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), query, variables);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data as Result;
}

interface Shown {
  readonly status: string;
  readonly consent: { readonly daysLeft: number; readonly isEnding: boolean; readonly whatToDo: string | null } | null;
  readonly sending: { readonly state: string; readonly reason: string | null; readonly waitingCount: number };
}

async function shown({ accountId }: Connected): Promise<Shown> {
  const query = `query($id: ID!) { channelAccount(id: $id) { status
    consent { daysLeft isAssumed isEnding whatToDo whatToDoZh } sending { state reason detail until whatToDo waitingCount } } }`;
  const { channelAccount } = await asAdmin<{ channelAccount: Shown }>(query, { id: accountId });
  return channelAccount;
}

/** Connects the account again with the credentials that the platform shows now, and these. */
async function connectAgain({ shop }: Connected, changed: Record<string, string> = {}): Promise<void> {
  const now = here.twin.shops().find((one) => one.externalAccountId === shop.externalAccountId) ?? shop;
  const { errors } = await connectAs(
    here.ingest,
    tenantId,
    inputOf({ ...now, credentials: { ...now.credentials, ...changed } }),
  );
  expect(errors).toEqual([]);
}

test('S1-1.3: the end of an authorisation is announced 30, 7 and 1 days ahead, once each, and withdrawn when it is renewed', async () => {
  const shop = await here.connect(tenantId, 'shopee', '840000001');
  expect((await shown(shop)).consent).toMatchObject({
    daysLeft: 364,
    isAssumed: true,
    isEnding: false,
    whatToDo: null,
  });
  const endsIn = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
  await connectAgain(shop, { consent_ends_at: endsIn(40) });
  expect((await shown(shop)).consent).toMatchObject({ daysLeft: 39, isAssumed: false, isEnding: false });
  const told = () =>
    here.harness.events
      .of('ingest.authorisation-changed')
      .flatMap(({ data }) => (data.accountId === shop.accountId ? [data.warnedDays ?? data.change] : []));
  for (const [day, warnings] of [
    [11, [30]],
    [33.5, [30, 7]],
    [39.5, [30, 7, 1]],
  ] as const) {
    aheadMs = day * dayMs;
    await eventually(async () => expect(told()).toEqual(warnings));
  }
  expect((await shown(shop)).consent).toMatchObject({ daysLeft: 0, isEnding: true, whatToDo: expect.any(String) });
  aheadMs = 0;
  await connectAgain(shop, { consent_ends_at: endsIn(200) });
  await eventually(async () => expect(told()).toEqual([30, 7, 1, 'renewed']));
  expect((await shown(shop)).consent).toMatchObject({ daysLeft: 199, isEnding: false, whatToDo: null });
});

const waitingOf = `query($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Message { waiting { reason until whatToDo whatToDoZh } } } }`;

async function waiting(messageId: string): Promise<unknown> {
  const representations = [{ __typename: 'Message', id: messageId }];
  const {
    _entities: [message],
  } = await asAdmin<{ _entities: { waiting: unknown }[] }>(waitingOf, { representations });
  return message?.waiting;
}

test('replies to an account without authorisation wait with the reason and go out in order, once each, after it', async () => {
  const shop = await here.connect(tenantId, 'shopee', '840000002');
  const conversationId = await conversationOf(here, shop, 'patient');
  await connectAgain(shop, { refresh_token: 'spent', expires_at: '1200000000' });
  const replies = ['wait 1', 'wait 2', 'wait 3'].map((text) => replyTo(shop, conversationId, text));
  await here.harness.publish(...replies);
  await eventually(async () => {
    expect(await shown(shop)).toMatchObject({
      status: 'REAUTHORISE',
      sending: {
        state: 'PAUSED',
        reason: 'REFUSED',
        detail: expect.any(String),
        whatToDo: expect.any(String),
        waitingCount: 3,
      },
    });
  });
  const lost = here.harness.events.of('ingest.account-changed').filter(({ data }) => data.accountId === shop.accountId);
  expect(lost.at(-1)?.data).toMatchObject({ status: 'reauthorise', loss: 'refused' });
  for (const { data } of replies)
    expect(await waiting(data.messageId)).toMatchObject({ reason: 'REFUSED', whatToDoZh: expect.any(String) });
  const arrived = () => here.twin.journal().flatMap(({ text }) => (text?.startsWith('wait ') === true ? [text] : []));
  expect(arrived()).toEqual([]);
  // The platform executes the first one and breaks the connection.
  here.twin.faults.next('shopee', 'execute-then-reset');
  await connectAgain(shop);
  for (const { data } of replies) await statusOf(here, data.messageId, 'sent');
  expect(arrived()).toEqual(['wait 1', 'wait 2', 'wait 3']);
  expect((await shown(shop)).sending).toMatchObject({ state: 'OPEN', reason: null, waitingCount: 0 });
  for (const { data } of replies) expect(await waiting(data.messageId)).toBeNull();
});

async function failureOf(messageId: string) {
  const { data } = await here.harness.events.next(
    'ingest.delivery-updated',
    (event) => event.data.messageId === messageId && event.data.status === 'failed',
  );
  return data.failure;
}

test('a reply that waits beyond its window, or for too long, fails with the reason; others of the account go on waiting', async () => {
  const phone = await here.connect(tenantId, 'whatsapp', '840000003');
  const closing = replyTo(phone, await conversationOf(here, phone, 'closing'), 'too late for the window');
  const long = replyTo(phone, await conversationOf(here, phone, 'long'), 'waited for too long');
  const fresh = replyTo(phone, await conversationOf(here, phone, 'fresh'), 'still in time');
  const asWorker = (statement: ReturnType<typeof sql>) =>
    here.ingest.runtime.db.asWorker((trx) => statement.execute(trx));
  await asWorker(
    sql`update channel_account set status = 'reauthorise', loss = 'revoked' where id = ${phone.accountId}`,
  );
  await here.harness.publish(closing, long, fresh);
  await eventually(async () => expect((await shown(phone)).sending.waitingCount).toBe(3));
  await asWorker(sql`update thread set last_inbound_at = now() - interval '25 hours'
    where conversation_id = ${closing.data.conversationId}`);
  await asWorker(sql`update delivery_intent set requested_at = now() - interval '73 hours'
    where message_id = ${long.data.messageId}`);
  await asWorker(sql`update delivery_intent set due_at = now() where account_id = ${phone.accountId}`);
  // The sender sleeps until something is due as far as it knows: another reply wakes it.
  await here.harness.publish(replyTo(phone, await conversationOf(here, phone, 'another'), 'wakes the sender'));
  expect(await failureOf(closing.data.messageId)).toBe('WINDOW_CLOSED');
  expect(await failureOf(long.data.messageId)).toBe('REAUTHORISE');
  expect(await waiting(fresh.data.messageId)).toMatchObject({ reason: 'REVOKED', until: null });
  await connectAgain(phone);
  await statusOf(here, fresh.data.messageId, 'sent');
});

test('a store that is closed for some days lets replies wait until it opens', async () => {
  const shop = await here.connect(tenantId, 'tiktok-shop', '7490000000000084004');
  const conversationId = await conversationOf(here, shop, 'holiday');
  const close = `mutation($input: SetStoreHolidayInput!) { setStoreHoliday(input: $input) {
    account { sending { state reason until } } errors { code path } } }`;
  const { accountId } = shop;
  const set = async (until: string | null) => {
    type Answer = { setStoreHoliday: { account: { sending: unknown } | null; errors: unknown[] } };
    return (await asAdmin<Answer>(close, { input: { accountId, until } })).setStoreHoliday;
  };
  expect((await set('2020-01-01T00:00:00.000Z')).errors).toEqual([{ code: 'INVALID_INPUT', path: ['input', 'until'] }]);
  const until = new Date(Date.now() + 3 * dayMs).toISOString();
  expect(await set(until)).toEqual({ account: { sending: { state: 'PAUSED', reason: 'HOLIDAY', until } }, errors: [] });
  const reply = replyTo(shop, conversationId, 'after the holiday');
  await here.harness.publish(reply);
  await eventually(async () => expect(await waiting(reply.data.messageId)).toMatchObject({ reason: 'HOLIDAY', until }));
  expect((await set(null)).account).toEqual({ sending: { state: 'OPEN', reason: null, until: null } });
  await statusOf(here, reply.data.messageId, 'sent');
  const told = here.harness.events.of('ingest.account-changed').filter(({ data }) => data.accountId === accountId);
  expect(told.flatMap(({ data }) => (data.holidayUntil === undefined ? [] : [data.holidayUntil]))).toEqual([
    until,
    null,
  ]);
});

const resyncsOf = `query($id: ID!) { resyncs(accountId: $id) { edges { node {
  reason state parts { kind state items added lastError } } } } channelAccount(id: $id) {
  cursors { kind position lagSeconds } } }`;

interface Jobs {
  readonly resyncs: {
    readonly edges: readonly {
      readonly node: {
        readonly reason: string;
        readonly state: string;
        readonly parts: readonly { readonly kind: string; readonly items: number; readonly added: number }[];
      };
    }[];
  };
  readonly channelAccount: { readonly cursors: readonly { readonly kind: string; readonly position: string | null }[] };
}

test('S1-1.5: a new account is filled, each kind has its own position, and reading a span again changes nothing', async () => {
  const shop = here.twin.addShop({ platform: 'shopee', externalAccountId: '840000005' });
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const said = { shop, buyer: 'early', content: { kind: 'text', text: 'Before you came' } } as const;
  const { messageId } = here.twin.buyerSays({ ...said, at: new Date(ago(72)) });
  here.twin.buyerSays({ ...said, content: { kind: 'text', text: 'And again' }, at: new Date(ago(60)) });
  const order = here.twin.buyerOrders({ shop, buyer: 'early' });
  const { account } = await connectAs(here.ingest, tenantId, inputOf(shop));
  const accountId = account?.id ?? newId();
  await here.harness.events.next('ingest.message-received', ({ data }) => data.externalMessageId === messageId);
  await here.harness.events.next('ingest.order-updated', ({ data }) => data.externalOrderId === order.id);
  const jobs = () => asAdmin<Jobs>(resyncsOf, { id: accountId });
  const ended = (count: number) =>
    eventually(async () => {
      const nodes = (await jobs()).resyncs.edges.map(({ node }) => node);
      expect(nodes.map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'DONE'));
      return nodes;
    });
  const [filled] = await ended(1);
  expect(filled?.reason).toBe('CONNECTED');
  expect(filled?.parts.find(({ kind }) => kind === 'MESSAGES')).toMatchObject({ items: 2, added: 2 });
  await eventually(async () => {
    const positions = (await jobs()).channelAccount.cursors.map(({ position }) => position);
    expect(positions).not.toContain(null);
    expect(new Set(positions).size).toBe(2);
  });
  const recorded = () =>
    (['ingest.message-received', 'ingest.order-updated'] as const).map(
      (type) => here.harness.events.of(type).filter(({ data }) => data.accountId === accountId).length,
    );
  const before = recorded();
  const resync = `mutation($input: ResyncInput!) { resync(input: $input) { resync { reason } errors { code path } } }`;
  const readAgain = async (input: object) =>
    (await asAdmin<{ resync: unknown }>(resync, { input: { accountId, ...input } })).resync;
  expect(await readAgain({ from: ago(-1) })).toEqual({
    resync: null,
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'from'] }],
  });
  // The platform limits the job: it waits, and goes on.
  here.twin.faults.rate('shopee', { fault: 'rate-limit', percent: 100 });
  expect(await readAgain({ from: ago(100) })).toEqual({ resync: { reason: 'PERSON' }, errors: [] });
  await eventually(async () => expect(JSON.stringify(await jobs())).toContain('rate_limit'));
  here.twin.faults.rate('shopee', { fault: 'rate-limit', percent: 0 });
  aheadMs = 61_000;
  const [again] = await ended(2);
  expect(again?.parts).toMatchObject([
    { kind: 'MESSAGES', items: 2, added: 0 },
    { kind: 'ORDERS', items: 1, added: 0 },
  ]);
  // A span has an end, too.
  expect(await readAgain({ kinds: ['MESSAGES'], from: ago(100), to: ago(70) })).toMatchObject({ errors: [] });
  const [part] = await ended(3);
  expect(part?.parts).toMatchObject([{ kind: 'MESSAGES', items: 1, added: 0 }]);
  aheadMs = 0;
  expect(recorded()).toEqual(before);
  const phone = await here.connect(tenantId, 'whatsapp', '840000006');
  expect(await readAgain({ accountId: phone.accountId, from: ago(1) })).toMatchObject({
    errors: [{ code: 'NOT_SUPPORTED' }],
  });
});
