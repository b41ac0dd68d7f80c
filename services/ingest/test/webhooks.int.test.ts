import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CustomerId, type ErasureId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { createHmac } from 'node:crypto';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { type RawBuilder, sql } from 'kysely';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';
import { parkedOf, replay } from './parked.ts';
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
let seller: GenericSeller;
/** The owner of the database: causes faults that no service has the rights for. */
let owner: pg.Client;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('webhooks');
  owner = new pg.Client({ connectionString: here.harness.databaseUrl });
  await owner.connect();
  seller = await startGenericSeller(here.ingest);
  await connectGeneric(here.ingest, seller, tenantId);
});
afterAll(async () => {
  await seller.close();
  await owner.end();
  await here.close();
});

const say = (externalId: string, text = 'hi') =>
  seller.deliver(seller.message({ conversationKey: `talk ${externalId}`, externalId, text }));
const asWorker = <Row>(query: RawBuilder<Row>) => here.ingest.runtime.db.asWorker((trx) => query.execute(trx));

/** A buyer writes, and the message is published. */
async function heard(conversationKey: string) {
  await seller.deliver(seller.message({ conversationKey, externalId: `first of ${conversationKey}`, text: 'hi' }));
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.tenantId === tenantId && event.data.externalThreadId === conversationKey,
  );
  return data;
}

async function recorded(ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await asWorker(
    sql<{
      id: string;
    }>`select external_message_id as id from inbound_message where external_message_id = any(${ids}::text[])`,
  );
  return new Set(rows.map(({ id }) => id));
}

test('no delivery is acknowledged and lost while connections are killed', async () => {
  const acknowledged: string[] = [];
  let [refused, killed] = [0, 0];
  for (let round = 0; round < 25; round += 1) {
    const ids = Array.from({ length: 20 }, (_, n) => `killed-${round}-${n}`);
    let inAir = ids.length;
    const answers = ids.map(async (id) => {
      const { statusCode } = await say(id);
      if (statusCode === 200) acknowledged.push(id);
      else refused += 1;
      inAir -= 1;
    });
    // As soon as one of their transactions writes, its connection is terminated.
    while (inAir > 0) {
      const { rowCount } = await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query ilike '%raw_payload%' and pid <> pg_backend_pid()
          and state <> 'idle' limit 1`);
      if ((rowCount ?? 0) > 0) {
        killed += 1;
        break;
      }
    }
    await Promise.all(answers);
  }
  expect(killed).toBeGreaterThan(3);
  expect(acknowledged.length + refused).toBe(500);
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(await recorded(acknowledged)).toEqual(new Set(acknowledged));
});

test('a delivery that cannot be recorded does not fail the others', async () => {
  const ids = ['fine-1', 'poison', 'fine-2', 'fine-3'];
  const answers = await withConstraint(() => Promise.all(ids.map((id) => say(id))));
  // Every repetition would fail as well: it is parked, so that the platform does not stop delivering.
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(await recorded(ids)).toEqual(new Set(['fine-1', 'fine-2', 'fine-3']));
  const [waiting] = await parkedOf(here.ingest, tenantId);
  expect(waiting?.reason).toContain('log of ingest');
  expect(await replay(here.ingest, tenantId, waiting?.id ?? '')).toEqual([]);
  expect(await recorded(ids)).toEqual(new Set(ids));
});

test('another body under the id of an earlier delivery is ignored and counted, a repeated one is not', async () => {
  const first = seller.message({ conversationKey: 'reused', externalId: 'reused-1', text: 'hi' });
  const second = seller.message({ conversationKey: 'reused', externalId: 'reused-2', text: 'ho' });
  const signed = new Webhook(seller.secret);
  const { 'webhook-id': id = '', 'webhook-timestamp': at = '' } = first.headers;
  const signature = signed.sign(id, new Date(Number(at) * 1_000), second.body);
  const reused = { body: second.body, headers: { ...first.headers, 'webhook-signature': signature } };
  for (const delivery of [first, first, reused, first]) expect((await seller.deliver(delivery)).statusCode).toBe(200);
  expect(await recorded(['reused-1', 'reused-2'])).toEqual(new Set(['reused-1']));
  const query = '{ ignoredEvents { edges { node { kind reason count account { id } } } } }';
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'supervisor'), query);
  const node = { kind: 'message', reason: 'ID_REUSED', count: 1, account: { id: seller.accountId } };
  expect(data).toEqual({ ignoredEvents: { edges: [{ node }] } });
  const counted = { channel: 'generic', reason: 'id_reused' };
  expect((await here.figures()).value('crossdesk_ignored_events_total', counted)).toBe(1);
});

test('a change finds the words of a message, also while its first attachment waits for a replay', async () => {
  const key = { conversationKey: 'pictures', externalId: 'P', author: { id: 'ana' } };
  const post = (type: string, more: object) =>
    seller.deliver(
      seller.sign(JSON.stringify({ type, timestamp: new Date().toISOString(), data: { ...key, ...more } })),
    );
  const attachments = ['http', 'https'].map((scheme) => ({ url: `${scheme}://cdn.example/a.png`, mime: 'image/png' }));
  await post('message.created', { text: 'torn', attachments });
  await post('message.reacted', { emoji: '😡' });
  const isOurs = (event: { data: { conversationId: string } }) => event.data.conversationId === words?.conversationId;
  const words = (await here.harness.events.next('ingest.message-received', (e) => e.data.externalMessageId === 'P'))
    .data;
  expect(words.content).toEqual({ kind: 'text', text: 'torn' });
  const [reaction] = await here.harness.events.count('ingest.message-changed', 1, isOurs);
  expect(reaction?.data.messageId).toBe(words.messageId);
  const [waiting] = await parkedOf(here.ingest, tenantId);
  // The next version of the adapter can read it.
  await owner.query(
    `update ingest.raw_payload r set body = replace(convert_from(body, 'UTF8'), 'http:', 'https:')::bytea
    from ingest.parked_webhook p where p.raw_id = r.id and p.id = $1`,
    [waiting?.id],
  );
  expect(await replay(here.ingest, tenantId, waiting?.id ?? '')).toEqual([]);
  const said = await here.harness.events.count('ingest.message-received', 3, isOurs);
  expect(said.map(({ data }) => [data.externalMessageId, data.content.kind])).toEqual([
    ['P', 'text'],
    ['P#2', 'image'],
    ['P#0', 'image'],
  ]);
  await post('message.edited', { text: 'torn apart' });
  const changes = await here.harness.events.count('ingest.message-changed', 2, isOurs);
  expect(changes[1]?.data.messageId).toBe(words.messageId);
});

test('S3-6.1: a review is published once for each change, and stays erased with its buyer', async () => {
  const talk = await heard('reviewer');
  const review = (id: string, score: number, timestamp = '2026-01-05T08:00:00Z') => {
    const about = { buyer: { id: 'buyer-of-reviewer' }, orderRef: 'O-9', skus: ['BAG-1'], language: 'en' };
    const data = { id, kind: 'product-review', score, text: 'The zip broke', ...about };
    return seller.sign(JSON.stringify({ type: 'feedback.created', timestamp, data }));
  };
  const post = async (id: string, score: number, timestamp?: string) =>
    expect((await seller.deliver(review(id, score, timestamp))).statusCode).toBe(200);
  for (const [id, score, timestamp] of [
    ['R-1', 2],
    ['R-1', 2],
    ['R-1', 1],
    // What they said before comes late.
    ['R-1', 4, '2026-01-05T07:00:00Z'],
    ['R-2', 5],
  ] as const)
    await post(id, score, timestamp);
  const reported = () =>
    here.harness.events
      .of('ingest.feedback-reported')
      .filter((event) => event.tenantId === tenantId)
      .map(({ data }) => [data.externalFeedbackId, data.score, data.text]);
  await eventually(async () =>
    expect(reported()).toEqual([
      ['R-1', 2, 'The zip broke'],
      ['R-1', 1, 'The zip broke'],
      ['R-2', 5, 'The zip broke'],
    ]),
  );

  const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
  const request = { erasureId, customerId, conversationIds: [talk.conversationId] };
  await here.harness.publish(anEvent('crm.customer-erasure-requested', request, { tenantId, aggregateId: customerId }));
  await here.harness.events.next('ingest.buyer-erased', ({ data }) => data.erasureId === erasureId);
  // The platform tells it again, and in other words: nothing comes back.
  await post('R-1', 3);
  await post('R-3', 4);
  await eventually(async () => expect(reported().at(-1)).toEqual(['R-3', 4, 'The zip broke']));
  expect(reported()).toHaveLength(4);
  const { rows } = await asWorker(
    sql<{ text: string | null }>`select envelope -> 'data' ->> 'text' as text from outbox_event
      where tenant_id = ${tenantId} and envelope ->> 'type' = 'ingest.feedback-reported' order by event_id`,
  );
  expect(rows.map(({ text }) => text)).toEqual([null, null, null, 'The zip broke']);
  const bodies = await asWorker(
    sql<{ count: number }>`select count(*)::int as count from raw_payload
      where tenant_id = ${tenantId} and convert_from(body, 'UTF8') like '%feedback.created%'`,
  );
  // The report after the erasure is kept without its bytes as well.
  expect(bodies.rows).toEqual([{ count: 1 }]);
});

test('whoever opens the port in a browser reads what it is for', async () => {
  const { statusCode, body } = await here.ingest.http.inject({ url: '/' });
  expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining('webhookUrl') });
});

test('an address that cannot be looked up now is answered with "try again", not with "unknown"', async () => {
  const knock = () => here.ingest.http.inject({ method: 'POST', url: `/webhooks/generic/${newId()}`, payload: '{}' });
  await owner.query('alter table ingest.channel_account rename to taken_away');
  try {
    const { statusCode, headers } = await knock();
    expect({ statusCode, retryAfter: headers['retry-after'] }).toEqual({ statusCode: 503, retryAfter: '5' });
  } finally {
    await owner.query('alter table ingest.taken_away rename to channel_account');
  }
  expect((await knock()).statusCode).toBe(404);
});

async function withConstraint<Result>(work: () => Promise<Result>): Promise<Result> {
  await owner.query(
    `alter table ingest.inbound_message add constraint planted check (external_message_id <> 'poison')`,
  );
  try {
    return await work();
  } finally {
    await owner.query('alter table ingest.inbound_message drop constraint planted');
  }
}

test('two workspaces with the same shop each get their own message, once, however often it is delivered', async () => {
  const mine = await here.connect(tenantId, 'shopee', '820000001');
  const other = newId<TenantId>();
  const { account, webhookUrl } = await connectAs(here.ingest, other, inputOf(mine.shop));
  const first = await conversationOf(here, mine, 'shared');
  await here.twin.settled();
  here.twin.setWebhookUrl(mine.shop, webhookUrl);
  const theirs: Connected = { ...mine, tenantId: other, accountId: account?.id ?? mine.accountId };
  here.twin.faults.next('shopee', 'duplicate-push');
  const second = await conversationOf(here, theirs, 'shared');
  await here.twin.settled();
  expect(second).not.toBe(first);
  const tenants = here.harness.events
    .of('ingest.message-received')
    .filter(({ data }) => data.conversationId === first || data.conversationId === second);
  expect(
    tenants.filter((event) => event.data.conversationId === first).every((event) => event.tenantId === tenantId),
  ).toBe(true);
  const theirsOnly = tenants.filter(({ data }) => data.conversationId === second);
  expect(theirsOnly.every((event) => event.tenantId === other)).toBe(true);
  expect(new Set(theirsOnly.map(({ data }) => data.externalMessageId)).size).toBe(theirsOnly.length);
});

test('a buyer whom TikTok Shop does not name in the message is fetched', async () => {
  const tiktok = await here.connect(tenantId, 'tiktok-shop', '7490000000000000821');
  const conversationId = await conversationOf(here, tiktok, 'nameless');
  const { data } = await here.harness.events.next(
    'ingest.buyer-identified',
    (event) => event.data.conversationId === conversationId,
  );
  expect(data.buyer.name).toEqual(expect.any(String));
});

test('a buyer who could not be asked for without authorisation is asked for after it', async () => {
  const lost = await here.connect(tenantId, 'tiktok-shop', '7490000000000000831');
  const other = await here.connect(tenantId, 'tiktok-shop', '7490000000000000832');
  await asWorker(sql`update channel_account set status = 'reauthorise' where id = ${lost.accountId}`);
  const conversationId = await conversationOf(here, lost, 'patient');
  // The next failed attempt would be the last one.
  await asWorker(sql`update thread set buyer_attempts = 4, buyer_due_at = now() - interval '1 hour'
    where conversation_id = ${conversationId}`);
  const identified = (id: string) =>
    here.harness.events.next('ingest.buyer-identified', ({ data }) => data.conversationId === id);
  // Two rounds of the fetcher go by.
  await identified(await conversationOf(here, other, 'first'));
  await identified(await conversationOf(here, other, 'second'));
  const shown = here.twin.shops().find((shop) => shop.externalAccountId === lost.shop.externalAccountId);
  await connectAs(here.ingest, tenantId, inputOf(shown ?? lost.shop));
  expect((await identified(conversationId)).data.buyer.name).toEqual(expect.any(String));
});

test('an unknown order that a message names is fetched', async () => {
  const shopee = await here.connect(tenantId, 'shopee', '820000007');
  const { id } = here.twin.buyerOrders({ shop: shopee.shop, buyer: 'names an order' });
  const told = () => here.harness.events.of('ingest.order-updated').filter(({ data }) => data.externalOrderId === id);
  await eventually(async () => expect(told().length).toBeGreaterThan(0));
  await here.twin.settled();
  await asWorker(sql`delete from customer_order where external_order_id = ${id}`);
  const [before] = told();
  const content = { kind: 'order', externalOrderId: id } as const;
  here.twin.buyerSays({ shop: shopee.shop, buyer: 'names an order', content });
  await eventually(async () =>
    expect(told().filter(({ data }) => data.orderId !== before?.data.orderId)).toHaveLength(1),
  );
});

test('a push that does not tell who wrote has the messages listed, and nobody is guessed', async () => {
  const shopee = await here.connect(tenantId, 'shopee', '820000008');
  const registered = here.twin.shops().find((s) => s.externalAccountId === shopee.shop.externalAccountId);
  const webhookUrl = registered?.webhookUrl ?? '';
  const polls = sql<{ n: number }>`select count(*)::int as n from sync_cursor
    where account_id = ${shopee.accountId} and last_succeeded_at is null`;
  await eventually(async () => expect((await asWorker(polls)).rows).toEqual([{ n: 0 }]));
  here.twin.setWebhookUrl(shopee.shop, 'http://127.0.0.1:9/nowhere');
  const text = 'Who am I?';
  const { messageId } = here.twin.buyerSays({ shop: shopee.shop, buyer: 'unsaid', content: { kind: 'text', text } });
  const content = {
    message_id: messageId,
    conversation_id: '9',
    from_id: 1,
    to_id: 2,
    message_type: 'text',
    content: { text },
    created_timestamp: Math.floor(Date.now() / 1_000),
  };
  const data = { type: 'message', region: 'SG', content };
  const body = JSON.stringify({ code: 10, shop_id: 820000008, timestamp: content.created_timestamp, data });
  const key = registered?.credentials['partner_key'] ?? '';
  const authorization = createHmac('sha256', key).update(`${webhookUrl}|${body}`).digest('hex');
  const { status } = await fetch(webhookUrl, { method: 'POST', headers: { authorization }, body });
  expect(status).toBe(200);
  const received = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === messageId,
  );
  expect(received.data).toMatchObject({ direction: 'inbound', author: 'buyer', content: { text } });
  expect(received.data.buyer.externalId).not.toBe('1');
  // The push that was not delivered comes now, and repeats what is known.
  here.twin.setWebhookUrl(shopee.shop, webhookUrl);
  await here.twin.settled();
  const told = here.harness.events.of('ingest.message-received');
  expect(told.filter(({ data: { externalMessageId } }) => externalMessageId === messageId)).toHaveLength(1);
});

test('an order is published once per change: a repeated poll and an unchanged report publish nothing', async () => {
  const tiktok = await here.connect(tenantId, 'tiktok-shop', '7490000000000000822');
  const { id } = here.twin.buyerOrders({ shop: tiktok.shop, buyer: 'orders' });
  const told = () => here.harness.events.of('ingest.order-updated').filter(({ data }) => data.externalOrderId === id);
  await eventually(async () => expect(told()).toHaveLength(1));
  const sync = `mutation($input: SyncChannelAccountInput!) { syncChannelAccount(input: $input) { errors { code } } }`;
  const input = { accountId: tiktok.accountId };
  await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), sync, { input });
  here.twin.shipOrder({ shop: tiktok.shop, orderId: id });
  await here.harness.events.next(
    'ingest.order-updated',
    ({ data }) => data.externalOrderId === id && data.state !== told()[0]?.data.state,
  );
  expect(told()).toHaveLength(2);
});

test('an order is shown with decimal quantities, exact money and safe addresses, and only what cannot be read is parked', async () => {
  const at = new Date().toISOString();
  const imageUrl = 'https://user:pw@CDN.example/"><script>';
  const items = [0.98, '2.5', 3_000_000_000, -1].map((quantity, n) => ({
    id: `I-${n}`,
    title: 'Rice',
    quantity,
    imageUrl,
  }));
  const total = { amount: '150000.50', currency: 'IDR' };
  const data = { id: 'odd-order', state: 'to_ship', total, items, placedAt: at, updatedAt: at };
  const { statusCode } = await seller.deliver(
    seller.sign(JSON.stringify({ type: 'order.updated', timestamp: at, data })),
  );
  expect(statusCode).toBe(200);
  const query = '{ orders { edges { node { externalId total { amountMinor } items { quantity imageUrl } } } } }';
  const { data: answer, errors } = await ask(here.ingest.subgraph, anAgent(tenantId), query);
  expect(errors).toEqual([]);
  const { orders } = answer as { orders: { edges: { node: { externalId: string } }[] } };
  expect(orders.edges.map(({ node }) => node).find(({ externalId }) => externalId === 'odd-order')).toMatchObject({
    total: { amountMinor: '15000050' },
    items: [
      { quantity: 0.98, imageUrl: 'https://cdn.example/%22%3E%3Cscript%3E' },
      { quantity: 2.5 },
      { quantity: 3_000_000_000 },
      { quantity: null },
    ],
  });
  const parked = await parkedOf(here.ingest, tenantId);
  expect(parked.filter(({ reason }) => reason.startsWith('the quantity'))).toMatchObject([{ body: '-1' }]);
});

test('a disabled account accepts no webhook and sends no reply', async () => {
  const shop = await here.connect(tenantId, 'whatsapp', '820600000000001');
  const conversationId = await conversationOf(here, shop, 'early');
  await here.twin.settled();
  const disable = `mutation($input: DisableChannelAccountInput!) { disableChannelAccount(input: $input) { account { status } } }`;
  const input = { accountId: shop.accountId };
  expect((await ask(here.ingest.subgraph, anAgent(tenantId), disable, { input })).errors[0]?.code).toBe('FORBIDDEN');
  expect((await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), disable, { input })).data).toEqual({
    disableChannelAccount: { account: { status: 'DISABLED' } },
  });
  const request = replyTo(shop, conversationId, 'too late');
  await here.harness.publish(request);
  expect((await statusOf(here, request.data.messageId, 'failed')).data.failure).toBe('ACCOUNT_DISABLED');
  expect(
    (
      await here.ingest.http.inject({
        method: 'POST',
        url: new URL(
          here.twin.shops().find((s) => s.externalAccountId === shop.shop.externalAccountId)?.webhookUrl ?? '',
        ).pathname,
        payload: '{}',
      })
    ).statusCode,
  ).toBe(404);
});

test('no column of the schema holds a secret in clear', async () => {
  const shop = await here.connect(tenantId, 'whatsapp', '820600000000002');
  const secrets = [
    seller.secret,
    seller.webhookPath.split('/').at(-1) ?? '',
    ...Object.entries(shop.shop.credentials).flatMap(([name, value]) => (/secret|token|key/.test(name) ? [value] : [])),
  ];
  expect(secrets.length).toBeGreaterThan(2);
  const { rows: tables } = await asWorker(
    sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'ingest'`,
  );
  expect(tables.map(({ name }) => name)).toContain('channel_account');
  let rowsSeen = 0;
  for (const { name } of tables) {
    const { rows } = await owner.query<{ line: string }>(
      `select t::text as line from ingest.${owner.escapeIdentifier(name)} t`,
    );
    rowsSeen += rows.length;
    const dump = rows.map(({ line }) => line).join('\n');
    for (const secret of secrets) {
      expect(dump.includes(secret)).toBe(false);
      expect(dump.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    }
  }
  expect(rowsSeen).toBeGreaterThan(10);
});

test('a connection is refused with all its problems at once, and only an admin may connect', async () => {
  const input = {
    channel: 'GENERIC',
    displayName: ' ',
    externalAccountId: '',
    credentials: [{ name: 'password', value: 'x' }],
    apiBaseUrl: 'ftp://user@example.com',
  };
  const { account, errors } = await connectAs(here.ingest, tenantId, input);
  expect(account).toBeNull();
  expect(errors.map(({ code, path }) => [code, path.at(-1)])).toEqual([
    ['INVALID_INPUT', 'displayName'],
    ['INVALID_INPUT', 'externalAccountId'],
    ['INVALID_INPUT', 'credentials'],
    ['INVALID_INPUT', 'credentials'],
    ['URL_FORBIDDEN', 'apiBaseUrl'],
  ]);
  const mutation = `mutation($input: ConnectChannelAccountInput!) { connectChannelAccount(input: $input) { account { id } } }`;
  for (const role of ['agent', 'supervisor'] as const)
    expect((await ask(here.ingest.subgraph, anAgent(tenantId, role), mutation, { input })).errors[0]?.code).toBe(
      'FORBIDDEN',
    );
});
