import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import { type ConnectedShop, linkIn, type Platform } from '@crossdesk/twin';
import { sql } from 'kysely';
import { conversationOf, inputOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
beforeAll(async () => {
  here = await openPlatforms('authorisation');
});
afterAll(() => here.close());

const appFields: Readonly<Record<string, readonly string[]>> = {
  shopee: ['partner_id', 'partner_key'],
  'tiktok-shop': ['app_key', 'app_secret', 'service_id', 'authorisation_page'],
};

interface App {
  readonly id: string;
  readonly webhookUrl: string;
  readonly redirectUrl: string;
}

/** Registers the app of a shop as its developer would: with the credentials the platform shows, without a token. */
async function registerApp(tenantId: TenantId, shop: ConnectedShop): Promise<App> {
  const credentials = (appFields[shop.platform] ?? []).map((name) => ({ name, value: shop.credentials[name] ?? '' }));
  const { channel, apiBaseUrl, authBaseUrl } = inputOf(shop);
  const input = { channel, displayName: `App ${shop.externalAccountId}`, credentials, apiBaseUrl, authBaseUrl };
  const mutation = `mutation($input: RegisterChannelAppInput!) {
    registerChannelApp(input: $input) { app { id webhookUrl redirectUrl } errors { code message } } }`;
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), mutation, { input });
  const app = (data as { registerChannelApp: { app: App | null } } | null)?.registerChannelApp.app ?? null;
  if (app === null) throw new Error(JSON.stringify([data, errors]));
  return app;
}

async function start(tenantId: TenantId, appId: string, caller = anAgent(tenantId, 'admin')) {
  const mutation = `mutation($input: StartChannelAuthorisationInput!) {
    startChannelAuthorisation(input: $input) { authorisationUrl expiresAt errors { code path } } }`;
  const { data, errors } = await ask(here.ingest.subgraph, caller, mutation, { input: { appId } });
  const payload = data as { startChannelAuthorisation: { authorisationUrl: string | null; errors: object[] } | null };
  return { url: payload.startChannelAuthorisation?.authorisationUrl ?? null, errors: errors ?? [], payload };
}

/** Acts as the browser of the seller: reads the page of the platform and follows a link. */
async function decide(url: string, answer: 'agree' | 'refuse') {
  const page = await fetch(url);
  expect(page.status).toBe(200);
  return linkIn(await page.text(), answer);
}

async function accountsOf(tenantId: TenantId) {
  const query = '{ channelAccounts { edges { node { id channel externalAccountId displayName status } } } }';
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), query);
  interface Account {
    id: string;
    externalAccountId: string;
    displayName: string;
    status: string;
  }
  return (data as { channelAccounts: { edges: { node: Account }[] } }).channelAccounts.edges.map(({ node }) => node);
}

/** A workspace whose app is registered and whose seller has not agreed yet. */
async function given(platform: Platform, externalAccountId: string) {
  const tenantId = newId<TenantId>();
  const shop = here.twin.addShop({ platform, externalAccountId, name: `Store ${externalAccountId}` });
  const app = await registerApp(tenantId, shop);
  here.twin.setRedirectUrl(shop, app.redirectUrl);
  here.twin.setWebhookUrl(shop, app.webhookUrl);
  return { tenantId, shop, app };
}

test.each([
  ['shopee', '830000001'],
  ['tiktok-shop', '7490000000000000831'],
] as const)('%s: a seller agrees, and their shop is connected without copying a token', async (platform, id) => {
  const { tenantId, shop, app } = await given(platform, id);
  const { url } = await start(tenantId, app.id);
  const back = await fetch(await decide(url ?? '', 'agree'));
  expect([back.status, back.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(await back.text()).toContain(`Store ${id}`);
  const [account] = await accountsOf(tenantId);
  expect(account).toMatchObject({ externalAccountId: id, displayName: `Store ${id}`, status: 'CONNECTED' });

  // It works in both directions: messages are pushed to the address of the app, replies are sent with the obtained
  // tokens.
  const [row] = (
    await here.ingest.runtime.db.asWorker((trx) =>
      sql<{ id: string }>`select id from channel_account where tenant_id = ${tenantId}`.execute(trx),
    )
  ).rows;
  const connected = { tenantId, accountId: row?.id as never, shop };
  const conversationId = await conversationOf(here, connected, 'after consent');
  const request = replyTo(connected, conversationId, `Welcome to ${id}`);
  await here.harness.publish(request);
  await statusOf(here, request.data.messageId, 'sent');
  expect(here.twin.journal().filter(({ text }) => text === `Welcome to ${id}`)).toHaveLength(1);
});

test('a state works once, only in its channel, and not after it expired', async () => {
  const { tenantId, app } = await given('shopee', '830000002');
  const back = await decide((await start(tenantId, app.id)).url ?? '', 'agree');
  const elsewhere = back.replace('/authorisations/shopee', '/authorisations/tiktok-shop');
  expect((await fetch(elsewhere)).status).toBe(400);
  expect((await fetch(back)).status).toBe(400);
  expect(await accountsOf(tenantId)).toEqual([]);

  const late = await decide((await start(tenantId, app.id)).url ?? '', 'agree');
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update authorisation_request set expires_at = now() - interval '1 second' where tenant_id = ${tenantId}`.execute(
      trx,
    ),
  );
  expect((await fetch(late)).status).toBe(400);
  const unknown = await fetch(`${app.redirectUrl}?code=c&state=made-up&shop_id=1`);
  expect([unknown.status, await unknown.text()]).toEqual([400, expect.stringContaining('Not connected')]);
  expect(await accountsOf(tenantId)).toEqual([]);
});

test('a link scanner that asks with HEAD uses nothing up, and the consent is an entry of the audit chain', async () => {
  const { tenantId, app } = await given('shopee', '830000004');
  const back = await decide((await start(tenantId, app.id)).url ?? '', 'agree');
  expect((await fetch(back, { method: 'HEAD' })).status).toBe(404);
  expect(await accountsOf(tenantId)).toEqual([]);
  expect((await fetch(back)).status).toBe(200);
  const [account] = await accountsOf(tenantId);
  const query = '{ auditEntries(first: 2) { edges { node { action targetId actorKind } } } }';
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), query);
  const { edges } = (data as { auditEntries: { edges: { node: object }[] } }).auditEntries;
  expect(edges.map(({ node }) => node)).toEqual([
    { action: 'connectChannelAccount', targetId: account?.id, actorKind: 'AGENT' },
    { action: 'startChannelAuthorisation', targetId: app.id, actorKind: 'AGENT' },
  ]);
});

test('an app whose name is empty once it is cleaned is refused with the field', async () => {
  const input = { channel: 'SHOPEE', displayName: ' \u0000', credentials: [] };
  const mutation = `mutation($input: RegisterChannelAppInput!) { registerChannelApp(input: $input) { errors { code path } } }`;
  const { data } = await ask(here.ingest.subgraph, anAgent(newId<TenantId>(), 'admin'), mutation, { input });
  const { errors } = (data as { registerChannelApp: { errors: object[] } }).registerChannelApp;
  expect(errors).toContainEqual({ code: 'INVALID_INPUT', path: ['input', 'displayName'] });
});

test('the accounts of an app move with it to other addresses', async () => {
  const { tenantId, shop, app } = await given('shopee', '830000005');
  await fetch(await decide((await start(tenantId, app.id)).url ?? '', 'agree'));
  const moved = 'http://127.0.0.1:9/moved';
  await registerApp(tenantId, { ...shop, baseUrls: { api: moved, auth: moved } });
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql`select api_base_url, auth_base_url from channel_account where tenant_id = ${tenantId}`.execute(trx),
  );
  expect(rows).toEqual([{ api_base_url: moved, auth_base_url: moved }]);
});

test('two callbacks with the same state at once connect once', async () => {
  const { tenantId, app } = await given('shopee', '830000003');
  const back = await decide((await start(tenantId, app.id)).url ?? '', 'agree');
  const answers = await Promise.all([fetch(back), fetch(back), fetch(back)]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
  expect(await accountsOf(tenantId)).toHaveLength(1);
});

test('when the seller refuses, nothing is connected and the page says so', async () => {
  const { tenantId, app } = await given('tiktok-shop', '7490000000000000832');
  const back = await fetch(await decide((await start(tenantId, app.id)).url ?? '', 'refuse'));
  expect([back.status, await back.text()]).toEqual([400, expect.stringContaining('Nothing was connected')]);
  expect(await accountsOf(tenantId)).toEqual([]);
});

test('S1-1.3: agreeing again after a withdrawn consent reconnects the account and keeps its name', async () => {
  const { tenantId, app } = await given('shopee', '830000004');
  await fetch(await decide((await start(tenantId, app.id)).url ?? '', 'agree'));
  const [first] = await accountsOf(tenantId);
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update channel_account set status = 'reauthorise', display_name = 'Our name' where tenant_id = ${tenantId}`.execute(
      trx,
    ),
  );
  await fetch(await decide((await start(tenantId, app.id)).url ?? '', 'agree'));
  const [healed] = await accountsOf(tenantId);
  expect(healed).toMatchObject({ id: first?.id, status: 'CONNECTED', displayName: 'Our name' });
});

test('only admins start an authorisation, for an app of their workspace and a channel that supports it', async () => {
  const { tenantId, app } = await given('shopee', '830000005');
  expect(JSON.stringify((await start(tenantId, app.id, anAgent(tenantId, 'supervisor'))).errors)).toContain(
    'FORBIDDEN',
  );
  const stranger = await start(newId<TenantId>(), app.id);
  expect(stranger.payload.startChannelAuthorisation?.errors).toMatchObject([
    { code: 'NOT_FOUND', path: ['input', 'appId'] },
  ]);
  const agentId = newId<AgentId>();
  const program = { kind: 'api-token', tenantId, agentId, role: 'admin', scopes: ['ingest-write'] } as const;
  const byProgram = await start(tenantId, app.id, program);
  expect(byProgram.payload.startChannelAuthorisation?.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const { payload } = await start(tenantId, 'no id');
  expect(payload.startChannelAuthorisation?.errors).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('disabling an account returns the page where the consent is withdrawn', async () => {
  const { tenantId, app } = await given('shopee', '830000006');
  await fetch(await decide((await start(tenantId, app.id)).url ?? '', 'agree'));
  const [account] = await accountsOf(tenantId);
  const mutation = `mutation($input: DisableChannelAccountInput!) {
    disableChannelAccount(input: $input) { account { status } revocationUrl } }`;
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), mutation, {
    input: { accountId: account?.id },
  });
  expect(data).toMatchObject({
    disableChannelAccount: {
      account: { status: 'DISABLED' },
      revocationUrl: expect.stringContaining('/api/v2/shop/cancel_auth_partner'),
    },
  });
});

test('neither codes nor states are kept or logged in clear', async () => {
  const { tenantId, app } = await given('shopee', '830000007');
  const { url } = await start(tenantId, app.id);
  const state = new URL(new URL(url ?? '').searchParams.get('redirect') ?? '').searchParams.get('state') ?? '';
  expect(state).toHaveLength(43);
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{ kept: string }>`select r::text as kept from authorisation_request r where tenant_id = ${tenantId}`.execute(
      trx,
    ),
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.kept).not.toContain(state);
});
