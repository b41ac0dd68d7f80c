import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CustomerId, type ErasureId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import type { InjectOptions } from 'fastify';
import { sql } from 'kysely';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { connectGeneric, type GenericSeller, type SignedDelivery, startGenericSeller } from './generic-seller.ts';
import { parkedOf, replay } from './parked.ts';
import { openPlatforms, type Platforms } from './platforms.ts';

let here: Platforms;
let seller: GenericSeller;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('limits');
  seller = await startGenericSeller(here.ingest);
  await connectGeneric(here.ingest, seller, tenantId);
});
afterAll(async () => {
  await seller.close();
  await here.close();
});

const post = (type: string, data: object) =>
  seller.deliver(seller.sign(JSON.stringify({ type, timestamp: new Date().toISOString(), data })));
const received = (prefix: string) =>
  here.harness.events.next('ingest.message-received', (event) => event.data.externalMessageId.startsWith(prefix));

test('ids of 3,000 characters are stored, and a reply names the whole id of the thread', async () => {
  const conversationKey = `long-${'k'.repeat(3_000)}`;
  const externalId = `long-${'m'.repeat(3_000)}`;
  const author = { id: `buyer-${'b'.repeat(3_000)}`, name: 'Ana' };
  const { statusCode } = await post('message.created', { conversationKey, externalId, author, text: 'hi' });
  expect(statusCode).toBe(200);
  const { data } = await received('long-');
  expect(data.externalMessageId.length).toBeLessThan(300);
  const { conversationId, accountId } = data;
  const content = { kind: 'text', text: 'hello' } as const;
  const lastInboundAt = new Date().toISOString();
  const reply = { conversationId, messageId: newId<MessageId>(), accountId, content, lastInboundAt };
  await here.harness.publish(anEvent('conversation.reply-requested', reply, { tenantId, aggregateId: conversationId }));
  await eventually(async () => expect(seller.received.at(-1)).toMatchObject({ conversationKey, text: 'hello' }));
  // The same delivery, sent again with a new id, adds nothing.
  await post('message.created', { conversationKey, externalId, author, text: 'hi' });
  await post('message.created', { conversationKey, externalId: 'long-after', author, text: 'after' });
  await received('long-after');
  expect(
    here.harness.events.of('ingest.message-received').filter((e) => e.data.externalMessageId.startsWith('long-m')),
  ).toHaveLength(1);
});

test('a text of 270,000 characters is shown in part and kept whole until the buyer is erased', async () => {
  const text = 'что '.repeat(67_500);
  const said = { conversationKey: 'wordy', externalId: 'wordy-1', author: { id: 'ana' }, text };
  expect((await post('message.created', said)).statusCode).toBe(200);
  const { data } = await received('wordy-1');
  expect(data.content).toMatchObject({ kind: 'text', text: expect.stringMatching(/^что .*…$/) });
  expect(await wholeText(data.messageId, tenantId)).toBe(text);
  expect(await wholeText(data.messageId, newId())).toBeNull();
  const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
  const erasure = { erasureId, customerId, conversationIds: [data.conversationId] };
  await here.harness.publish(anEvent('crm.customer-erasure-requested', erasure, { tenantId, aggregateId: customerId }));
  await here.harness.events.next('ingest.buyer-erased', (event) => event.data.erasureId === erasureId);
  expect(await wholeText(data.messageId, tenantId)).toBeNull();
});

async function wholeText(id: MessageId, of: TenantId): Promise<string | null | undefined> {
  const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Message { wholeText } } }`;
  const { data } = await ask(here.ingest.subgraph, anAgent(of), query, { r: [{ __typename: 'Message', id }] });
  return (data as { _entities: ({ wholeText: string | null } | null)[] })._entities[0]?.wholeText;
}

test('an order of 1,200 lines is stored with the lines that fit, and says how many it omits', async () => {
  const item = (n: number) => ({
    id: `line-${n}`,
    sku: `SKU-${n}`,
    title: `Lamp ${n} ${'x'.repeat(100)}`,
    quantity: 1,
  });
  const placedAt = new Date().toISOString();
  const order = {
    id: 'big-order',
    state: 'to_ship',
    placedAt,
    updatedAt: placedAt,
    items: Array.from({ length: 1_200 }, (_, n) => item(n)),
  };
  expect((await post('order.updated', order)).statusCode).toBe(200);
  expect(await parkedOf(here.ingest, tenantId)).toEqual([]);
  const { data } = await here.harness.events.next(
    'ingest.order-updated',
    (e) => e.data.externalOrderId === 'big-order',
  );
  expect(data.items.length + (data.itemsOmitted ?? 0)).toBe(1_200);
  const { data: shown } = await ask(
    here.ingest.subgraph,
    anAgent(tenantId),
    `{ orders { edges { node { items { title } itemsOmitted } } } }`,
  );
  expect(shown).toMatchObject({ orders: { edges: [{ node: { itemsOmitted: data.itemsOmitted } }] } });
});

test('a message with 1,200 attachments is recorded 500 at a time, and the rest can be replayed', async () => {
  const attachment = (n: number) => ({ url: `https://cdn.example/${n}.jpg`, mime: 'image/jpeg' });
  const attachments = Array.from({ length: 1_200 }, (_, n) => attachment(n));
  const said = { conversationKey: 'pictures', externalId: 'pictures', author: { id: 'ana' }, attachments };
  expect((await post('message.created', said)).statusCode).toBe(200);
  const isPicture = (event: { readonly data: { readonly externalThreadId: string } }) =>
    event.data.externalThreadId === 'pictures';
  const recorded = (count: number) => here.harness.events.count('ingest.message-received', count, isPicture);
  await recorded(500);
  for (const [left, total] of [
    ['700 more parts', 1_000],
    ['200 more parts', 1_200],
  ] as const) {
    const [waiting] = await parkedOf(here.ingest, tenantId);
    expect(waiting?.reason).toContain(left);
    expect(await replay(here.ingest, tenantId, waiting?.id ?? '')).toEqual([]);
    await recorded(total);
  }
  expect(await parkedOf(here.ingest, tenantId)).toEqual([]);
  const ids = (await recorded(1_200)).map(({ data }) => data.externalMessageId);
  expect(new Set(ids).size).toBe(1_200);
});

test('a parked delivery can be discarded: it is gone from the list, and so are its bytes', async () => {
  await seller.deliver(seller.sign('{"unwanted":'));
  const [parked] = await parkedOf(here.ingest, tenantId);
  const id = parked?.id ?? '';
  const mutation = `mutation($id: ID!) { discardParkedWebhook(input: { parkedWebhookId: $id }) { errors { code } } }`;
  const discard = async (of: TenantId) =>
    (await ask(here.ingest.subgraph, anAgent(of, 'supervisor'), mutation, { id })).data;
  expect(await discard(newId())).toMatchObject({ discardParkedWebhook: { errors: [{ code: 'NOT_FOUND' }] } });
  expect(await discard(tenantId)).toMatchObject({ discardParkedWebhook: { errors: [] } });
  expect(await parkedOf(here.ingest, tenantId)).toEqual([]);
  expect(await replay(here.ingest, tenantId, id)).toEqual([{ code: 'NOT_FOUND' }]);
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{
      body: Buffer;
    }>`select r.body from raw_payload r join parked_webhook p on p.raw_id = r.id where p.id = ${id}`.execute(trx),
  );
  expect(rows.map(({ body }) => body.length)).toEqual([0]);
});

describe('what platforms and people send to an address', () => {
  const request = (given: InjectOptions) => here.ingest.http.inject({ url: seller.webhookPath, ...given });
  const signed = (externalId: string, text = 'hi') =>
    seller.message({ conversationKey: `shell ${externalId}`, externalId, text });
  const posted = ({ headers, body }: SignedDelivery, more: InjectOptions = {}) =>
    request({ method: 'POST', ...more, headers: { ...headers, ...more.headers }, payload: more.payload ?? body });

  test.each([
    ['no content type', {}],
    ['a content type twice', { 'content-type': 'application/json, application/json' }],
    ['no type at all', { 'content-type': '%%%' }],
    ['an empty content type', { 'content-type': '' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' }],
  ])('a signed body with %s is accepted', async (title, headers) => {
    expect((await posted(signed(`type ${title}`), { headers })).statusCode).toBe(200);
    await received(`type ${title}`);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('a body packed with %s is accepted', async (encoding, pack) => {
    const delivery = signed(`packed ${encoding}`);
    const answer = await posted(delivery, { headers: { 'content-encoding': encoding }, payload: pack(delivery.body) });
    expect(answer.statusCode).toBe(200);
    await received(`packed ${encoding}`);
  });

  test('a slash at the end of the address changes nothing', async () => {
    expect((await posted(signed('slash'), { url: `${seller.webhookPath}/` })).statusCode).toBe(200);
    await received('slash');
  });

  test('a signed body of 3 MB is accepted', async () => {
    const delivery = signed('three-mb', 'x'.repeat(3_000_000));
    expect((await posted(delivery)).statusCode).toBe(200);
    await received('three-mb');
  });

  test('an address from which too much is refused waits, unless it also sends valid deliveries', async () => {
    const refusedFrom = async (remoteAddress: string, count: number) => {
      const unknown = { method: 'POST', url: '/webhooks/shopee/nobody', payload: '{}', remoteAddress } as const;
      const answers = await Promise.all(Array.from({ length: count }, () => request(unknown)));
      return answers.at(-1)?.statusCode;
    };
    const flood = { remoteAddress: '203.0.113.9' };
    expect(await refusedFrom(flood.remoteAddress, 600)).toBe(404);
    const limited = await posted(signed('limited'), flood);
    expect([limited.statusCode, limited.headers['connection']]).toEqual([429, 'close']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await here.figures()).value('crossdesk_webhooks_total', { outcome: 'limited' })).toBe(1);

    const platform = { remoteAddress: '203.0.113.10' };
    expect((await posted(signed('proven'), platform)).statusCode).toBe(200);
    expect(await refusedFrom(platform.remoteAddress, 601)).toBe(404);
    expect((await posted(signed('still proven'), platform)).statusCode).toBe(200);
  });

  test('everything that is refused is counted by its reason, and a monitor may look', async () => {
    const delivery = signed('refused');
    const forged = { ...delivery, body: `${delivery.body} ` };
    const unknown = { method: 'POST', url: '/webhooks/generic/nobody', payload: 'x'.repeat(2_000_000) } as const;
    const packed = { headers: { 'content-encoding': 'gzip' } };
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const statuses = await Promise.all([
      posted(forged),
      posted({ ...delivery, headers: {} }),
      request(unknown),
      posted(delivery, { payload: Buffer.alloc(4_000_000) }),
      posted(delivery, { ...packed, payload: bomb }),
      posted(delivery, { ...packed, payload: 'no gzip' }),
      posted(delivery, { headers: { 'content-encoding': 'snappy' } }),
      request({ method: 'PUT', payload: '{}' }),
      request({ method: 'GET' }),
      request({ method: 'HEAD' }),
    ]);
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 404, 413, 413, 400, 400, 405, 200, 200]);
    expect(statuses[2]?.headers['connection']).toBe('close');
    const figures = await here.figures();
    const outcomes = [
      'bad_signature',
      'missing_signature',
      'unknown_address',
      'too_large',
      'unreadable',
      'wrong_method',
      'probe',
    ];
    const counts = outcomes.map((outcome) =>
      figures.value('crossdesk_webhooks_total', { channel: 'generic', outcome }),
    );
    expect(counts).toEqual([1, 1, 1, 2, 2, 1, 2]);
  });

  test('an account whose deliveries are refused says so until one is accepted', async () => {
    const other = await startGenericSeller(here.ingest);
    const owner = newId<TenantId>();
    await connectGeneric(here.ingest, other, owner);
    const say = () => other.deliver(other.message({ conversationKey: 'k', externalId: newId(), text: 'hi' }));
    const problem = async () => {
      const { data } = await ask(
        here.ingest.subgraph,
        anAgent(owner),
        '{ channelAccounts { edges { node { webhookProblem } } } }',
      );
      const { edges } = (data as { channelAccounts: { edges: { node: { webhookProblem: string | null } }[] } })
        .channelAccounts;
      return edges[0]?.node.webhookProblem;
    };
    expect(await problem()).toBeNull();
    await other.deliver({ ...other.sign('{}'), body: '{"forged":true}' });
    expect(await problem()).toContain('signature does not fit');
    expect((await say()).statusCode).toBe(200);
    await eventually(async () => expect(await problem()).toBeNull());
    await other.close();
  });
});
