import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Connected, openPlatforms, type Platforms } from './platforms.ts';

let here: Platforms;
let aheadMs = 0;
const tenantId = newId<TenantId>();
beforeAll(async () => {
  here = await openPlatforms('account-health', {}, { now: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => here.close());

async function asAdmin<Result>(query: string, variables: Record<string, unknown>): Promise<Result> {
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), query, variables);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data as Result;
}

interface Cursor {
  readonly kind: string;
  readonly position: string | null;
  readonly lagSeconds: number | null;
  readonly lastSucceededAt: string | null;
  readonly nextDueAt: string;
  readonly missedCount: number;
}

async function messageCursor({ accountId }: Connected): Promise<Cursor> {
  const query = `query($id: ID!) { channelAccount(id: $id) {
    cursors { kind position lagSeconds lastSucceededAt nextDueAt missedCount } } }`;
  type Shown = { channelAccount: { cursors: Cursor[] } };
  const { channelAccount } = await asAdmin<Shown>(query, { id: accountId });
  const cursor = channelAccount.cursors.find(({ kind }) => kind === 'MESSAGES');
  if (cursor === undefined) throw new Error('no cursor');
  return cursor;
}

/** A shop whose first lists are read. */
async function givenShop(externalAccountId: string): Promise<Connected> {
  const shop = await here.connect(tenantId, 'shopee', externalAccountId);
  await eventually(async () => expect((await messageCursor(shop)).lastSucceededAt).not.toBeNull());
  return shop;
}

const setFrequency = `mutation($input: SetSyncFrequencyInput!) {
  setSyncFrequency(input: $input) { account { syncFrequency syncEverySeconds } errors { code path } } }`;

test('S1-1.4: the sync frequency of an account is changed live: the polls come at the new interval', async () => {
  const shop = await givenShop('830000001');
  const { accountId } = shop;
  expect(await asAdmin(setFrequency, { input: { accountId, frequency: 'CUSTOM', everySeconds: 5 } })).toEqual({
    setSyncFrequency: { account: null, errors: [{ code: 'INVALID_INPUT', path: ['input', 'everySeconds'] }] },
  });
  expect(await asAdmin(setFrequency, { input: { accountId, frequency: 'CUSTOM', everySeconds: 60 } })).toEqual({
    setSyncFrequency: { account: { syncFrequency: 'CUSTOM', syncEverySeconds: 60 }, errors: [] },
  });
  for (const _poll of [1, 2]) {
    const before = await messageCursor(shop);
    expect(new Date(before.nextDueAt).getTime() - new Date(before.lastSucceededAt ?? '').getTime()).toBe(60_000);
    aheadMs += 61_000;
    await eventually(async () => {
      const after = await messageCursor(shop);
      expect(after.lastSucceededAt).not.toBe(before.lastSucceededAt);
      expect(after.lagSeconds).toBeLessThan(60);
      expect(after.position).not.toBeNull();
    });
  }
  aheadMs = 0;
});

const diagnosis = `query($id: ID!) { diagnoseChannelAccount(id: $id) { account { id } findings { cause evidence nextStep } } }`;

async function causesOf({ accountId }: Connected): Promise<string[]> {
  type Found = { diagnoseChannelAccount: { findings: { cause: string }[] } };
  const { diagnoseChannelAccount } = await asAdmin<Found>(diagnosis, { id: accountId });
  return diagnoseChannelAccount.findings.map(({ cause }) => cause);
}

test('S1-1.8: the diagnosis finds each injected fault of the platform, the credentials and the account', async () => {
  const shop = await givenShop('830000002');
  expect(await causesOf(shop)).toEqual(['NO_TRAFFIC']);
  here.twin.buyerSays({ shop: shop.shop, buyer: 'ana', content: { kind: 'text', text: 'Hello?' } });
  await eventually(async () => expect(await causesOf(shop)).toEqual([]));
  const { faults } = here.twin;
  faults.outage('shopee', true);
  expect(await causesOf(shop)).toEqual(['PLATFORM_UNREACHABLE']);
  faults.outage('shopee', false);
  for (const [fault, cause] of [
    ['rate-limit', 'QUOTA_EXHAUSTED'],
    ['server-error', 'PLATFORM_ERROR'],
  ] as const) {
    faults.rate('shopee', { fault, percent: 100 });
    expect(await causesOf(shop)).toEqual([cause]);
    faults.rate('shopee', { fault, percent: 0 });
  }
  aheadMs = 200_000;
  expect(await causesOf(shop)).toEqual(['CLOCK_OFF']);
  aheadMs = 0;
  const url = here.twin.shops().find((one) => one.externalAccountId === '830000002')?.webhookUrl ?? '';
  const headers = { 'content-type': 'application/json', authorization: '0'.repeat(64) };
  const pushed = { method: 'POST', url: new URL(url).pathname, headers, payload: '{"code":1}' } as const;
  expect((await here.ingest.http.inject(pushed)).statusCode).toBe(401);
  expect(await causesOf(shop)).toEqual(['WRONG_SECRET']);
  const setStatus = (status: string) =>
    here.ingest.runtime.db.asWorker((trx) =>
      sql`update channel_account set status = ${status} where id = ${shop.accountId}`.execute(trx),
    );
  await setStatus('reauthorise');
  expect(await causesOf(shop)).toEqual(['AUTHORISATION_LOST', 'WRONG_SECRET']);
  await setStatus('disabled');
  expect(await causesOf(shop)).toEqual(['ACCOUNT_PAUSED', 'WRONG_SECRET']);
});

test('a message whose push was lost is found in the list, recorded and counted, and the diagnosis says that pushes are broken', async () => {
  const shop = await givenShop('830000003');
  here.twin.setWebhookUrl(shop.shop, 'http://127.0.0.1:9/nowhere');
  const { messageId } = here.twin.buyerSays({
    shop: shop.shop,
    buyer: 'bo',
    content: { kind: 'text', text: 'Anybody?' },
  });
  // By now a push would have arrived.
  aheadMs += 70_000;
  expect(await causesOf(shop)).toEqual(['PUSH_BROKEN']);
  const sync = `mutation($id: ID!) { syncChannelAccount(input: { accountId: $id }) { errors { code } } }`;
  await asAdmin(sync, { id: shop.accountId });
  await here.harness.events.next('ingest.message-received', ({ data }) => data.externalMessageId === messageId);
  await eventually(async () => expect((await messageCursor(shop)).missedCount).toBe(1));
  const gap = await here.harness.events.next('ingest.gap-found', ({ data }) => data.accountId === shop.accountId);
  expect(gap.data).toMatchObject({ count: 1, resyncId: expect.any(String) });
  const jobs = `query($id: ID!) { resyncs(accountId: $id) { edges { node { id reason state } } } }`;
  await eventually(async () => {
    expect(await asAdmin(jobs, { id: shop.accountId })).toMatchObject({
      resyncs: {
        edges: [{ node: { id: gap.data.resyncId, reason: 'GAP', state: 'DONE' } }, { node: { reason: 'CONNECTED' } }],
      },
    });
  });
  expect(await causesOf(shop)).toEqual(['PUSH_BROKEN']);
  await asAdmin(sync, { id: shop.accountId });
  const { lastSucceededAt } = await messageCursor(shop);
  await eventually(async () => expect((await messageCursor(shop)).lastSucceededAt).not.toBe(lastSucceededAt));
  expect((await messageCursor(shop)).missedCount).toBe(1);
});
