import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { aPng, anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Connected, conversationOf, openPlatforms, type Platforms } from './platforms.ts';

const png = aPng(800, 600);
let here: Platforms;
let phone: Connected;
let shop: Connected;
let site: Server;
let siteUrl: string;
/** The answer of each path of the site, and how often it was asked. */
const answers = new Map<string, RequestListener>();
const asked = new Map<string, number>();
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('media', { tenantBytesMax: 2_000_000 });
  phone = await here.connect(tenantId, 'whatsapp', '106500000000081');
  shop = await here.connect(tenantId, 'shopee', '810000081');
  site = createServer((request, response) => {
    const path = request.url ?? '';
    asked.set(path, (asked.get(path) ?? 0) + 1);
    (answers.get(path) ?? (() => response.writeHead(404).end()))(request, response);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await here.close();
  site.closeAllConnections();
  site.close();
});

interface ShownMedia {
  readonly state: string;
  readonly failure: string | null;
  readonly url: string | null;
  readonly thumbnailUrl: string | null;
  readonly bytes: number | null;
  readonly mimeType: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

const fields = '{ state failure url thumbnailUrl bytes mimeType width height fileName durationMs }';

async function mediaOf(messageId: MessageId, tenant = tenantId, more = {}): Promise<ShownMedia | null> {
  const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on Message { media ${fields} } } }`;
  const of = [{ __typename: 'Message', id: messageId, ...more }];
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenant), query, { of });
  expect(errors).toEqual([]);
  return (data as { _entities: { media: ShownMedia | null }[] })._entities[0]?.media ?? null;
}

/** A buyer of the shop sends a picture at an address of the site; other platforms give an id for it. */
async function pictureFrom(to: Connected, buyer: string, path: string, answer?: RequestListener): Promise<MessageId> {
  if (answer !== undefined) answers.set(path, answer);
  const content = { kind: 'image', url: `${siteUrl}${path}`, caption: null } as const;
  const { messageId } = here.twin.buyerSays({ shop: to.shop, buyer, content });
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === messageId,
  );
  return data.messageId;
}

async function settledAs(messageId: MessageId, state: string): Promise<ShownMedia> {
  return eventually(async () => {
    // A call may take longer than the time-out of these tests on a busy machine: its next try need not wait.
    await work(
      sql`update media set due_at = now() where message_id = ${messageId} and due_at > now() and leased_until is null`,
    );
    const media = await mediaOf(messageId);
    expect(media?.state).toBe(state);
    if (media === null) throw new Error('no media');
    return media;
  });
}

const get = (url: string | null, headers: Readonly<Record<string, string>> = {}) =>
  here.ingest.http.inject({ method: 'GET', url: new URL(url ?? '').pathname, headers });

const fileOf = (messageId: MessageId) => join(here.harness.mediaDirectory, tenantId, messageId.slice(-2), messageId);

const changes = (messageId: MessageId) =>
  here.harness.events.of('ingest.media-changed').filter(({ data }) => data.messageId === messageId);

const work = (text: ReturnType<typeof sql>) => here.ingest.runtime.db.asWorker((trx) => text.execute(trx));

describe('a picture', () => {
  test('is fetched once, kept, and served with its size and a thumbnail', async () => {
    const messageId = await pictureFrom(shop, 'ana', '/a.png', (_, response) => response.end(png));
    const media = await settledAs(messageId, 'READY');
    expect(media).toMatchObject({ bytes: png.length, mimeType: 'image/png', width: 800, height: 600 });
    expect(asked.get('/a.png')).toBe(1);
    const served = await get(media.url);
    expect(served.rawPayload.equals(png)).toBe(true);
    expect(served.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': expect.stringMatching(/^private, max-age=\d+/),
    });
    expect((await get(media.thumbnailUrl)).headers['content-type']).toBe('image/webp');
    await eventually(async () =>
      expect(changes(messageId).map(({ data }) => [data.state, data.bytes])).toEqual([['ready', png.length]]),
    );
  });

  test('of a platform with ids comes with the token of the account', async () => {
    const messageId = await pictureFrom(phone, 'bo', '/_twin/images/photo-3.png');
    expect(await settledAs(messageId, 'READY')).toMatchObject({ mimeType: 'image/png', width: 640, height: 640 });
  });

  test('waits while the platform fails, and is there afterwards', async () => {
    here.twin.faults.rate('whatsapp', { fault: 'server-error', percent: 100 });
    const messageId = await pictureFrom(phone, 'cy', '/_twin/images/photo-4.png');
    await eventually(async () => {
      const { rows } = await work(
        sql`select 1 from media where message_id = ${messageId} and due_at > now() and leased_until is null`,
      );
      expect(rows).toHaveLength(1);
    });
    expect(await mediaOf(messageId)).toMatchObject({ state: 'PENDING', url: null });
    here.twin.faults.clear();
    await settledAs(messageId, 'READY');
  });

  test('comes in parts to a player that asks for parts', async () => {
    const media = await settledAs(await pictureFrom(shop, 'di', '/d.png', (_, response) => response.end(png)), 'READY');
    const part = await get(media.url, { range: 'bytes=1-3' });
    expect([part.statusCode, part.payload, part.headers['content-range']]).toEqual([
      206,
      'PNG',
      `bytes 1-3/${png.length}`,
    ]);
    expect((await get(media.url, { range: `bytes=${png.length}-` })).statusCode).toBe(416);
    expect((await get(media.url, { range: 'lines=1-2' })).statusCode).toBe(200);
  });
});

describe('the address of a file', () => {
  test('works for this file and part only, and until it expires', async () => {
    const media = await settledAs(await pictureFrom(shop, 'ed', '/e.png', (_, response) => response.end(png)), 'READY');
    const token = (media.url ?? '').split('/').at(-1) ?? '';
    for (const at of [0, 30, 43, 45, 48, 60, token.length - 1]) {
      const other = `${token.slice(0, at)}${token[at] === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`;
      expect([at, (await get(`http://ingest/media/${other}`)).statusCode]).toEqual([at, 403]);
    }
    expect((await get('http://ingest/media/x')).statusCode).toBe(403);
  });

  test('is not told to another workspace, and to no agent once the message is deleted', async () => {
    const messageId = await pictureFrom(shop, 'fi', '/f.png', (_, response) => response.end(png));
    await settledAs(messageId, 'READY');
    expect(await mediaOf(messageId, newId<TenantId>())).toBeNull();
    const deletedAt = new Date().toISOString();
    expect(await mediaOf(messageId, tenantId, { deletedAt })).toBeNull();
  });
});

describe('what cannot be fetched says why', () => {
  const html = '<!doctype html><script>alert(1)</script>';
  test.each([
    ['GONE', '/gone.png', (_, response) => response.writeHead(404).end()],
    ['GONE', '/expired.png', (_, response) => response.writeHead(403).end()],
    ['UNSAFE', '/page.png', (_, response) => response.setHeader('content-type', 'image/png').end(html)],
    ['UNSAFE', '/vector.png', (_, response) => response.end('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['UNSAFE', '/bomb.png', (_, response) => response.end(aPng(40_000, 40_000, { isEmpty: true }))],
    ['TOO_LARGE', '/large.png', (_, response) => response.end(Buffer.concat([png, Buffer.alloc(300_000)]))],
    ['BAD_ADDRESS', '/away.png', (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
  ] satisfies [string, string, RequestListener][])('%s: %s', async (failure, path, answer) => {
    const messageId = await pictureFrom(shop, `buyer of ${path}`, path, answer);
    expect(await settledAs(messageId, 'FAILED')).toMatchObject({ failure, url: null, thumbnailUrl: null });
    await eventually(async () =>
      expect(changes(messageId).map(({ data }) => [data.state, data.failure])).toEqual([['failed', failure]]),
    );
    expect(existsSync(fileOf(messageId))).toBe(false);
  });

  test('a person has it fetched again, and only when it failed', async () => {
    const messageId = await pictureFrom(shop, 'gus', '/later.png');
    await settledAs(messageId, 'FAILED');
    answers.set('/later.png', (_, response) => response.end(png));
    const retry = `mutation($input: RetryMediaInput!) { retryMedia(input: $input) { media { state } errors { code } } }`;
    const again = async (id: string, tenant = tenantId) =>
      (await ask(here.ingest.subgraph, anAgent(tenant), retry, { input: { messageId: id } })).data;
    const refused = { retryMedia: { media: null, errors: [{ code: 'NOT_FOUND' }] } };
    expect(await again(messageId, newId<TenantId>())).toEqual(refused);
    expect(await again(newId())).toEqual(refused);
    expect(await again(messageId)).toEqual({ retryMedia: { media: { state: 'PENDING' }, errors: [] } });
    await settledAs(messageId, 'READY');
    expect(await again(messageId)).toEqual({ retryMedia: { media: { state: 'READY' }, errors: [] } });
    await eventually(async () =>
      expect(changes(messageId).map(({ data }) => data.state)).toEqual(['failed', 'pending', 'ready']),
    );
    expect(asked.get('/later.png')).toBe(2);
  });

  test('more than the space of the workspace is not kept', async () => {
    await work(sql`update media_usage set bytes = 2000000 - 10 where tenant_id = ${tenantId}`);
    const messageId = await pictureFrom(shop, 'hal', '/quota.png', (_, response) => response.end(png));
    expect(await settledAs(messageId, 'FAILED')).toMatchObject({ failure: 'QUOTA' });
    await eventually(async () => expect(existsSync(fileOf(messageId))).toBe(false));
    await work(sql`update media_usage set bytes = 0 where tenant_id = ${tenantId}`);
  });
});

describe('nothing stays in the store that no message has', () => {
  test('what a process stored that ended before its commit is overwritten by the next try', async () => {
    const held = Promise.withResolvers<void>();
    const messageId = await pictureFrom(
      shop,
      'ira',
      '/crash.png',
      (_, response) => void held.promise.then(() => response.end(png)),
    );
    // As another process left it that stored half and died: the file is there, the row is pending, its lease is over.
    const file = fileOf(messageId);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, 'half');
    await writeFile(`${file}.part`, 'half');
    held.resolve();
    const media = await settledAs(messageId, 'READY');
    expect((await get(media.url)).rawPayload.equals(png)).toBe(true);
    expect((await readdir(join(file, '..'))).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('what an earlier try stored is removed when the last try fails', async () => {
    const held = Promise.withResolvers<void>();
    const messageId = await pictureFrom(
      shop,
      'jo',
      '/lost.png',
      (_, response) => void held.promise.then(() => response.writeHead(404).end()),
    );
    const file = fileOf(messageId);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, 'half');
    held.resolve();
    await settledAs(messageId, 'FAILED');
    await eventually(async () => expect(existsSync(file)).toBe(false));
  });

  test('two workers fetch a file once', async () => {
    const messages = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        pictureFrom(shop, 'kim', `/both-${n}.png`, (__, response) => response.end(png)),
      ),
    );
    for (const messageId of messages) await settledAs(messageId, 'READY');
    expect(messages.map((_, n) => asked.get(`/both-${n}.png`))).toEqual(messages.map(() => 1));
  });
});

describe('erasure', () => {
  async function erase(conversationId: ConversationId) {
    const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
    const request = { erasureId, customerId, conversationIds: [conversationId] };
    await here.harness.publish(
      anEvent('crm.customer-erasure-requested', request, { tenantId, aggregateId: customerId }),
    );
    await here.harness.events.next('ingest.buyer-erased', ({ data }) => data.erasureId === erasureId);
    const told = { erasureId, customerId, conversationId };
    await here.harness.publish(anEvent('conversation.buyer-erased', told, { tenantId, aggregateId: conversationId }));
    return {
      isDone: () =>
        here.harness.events.of('ingest.personal-data-erased').some(({ data }) => data.erasureId === erasureId),
    };
  }

  test('removes the bytes, is repeated while the store fails, and is done only then', async () => {
    const conversationId = await conversationOf(here, shop, 'lea');
    const messageId = await pictureFrom(shop, 'lea', '/lea.png', (_, response) => response.end(png));
    const media = await settledAs(messageId, 'READY');
    const replyId = newId<MessageId>();
    const none = { thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };
    answers.set('/reply.png', (_, response) => response.end(png));
    const content = { kind: 'image', url: `${siteUrl}/reply.png`, ...none } as const;
    const reply = { conversationId, messageId: replyId, accountId: shop.accountId, content };
    await here.harness.publish(
      anEvent(
        'conversation.reply-requested',
        { ...reply, lastInboundAt: null },
        { tenantId, aggregateId: conversationId },
      ),
    );
    await settledAs(replyId, 'READY');
    // A folder in place of the file: removing it fails.
    const file = fileOf(messageId);
    await rm(file);
    await mkdir(join(file, 'full'), { recursive: true });
    const erasure = await erase(conversationId);
    await eventually(async () => expect(existsSync(fileOf(replyId))).toBe(false));
    expect(await mediaOf(messageId)).toBeNull();
    expect((await get(media.url)).statusCode).toBe(404);
    expect(erasure.isDone()).toBe(false);
    await rm(file, { recursive: true });
    await work(sql`update media set due_at = now() where message_id = ${messageId}`);
    // The worker looks at what is due when a file arrives, and otherwise every 15 s.
    await pictureFrom(shop, 'lou', '/lou.png', (_, response) => response.end(png));
    await eventually(async () => expect(erasure.isDone()).toBe(true));
    const { rows } = await work(sql`select source, file_name from media where message_id = ${messageId}`);
    expect(rows).toEqual([{ source: { url: null, mediaId: null, thumbnailUrl: null }, file_name: null }]);
  });

  test('of a file that is being fetched leaves nothing behind', async () => {
    const held = Promise.withResolvers<void>();
    const messageId = await pictureFrom(
      shop,
      'max',
      '/max.png',
      (_, response) => void held.promise.then(() => response.end(png)),
    );
    const { data } = await here.harness.events.next(
      'ingest.message-received',
      (event) => event.data.messageId === messageId,
    );
    await eventually(async () => expect(asked.get('/max.png')).toBe(1));
    const erasure = await erase(data.conversationId);
    held.resolve();
    await eventually(async () => expect(erasure.isDone()).toBe(true));
    expect(existsSync(fileOf(messageId))).toBe(false);
    expect(changes(messageId)).toEqual([]);
  });
});
