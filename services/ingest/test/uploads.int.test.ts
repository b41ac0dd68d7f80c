import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type MessageId,
  newId,
  type NoteId,
  type TenantId,
  type UploadId,
} from '@crossdesk/contracts';
import { aPng, anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Connected, conversationOf, openPlatforms, type Platforms, statusOf } from './platforms.ts';

const png = aPng(800, 600);
const tenantId = newId<TenantId>();
const accounts = {
  shopee: '810000801',
  'tiktok-shop': '7490000000000000801',
  whatsapp: '106500000000801',
  generic: 'own-desk',
} as const;
type Name = keyof typeof accounts;
const names = Object.keys(accounts) as Name[];
let here: Platforms;
const connected = new Map<Name, Connected>();

beforeAll(async () => {
  here = await openPlatforms('uploads', { tenantBytesMax: 1_000_000 });
  for (const name of names) connected.set(name, await here.connect(tenantId, name, accounts[name]));
});
afterAll(() => here.close());

const fields = `{ id state purpose putUrl putUrlExpiresAt attachmentId fileName bytes kind mimeType width height sha256
  refusal refusalMessage }`;
const create = `mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload ${fields} errors { code path message } } }`;

interface ShownUpload {
  readonly id: string;
  readonly state: string;
  readonly putUrl: string | null;
  readonly attachmentId: string | null;
}
interface Payload {
  readonly upload: ShownUpload | null;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function announce(
  name: string,
  bytes: number,
  { tenant = tenantId, key = newId() }: { tenant?: TenantId; key?: string } = {},
): Promise<Payload> {
  const input = { clientMutationId: key, name, bytes, purpose: 'REPLY' };
  const { data, errors } = await ask(here.ingest.subgraph, anAgent(tenant), create, { input });
  expect(errors).toEqual([]);
  return (data as { createUpload: Payload }).createUpload;
}

async function announced(...given: Parameters<typeof announce>): Promise<ShownUpload & { readonly putUrl: string }> {
  const { upload, errors } = await announce(...given);
  if (upload === null || upload.putUrl === null) throw new Error(JSON.stringify(errors));
  return { ...upload, putUrl: upload.putUrl };
}

async function uploadOf(id: string, tenant = tenantId): Promise<ShownUpload | null> {
  const { data } = await ask(here.ingest.subgraph, anAgent(tenant), `query($id: ID!) { upload(id: $id) ${fields} }`, {
    id,
  });
  return (data as { upload: ShownUpload | null }).upload;
}

async function put(url: string, body: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { method: 'PUT', body, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Sends these bytes in pieces of unknown length; without an end it leaves in the middle. */
async function stream(url: string, bytes: Uint8Array, isEnded: boolean): Promise<number | null> {
  const sending = request(url, { method: 'PUT' });
  const answered = Promise.withResolvers<number | null>();
  sending.on('error', () => answered.resolve(null));
  sending.on('response', (response) => void text(response).then(() => answered.resolve(response.statusCode ?? 0)));
  if (isEnded) sending.end(bytes);
  else sending.write(bytes, () => sending.destroy());
  return answered.promise;
}

const fileOf = (id: string, tenant = tenantId) => join(here.harness.mediaDirectory, tenant, id.slice(-2), id);
const work = (statement: ReturnType<typeof sql>) =>
  here.ingest.runtime.db.asWorker((trx) => statement.execute(trx)).then(({ rows }) => rows);

describe('a file that a person sends', () => {
  test('is announced, put once, found to be what it is, and named for attaching', async () => {
    const key = newId();
    const upload = await announced('../photo.jpg', png.length, { key });
    expect(upload).toMatchObject({ state: 'WAITING', fileName: 'photo.jpg', attachmentId: null, mimeType: null });
    const { status, body } = await put(upload.putUrl, png, { 'content-type': 'text/html' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: 'IMAGE', mimeType: 'image/png', fileName: 'photo.png', bytes: png.length });
    const ready = await uploadOf(upload.id);
    expect(ready).toMatchObject({
      ...{ state: 'READY', putUrl: null, attachmentId: body['attachmentId'], fileName: 'photo.png' },
      ...{ width: 800, height: 600, sha256: createHash('sha256').update(png).digest('hex') },
    });
    expect(await readFile(fileOf(upload.id))).toEqual(Buffer.from(png));
    expect(existsSync(`${fileOf(upload.id)}.thumbnail`)).toBe(true);
    expect((await put(upload.putUrl, png)).body).toMatchObject({ code: 'ALREADY_UPLOADED' });
    expect((await announce('../photo.jpg', png.length, { key })).upload).toEqual(ready);
  });

  test('is not known to another workspace, nor at an address with any change', async () => {
    const upload = await announced('a.png', png.length);
    const stranger = newId<TenantId>();
    expect(await uploadOf(upload.id, stranger)).toBeNull();
    const token = upload.putUrl.split('/').at(-1) ?? '';
    for (const at of [0, 20, 31, 45, 47, 60, token.length - 1]) {
      const other = `${token.slice(0, at)}${token[at] === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`;
      const { status, body } = await put(upload.putUrl.replace(token, other), png);
      expect([at, status, body['code']]).toEqual([at, 403, 'ADDRESS_INVALID']);
    }
    expect(await uploadOf(upload.id)).toMatchObject({ state: 'WAITING' });
  });

  test('may come from a page of another site', async () => {
    const upload = await announced('a.png', png.length);
    const preflight = await fetch(upload.putUrl, { method: 'OPTIONS', headers: { origin: 'https://desk.example' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'PUT']);
    expect((await put(upload.putUrl, png)).headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('bytes that are not those announced', () => {
  test('are refused and may be sent again, until they are right', async () => {
    const upload = await announced('a.png', png.length);
    expect((await put(upload.putUrl, png.slice(1))).body).toMatchObject({ code: 'WRONG_LENGTH' });
    expect((await put(upload.putUrl, new Uint8Array())).body).toMatchObject({ code: 'WRONG_LENGTH' });
    expect(await stream(upload.putUrl, png.slice(1), true)).toBe(422);
    expect([422, null]).toContain(await stream(upload.putUrl, Buffer.concat([png, png]), true));
    await stream(upload.putUrl, png.slice(100), false);
    await eventually(async () => expect((await put(upload.putUrl, png)).status).toBe(201));
    expect(existsSync(`${fileOf(upload.id)}.part`)).toBe(false);
  });

  test('are refused for good when they are unsafe, and leave nothing but the reason', async () => {
    const page = Uint8Array.from(Buffer.from('<!doctype html><script>alert(1)</script>'));
    const upload = await announced('a.png', page.length);
    const { status, body } = await put(upload.putUrl, page);
    expect([status, body['code']]).toEqual([422, 'TYPE_NOT_ALLOWED']);
    const shown = {
      state: 'REFUSED',
      refusal: 'TYPE_NOT_ALLOWED',
      refusalMessage: body['message'],
      attachmentId: null,
    };
    expect(await uploadOf(upload.id)).toMatchObject(shown);
    expect(existsSync(fileOf(upload.id))).toBe(false);
    expect((await put(upload.putUrl, page)).status).toBe(409);
  });

  test.each([
    ['setup.exe', 10, 'TYPE_NOT_ALLOWED', 'name'],
    ['a.png', 0, 'INVALID_INPUT', 'bytes'],
    ['a.png', 200_001, 'FILE_TOO_LARGE', 'bytes'],
  ])('%s of %d bytes is refused when it is announced: %s', async (name, bytes, code, field) => {
    expect(await announce(name, bytes)).toMatchObject({ upload: null, errors: [{ code, path: ['input', field] }] });
  });
});

describe('the space of a workspace', () => {
  const usedBy = async (tenant: TenantId) =>
    Number(
      ((await work(sql`select bytes from media_usage where tenant_id = ${tenant}`))[0] as { bytes: string }).bytes,
    );

  test('is taken when a file is announced, and given back when it is dropped or refused', async () => {
    const tenant = newId<TenantId>();
    const uploads = [];
    for (let n = 0; n < 5; n += 1) uploads.push(await announced('a.png', 200_000, { tenant }));
    expect(await announce('a.png', 1, { tenant })).toMatchObject({ errors: [{ code: 'QUOTA_EXCEEDED' }] });
    const [first] = uploads;
    await put(first?.putUrl ?? '', new Uint8Array(200_000));
    expect(await usedBy(tenant)).toBe(800_000);
    await work(sql`update upload set due_at = now() where tenant_id = ${tenant}`);
    await announced('b.png', 100, { tenant });
    await eventually(async () => expect(await usedBy(tenant)).toBe(100));
  });

  test('has nothing of a request that ended before its row said so, once the day is over', async () => {
    const upload = await announced('a.png', png.length);
    const file = fileOf(upload.id);
    await mkdir(dirname(file), { recursive: true });
    await Promise.all([file, `${file}.part`, `${file}.thumbnail`].map((name) => writeFile(name, png)));
    await work(
      sql`update upload set state = 'storing', leased_until = now() - interval '1 s', due_at = now() where id = ${upload.id}`,
    );
    await announced('b.png', 100);
    await eventually(async () => expect(await uploadOf(upload.id)).toBeNull());
    await eventually(async () => expect(await work(sql`select 1 from upload where id = ${upload.id}`)).toEqual([]));
    expect([file, `${file}.part`, `${file}.thumbnail`].filter((name) => existsSync(name))).toEqual([]);
    expect((await put(upload.putUrl, png)).status).toBe(404);
  });
});

describe('a file of a reply', () => {
  const on = (name: Name): Connected => {
    const found = connected.get(name);
    if (found === undefined) throw new Error('not connected');
    return found;
  };

  async function uploaded(): Promise<UploadId> {
    const upload = await announced('photo.png', png.length);
    expect((await put(upload.putUrl, png)).status).toBe(201);
    return upload.id as UploadId;
  }

  function replyWith(to: Connected, conversationId: ConversationId, uploadId: UploadId, caption: string | null = null) {
    const none = { url: null, thumbnailUrl: null, mediaId: null };
    const file = { mimeType: 'image/png', fileName: 'photo.png', caption, uploadId, bytes: png.length };
    const content = { kind: 'image', ...none, ...file } as const;
    const data = { conversationId, messageId: newId<MessageId>(), accountId: to.accountId, content };
    const lastInboundAt = new Date().toISOString();
    return anEvent(
      'conversation.reply-requested',
      { ...data, lastInboundAt },
      { tenantId, aggregateId: conversationId },
    );
  }

  /** The addresses of the pictures that the platform executed for this account. */
  const sentTo = ({ shop }: Connected): string[] =>
    here.twin.journal().flatMap(({ content, externalAccountId }) => {
      if (externalAccountId !== shop.externalAccountId) return [];
      if (content.kind === 'image') return [content.url];
      return content.kind === 'native' && typeof content.value['url'] === 'string' ? [content.value['url']] : [];
    });

  async function mediaOf(messageId: string) {
    const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on Message { media { state failure url
      thumbnailUrl mimeType fileName bytes width } } } }`;
    const of = [{ __typename: 'Message', id: messageId }];
    const { data } = await ask(here.ingest.subgraph, anAgent(tenantId), query, { of });
    return (data as { _entities: { media: Record<string, unknown> | null }[] })._entities[0]?.media ?? null;
  }

  test.each(names)('reaches %s once, byte for byte, and is shown like a received one', async (name) => {
    const to = on(name);
    const conversationId = await conversationOf(here, to, 'with a file');
    const request = replyWith(to, conversationId, await uploaded());
    await here.harness.publish(request);
    await statusOf(here, request.data.messageId, 'sent');
    const [url = '', ...others] = sentTo(to);
    expect(others).toEqual([]);
    const received =
      here.twin.upload(new URL(url).pathname)?.bytes ?? Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(received.equals(Buffer.from(png))).toBe(true);
    const media = await mediaOf(request.data.messageId);
    expect(media).toMatchObject({ state: 'READY', mimeType: 'image/png', fileName: 'photo.png', width: 800 });
    const shown = await fetch(String(media?.['url']));
    expect(shown.headers.get('content-disposition')).toContain('photo.png');
    expect(Buffer.from(await shown.arrayBuffer()).equals(Buffer.from(png))).toBe(true);
    expect((await fetch(String(media?.['thumbnailUrl']))).status).toBe(200);
    const told = here.harness.events
      .of('ingest.media-changed')
      .filter(({ data }) => data.messageId === request.data.messageId);
    expect(told.map(({ data }) => data.state)).toEqual(['ready']);
  });

  test('is uploaded again after a failure of the platform, and sent once', async () => {
    const to = on('whatsapp');
    const conversationId = await conversationOf(here, to, 'again');
    const before = sentTo(to).length;
    here.twin.faults.rate('whatsapp', { fault: 'server-error', percent: 100 });
    const request = replyWith(to, conversationId, await uploaded(), 'Here it is');
    await here.harness.publish(request);
    await eventually(async () => {
      const [row] = await work(sql`select detail from delivery_intent where message_id = ${request.data.messageId}`);
      expect((row as { detail: string | null }).detail).not.toBeNull();
    });
    here.twin.faults.clear();
    await statusOf(here, request.data.messageId, 'sent');
    expect(sentTo(to)).toHaveLength(before + 1);
    const statuses = here.harness.events
      .of('ingest.delivery-updated')
      .flatMap(({ data }) => (data.messageId === request.data.messageId ? [data.status] : []));
    expect(statuses).not.toContain('unknown');
  });

  test('that is gone fails, and says what to do', async () => {
    const to = on('shopee');
    const request = replyWith(to, await conversationOf(here, to, 'gone'), newId());
    await here.harness.publish(request);
    const { data } = await statusOf(here, request.data.messageId, 'failed');
    expect(data).toMatchObject({ failure: 'INVALID_REQUEST', detail: expect.stringContaining('upload it again') });
    expect(await mediaOf(request.data.messageId)).toMatchObject({ state: 'FAILED', failure: 'GONE' });
  });

  test('stays as long as a message or note has it, and goes with the last of them', async () => {
    const to = on('generic');
    const [erased, other] = [await conversationOf(here, to, 'erased'), await conversationOf(here, to, 'other')];
    const [shared, own] = [await uploaded(), await uploaded()];
    const replies = [replyWith(to, erased, shared), replyWith(to, erased, own), replyWith(to, other, shared)];
    await here.harness.publish(...replies);
    for (const { data } of replies) await statusOf(here, data.messageId, 'sent');
    const noteId = newId<NoteId>();
    const note = { noteId, agentId: null, uploadIds: [own] };
    await here.harness.publish(
      anEvent('conversation.note-added', { ...snapshot(to, erased), ...note }, { tenantId, aggregateId: erased }),
    );
    const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on Note { attachments { state fileName } } } }`;
    const filesOfNote = async (tenant: TenantId) =>
      (await ask(here.ingest.subgraph, anAgent(tenant), query, { of: [{ __typename: 'Note', id: noteId }] })).data;
    const attachments = [{ state: 'READY', fileName: 'photo.png' }];
    await eventually(async () => expect(await filesOfNote(tenantId)).toEqual({ _entities: [{ attachments }] }));
    expect(await filesOfNote(newId())).toEqual({ _entities: [{ attachments: [] }] });
    // The day of the uploads is over: what is in use stays.
    await work(sql`update upload set due_at = now() where id in (${shared}, ${own})`);
    await announced('b.png', 100);
    await eventually(async () =>
      expect(await work(sql`select due_at from upload where id in (${shared}, ${own})`)).toEqual([
        { due_at: null },
        { due_at: null },
      ]),
    );
    await erase(erased);
    await eventually(async () => expect(existsSync(fileOf(own))).toBe(false));
    expect(await filesOfNote(tenantId)).toEqual({ _entities: [{ attachments: [] }] });
    expect(await mediaOf(replies[1]?.data.messageId ?? '')).toBeNull();
    expect(existsSync(fileOf(shared))).toBe(true);
    await erase(other);
    await eventually(async () => expect(existsSync(fileOf(shared))).toBe(false));
    await eventually(async () =>
      expect(await work(sql`select 1 from upload where id in (${shared}, ${own})`)).toEqual([]),
    );
  });

  function snapshot({ accountId }: Connected, conversationId: ConversationId) {
    const shown = { channel: 'generic', state: 'pending', priority: 'normal', assigneeId: null } as const;
    const conversation = {
      conversationId,
      accountId,
      ...shown,
      unreadCount: 0,
      waitingSince: null,
      lastMessageAt: new Date().toISOString(),
    };
    return { conversation };
  }

  async function erase(conversationId: ConversationId): Promise<void> {
    const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
    const told = { erasureId, customerId, conversationId };
    await here.harness.publish(
      anEvent(
        'crm.customer-erasure-requested',
        { erasureId, customerId, conversationIds: [conversationId] },
        { tenantId, aggregateId: customerId },
      ),
    );
    await here.harness.events.next('ingest.buyer-erased', ({ data }) => data.erasureId === erasureId);
    await here.harness.publish(anEvent('conversation.buyer-erased', told, { tenantId, aggregateId: conversationId }));
    await here.harness.events.next('ingest.personal-data-erased', ({ data }) => data.erasureId === erasureId);
  }
});
