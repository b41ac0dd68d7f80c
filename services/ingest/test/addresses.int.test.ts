import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask } from '@crossdesk/testkit';
import { createHmac } from 'node:crypto';
import { parkedOf, replay as replayParked } from './parked.ts';
import { connectAs, openPlatforms, type Platforms } from './platforms.ts';

let here: Platforms;
beforeAll(async () => {
  here = await openPlatforms('addresses');
});
afterAll(() => here.close());

const verifyToken = { name: 'verify_token', value: 'verify-me' };

/** Connects a WhatsApp number; with an app, the secrets come from the app. */
async function connectNumber(tenantId: TenantId, number: string, of: { appSecret: string } | { appId: string }) {
  const own = { name: 'access_token', value: `token of ${number}` };
  const connected = await connectAs(here.ingest, tenantId, {
    channel: 'WHATSAPP',
    displayName: `Number ${number}`,
    externalAccountId: number,
    apiBaseUrl: 'http://127.0.0.1:9',
    ...('appId' in of
      ? { appId: of.appId, credentials: [own] }
      : { credentials: [own, verifyToken, { name: 'app_secret', value: of.appSecret }] }),
  });
  expect(connected.errors).toEqual([]);
  return { accountId: connected.account?.id ?? newId<ChannelAccountId>(), webhookUrl: connected.webhookUrl ?? '' };
}

async function registerApp(tenantId: TenantId, appSecret: string, role: 'admin' | 'agent' = 'admin') {
  const mutation = `mutation($input: RegisterChannelAppInput!) { registerChannelApp(input: $input) {
    app { id webhookUrl redirectUrl setupSteps accounts { edges { node { externalAccountId } } } } errors { code path } } }`;
  const credentials = [verifyToken, { name: 'app_secret', value: appSecret }];
  const input = { channel: 'WHATSAPP', displayName: 'Our app', credentials, apiBaseUrl: 'http://127.0.0.1:9' };
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenantId, role), mutation, { input });
  const { app, errors: refusals } = (data as { registerChannelApp: { app: App | null; errors: unknown[] } } | null)
    ?.registerChannelApp ?? { app: null, errors: errors ?? [] };
  return { app: app ?? { id: '', webhookUrl: '', accounts: { edges: [] } }, refusals };
}

interface App {
  readonly id: string;
  readonly webhookUrl: string;
  readonly accounts: { readonly edges: readonly { readonly node: { readonly externalAccountId: string } }[] };
}

let messages = 0;

/** Posts a message to a number, signed with the secret of an app. */
async function deliver(url: string, appSecret: string, ...numbers: string[]) {
  const ids: string[] = [];
  const changes = numbers.map((number) => {
    const id = `wamid.${(messages += 1)}`;
    ids.push(id);
    const message = {
      from: '5511999990000',
      id,
      timestamp: '1767322800',
      type: 'text',
      text: { body: `To ${number}` },
    };
    return { field: 'messages', value: { metadata: { phone_number_id: number }, messages: [message] } };
  });
  return { status: await post(url, appSecret, changes), ids };
}

async function post(url: string, appSecret: string, changes: readonly object[]): Promise<number> {
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: 'WABA', changes }] });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

/** The account in which a message appeared. */
async function accountOf(externalMessageId: string): Promise<ChannelAccountId> {
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === externalMessageId,
  );
  return data.accountId;
}

const parked = (tenantId: TenantId) => parkedOf(here.ingest, tenantId);
const replay = (tenantId: TenantId, id: string) => replayParked(here.ingest, tenantId, id);

test('a message for another number of the app arrives there, whichever of their addresses received it', async () => {
  const tenantId = newId<TenantId>();
  const one = await connectNumber(tenantId, '1001', { appSecret: 'secret-1' });
  const two = await connectNumber(tenantId, '1002', { appSecret: 'secret-1' });
  const { status, ids } = await deliver(one.webhookUrl, 'secret-1', '1002', '1001');
  expect(status).toBe(200);
  expect(await Promise.all(ids.map(accountOf))).toEqual([two.accountId, one.accountId]);
  expect(await parked(tenantId)).toEqual([]);
});

test('a message for an unconnected number is parked, and arrives once the number is connected', async () => {
  const tenantId = newId<TenantId>();
  const one = await connectNumber(tenantId, '2001', { appSecret: 'secret-2' });
  const { status, ids } = await deliver(one.webhookUrl, 'secret-2', '2001', '2002');
  expect(status).toBe(200);
  expect(await accountOf(ids[0] ?? '')).toBe(one.accountId);
  const [waiting] = await parked(tenantId);
  expect(waiting).toMatchObject({ channel: 'WHATSAPP', reason: expect.stringContaining('2002'), account: {} });
  expect(await replay(tenantId, waiting?.id ?? '')).toEqual([{ code: 'STILL_UNPARSABLE' }]);
  const two = await connectNumber(tenantId, '2002', { appSecret: 'secret-2' });
  expect(await replay(tenantId, waiting?.id ?? '')).toEqual([]);
  expect(await accountOf(ids[1] ?? '')).toBe(two.accountId);
  // The other messages did not arrive again.
  const again = here.harness.events
    .of('ingest.message-received')
    .filter(({ data }) => data.externalMessageId === ids[0]);
  expect(again).toHaveLength(1);
});

test('an element of a long delivery is replayed alone, wherever it is in it', async () => {
  const tenantId = newId<TenantId>();
  const one = await connectNumber(tenantId, '2051', { appSecret: 'secret-20' });
  const { ids } = await deliver(one.webhookUrl, 'secret-20', ...Array<string>(600).fill('2051'), '2052');
  const [rest] = await parked(tenantId);
  expect(rest?.reason).toContain('101 more parts');
  expect(await replay(tenantId, rest?.id ?? '')).toEqual([]);
  const [stranger] = await parked(tenantId);
  expect(stranger?.reason).toContain('2052');
  const two = await connectNumber(tenantId, '2052', { appSecret: 'secret-20' });
  expect(await replay(tenantId, stranger?.id ?? '')).toEqual([]);
  expect(await accountOf(ids.at(-1) ?? '')).toBe(two.accountId);
  expect(await parked(tenantId)).toEqual([]);
});

test('elements that cannot be read are parked one by one, and hide nothing beside them', async () => {
  const tenantId = newId<TenantId>();
  const { accountId, webhookUrl } = await connectNumber(tenantId, '2101', { appSecret: 'secret-21' });
  const said = (id: string) => ({ from: '551100', id, timestamp: '1767322800', type: 'text', text: { body: id } });
  const { from: _, ...anonymous } = said('bad-2');
  const metadata = { phone_number_id: '2101' };
  const changes = [
    { field: 'messages', value: { metadata, statuses: [{ id: 'x', status: 'read' }], messages: [said('good-1')] } },
    { field: 'messages', value: { metadata, messages: [anonymous, said('good-2')] } },
    { field: 'messages', value: { messages: [said('bad-3')] } },
  ];
  const told = () =>
    here.harness.events
      .of('ingest.message-received')
      .filter(({ data }) => data.accountId === accountId)
      .map(({ data }) => data.externalMessageId);
  expect(await post(webhookUrl, 'secret-21', changes)).toBe(200);
  expect(await post(webhookUrl, 'secret-21', changes)).toBe(200);
  await accountOf('good-2');
  expect(told()).toEqual(['good-1', 'good-2']);
  const waiting = await parked(tenantId);
  expect(waiting.map(({ reason }) => reason).sort()).toEqual([
    'messages[].from is missing or malformed',
    'statuses[].timestamp is missing or malformed',
    'value.metadata.phone_number_id is missing',
  ]);
  const [bad] = waiting.filter(({ reason }) => reason.startsWith('messages'));
  expect(bad).toMatchObject({ source: 'WEBHOOK', body: JSON.stringify(anonymous), account: { id: accountId } });
  expect(await replay(tenantId, bad?.id ?? '')).toEqual([{ code: 'STILL_UNPARSABLE' }]);
  expect(told()).toEqual(['good-1', 'good-2']);
});

test('what is not shown is counted for its account and day, with the reason, once however often it is delivered', async () => {
  const tenantId = newId<TenantId>();
  const { app } = await registerApp(tenantId, 'secret-ignored');
  const { accountId } = await connectNumber(tenantId, '6001', { appId: app.id });
  const { accountId: other } = await connectNumber(tenantId, '6002', { appId: app.id });
  const [metadata, away] = [{ phone_number_id: '6001' }, { phone_number_id: '6999' }];
  const said = { from: '5511999990000', timestamp: '1767322800', type: 'text', text: { body: 'hi' } };
  const group = (id: string) => ({ ...said, id, group_id: 'G' });
  const status = { id: 'wamid.none', status: 'read', timestamp: '1767322800' };
  const changes = [
    { field: 'messages', value: { metadata, messages: [group('wamid.g1'), group('wamid.g2')] } },
    { field: 'messages', value: { metadata, errors: [{ code: 131_051 }] } },
    { field: 'history', value: { metadata: { phone_number_id: '6002' }, history: [] } },
    { field: 'messages', value: { metadata: away, statuses: [status] } },
    { field: 'account_update', value: {} },
  ];
  const before = await ignoredFigure();
  for (const batch of [changes, changes]) expect(await post(app.webhookUrl, 'secret-ignored', batch)).toBe(200);
  const more = { field: 'messages', value: { metadata, messages: [group('wamid.g3')] } };
  expect(await post(app.webhookUrl, 'secret-ignored', [more])).toBe(200);
  expect(new Set(await ignoredOf(tenantId))).toEqual(
    new Set([
      ['group_message', 'GROUP', 3, accountId],
      ['error_131051', 'ERROR', 1, accountId],
      ['history', 'HISTORY', 1, other],
      ['receipt', 'NOT_CONNECTED', 1, null],
      ['account_update', 'UNUSED', 1, null],
    ]),
  );
  expect((await ignoredFigure()) - before).toBe(7);
  expect(await ignoredOf(newId<TenantId>())).toEqual([]);
});

test('a sender of ever new kinds gets a bounded number of rows', async () => {
  const tenantId = newId<TenantId>();
  const one = await connectNumber(tenantId, '6101', { appSecret: 'secret-kinds' });
  const changes = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ field: `kind ${from + index}\u0000`, value: {} }));
  for (const [from, count] of [
    [0, 90],
    [80, 50],
    [130, 1],
  ] as const)
    expect(await post(one.webhookUrl, 'secret-kinds', changes(from, count))).toBe(200);
  const rows = await ignoredOf(tenantId);
  expect(rows.length).toBe(101);
  expect(rows.filter(([kind]) => kind === 'other')).toEqual([['other', 'UNUSED', 31, one.accountId]]);
});

/** The kind, reason, number and account of everything that was ignored, as a supervisor reads it page by page. */
async function ignoredOf(tenantId: TenantId): Promise<unknown[][]> {
  const query = `query($after: String) { ignoredEvents(first: 2, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { kind reason count account { id } } } } }`;
  const rows: unknown[][] = [];
  for (let after: string | null = null; ;) {
    const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'supervisor'), query, { after });
    const { ignoredEvents: page } = data as { ignoredEvents: IgnoredPage };
    rows.push(...page.edges.map(({ node }) => [node.kind, node.reason, node.count, node.account?.id ?? null]));
    if (!page.pageInfo.hasNextPage) {
      expect(page.totalCount).toBe(rows.length);
      return rows;
    }
    after = page.pageInfo.endCursor;
  }
}

interface IgnoredPage {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly edges: readonly {
    readonly node: { kind: string; reason: string; count: number; account: { id: string } | null };
  }[];
}

async function ignoredFigure(): Promise<number> {
  return (await here.figures()).value('crossdesk_ignored_events_total', { channel: 'whatsapp' }) ?? 0;
}

test('nobody writes into an account by naming it: its own secrets must accept the delivery', async () => {
  const tenantId = newId<TenantId>();
  const mine = await connectNumber(tenantId, '3001', { appSecret: 'secret-3' });
  await connectNumber(tenantId, '3002', { appSecret: 'another secret' });
  await connectNumber(newId<TenantId>(), '3003', { appSecret: 'secret-3' });
  const { ids } = await deliver(mine.webhookUrl, 'secret-3', '3002', '3003', '3001');
  expect(await accountOf(ids[2] ?? '')).toBe(mine.accountId);
  const reasons = (await parked(tenantId)).map(({ reason }) => reason).sort();
  expect(reasons).toEqual([
    expect.stringMatching(/3002, whose credentials do not accept/),
    expect.stringMatching(/3003, which is not connected/),
  ]);
  const arrived = here.harness.events.of('ingest.message-received').map(({ data }) => data.externalMessageId);
  expect(arrived).not.toEqual(expect.arrayContaining([ids[0]]));
  expect(arrived).not.toEqual(expect.arrayContaining([ids[1]]));
});

test('one address serves all numbers of an app, and they have its secrets', async () => {
  const tenantId = newId<TenantId>();
  const { app } = await registerApp(tenantId, 'secret-4');
  const one = await connectNumber(tenantId, '4001', { appId: app.id });
  const two = await connectNumber(tenantId, '4002', { appId: app.id });
  const { status, ids } = await deliver(app.webhookUrl, 'secret-4', '4002', '4001', '4003');
  expect(status).toBe(200);
  expect(await Promise.all(ids.slice(0, 2).map(accountOf))).toEqual([two.accountId, one.accountId]);
  expect(await parked(tenantId)).toMatchObject([{ reason: expect.stringContaining('4003'), account: null }]);
  // Each keeps an address of its own, whose deliveries are signed with the secret of the app.
  const own = await deliver(one.webhookUrl, 'secret-4', '4001');
  expect(await accountOf(own.ids[0] ?? '')).toBe(one.accountId);
});

test('the same name again replaces the secrets of an app; its address and accounts stay', async () => {
  const tenantId = newId<TenantId>();
  const first = await registerApp(tenantId, 'old secret');
  await connectNumber(tenantId, '5001', { appId: first.app.id });
  const second = await registerApp(tenantId, 'new secret');
  expect(second.app).toMatchObject({
    id: first.app.id,
    webhookUrl: first.app.webhookUrl,
    accounts: { edges: [{ node: { externalAccountId: '5001' } }] },
  });
  expect((await deliver(first.app.webhookUrl, 'old secret', '5001')).status).toBe(401);
  expect((await deliver(first.app.webhookUrl, 'new secret', '5001')).status).toBe(200);
});

test('apps are registered by admins, and accounts belong to apps of their own workspace', async () => {
  const tenantId = newId<TenantId>();
  const { app } = await registerApp(tenantId, 'secret-6');
  const asAgent = await registerApp(tenantId, 'x', 'agent');
  expect(JSON.stringify(asAgent.refusals)).toContain('FORBIDDEN');
  const stranger = await connectAs(here.ingest, newId<TenantId>(), {
    channel: 'WHATSAPP',
    displayName: 'Stranger',
    externalAccountId: '6001',
    appId: app.id,
    credentials: [{ name: 'access_token', value: 't' }],
  });
  expect(stranger.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'appId'] }]);
});

test('a method the channel does not use is refused, and the answer names the methods it does use', async () => {
  const { webhookUrl } = await connectNumber(newId<TenantId>(), '7001', { appSecret: 'secret-7' });
  const answer = await fetch(webhookUrl, { method: 'PUT', body: '{}' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  const handshake = await fetch(`${webhookUrl}?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=42`);
  expect([handshake.status, await handshake.text()]).toEqual([200, '42']);
});
