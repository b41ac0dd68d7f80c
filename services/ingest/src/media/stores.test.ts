import { createHmac, createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ByteStore } from './byte-store.ts';
import { createFolderStore } from './folder-store.ts';
import { createS3Store } from './s3-store.ts';

const key = { accessKeyId: 'AKIATEST', secretAccessKey: 'a secret of the bucket' };
const region = 'eu-test-1';
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const mac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest();

/** Whether the signature is right, computed from Amazon's description of version 4, apart from our client. */
function isSigned(request: IncomingMessage, secret: string): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, id, day = '', place = '', names = '', signature] = pattern.exec(request.headers.authorization ?? '') ?? [];
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name])}\n`);
  const payload = String(request.headers['x-amz-content-sha256']);
  const canonical = [request.method, request.url, '', headers.join(''), names, payload].join('\n');
  const scope = `${day}/${place}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signing = [place, 's3', 'aws4_request'].reduce((under, part) => mac(under, part), mac(`AWS4${secret}`, day));
  return (
    id === key.accessKeyId &&
    place === region &&
    names.includes('host') &&
    mac(signing, text).toString('hex') === signature
  );
}

const objects = new Map<string, { bytes: Buffer; type: string }>();
let bucket: Server;
let endpoint: string;
let directory: string;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const bytes = await buffer(request).catch(() => null);
  if (bytes === null || bytes.length !== Number(request.headers['content-length'] ?? 0)) return;
  const declared = String(request.headers['x-amz-content-sha256']);
  const isWhole = declared === 'UNSIGNED-PAYLOAD' || declared === sha256(bytes);
  if (!path.startsWith('/files/') || !isWhole || !isSigned(request, key.secretAccessKey)) {
    response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    return;
  }
  const found = objects.get(path);
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (request.method === 'PUT') objects.set(path, { bytes, type: String(request.headers['content-type']) });
  if (request.method === 'DELETE') objects.delete(path);
  if (request.method !== 'GET') response.writeHead(request.method === 'PUT' ? 200 : 204).end();
  else if (found === undefined) response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  else if (start === undefined) response.end(found.bytes);
  else response.writeHead(206).end(found.bytes.subarray(Number(start), Number(end) + 1));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crossdesk-store-'));
  bucket = createServer((request, response) => void answer(request, response));
  bucket.listen(0, '127.0.0.1');
  await once(bucket, 'listening');
  endpoint = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  bucket.closeAllConnections();
  bucket.close();
});

const s3 = (more: Partial<typeof key> = {}, at = 'files') =>
  createS3Store({ endpoint, region, bucket: at, ...key, ...more });
const name = '019a-tenant/ab/019a-message.thumbnail';
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text));

async function textIn(store: ByteStore, ...given: Parameters<ByteStore['read']>): Promise<string | null> {
  const content = await store.read(...given);
  return content === null ? null : (await buffer(content)).toString();
}

describe.each([
  ['a folder', () => createFolderStore(directory)],
  ['a bucket', () => s3()],
])('%s', (_, open) => {
  test('gives back what was put, whole and in parts, until it is removed', async () => {
    const store = open();
    expect(await store.read(name, null)).toBeNull();
    await store.put(name, bytesOf('half'), 'image/png');
    await store.put(name, bytesOf('whole file'), 'image/png');
    expect(await textIn(store, name, null)).toBe('whole file');
    expect(await textIn(store, name, { start: 6, end: 8 })).toBe('fil');
    await store.remove(name);
    await store.remove(name);
    expect(await store.read(name, null)).toBeNull();
  });
});

const three = { bytes: 10, mimeType: 'image/png' };
async function* chunksOf(...chunks: readonly (string | Error)[]) {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield bytesOf(chunk);
  }
}

describe.each([
  ['a folder', () => createFolderStore(directory)],
  ['a bucket', () => s3()],
])('%s takes a stream', (_, open) => {
  test('and has the file when it is whole', async () => {
    const store = open();
    await store.putStream(name, { ...three, chunks: chunksOf('who', 'le f', 'ile') });
    expect(await textIn(store, name, null)).toBe('whole file');
    await store.remove(name);
  });

  test('and has nothing when it breaks off', async () => {
    const store = open();
    const broken = new Error('the sender left');
    await expect(store.putStream(name, { ...three, chunks: chunksOf('who', broken) })).rejects.toThrow(/./);
    expect(await store.read(name, null)).toBeNull();
  });
});

test('a folder has nothing but the files', async () => {
  const store = createFolderStore(directory);
  await store.put(name, bytesOf('file'), 'image/png');
  expect(await readdir(join(directory, '019a-tenant/ab'))).toEqual(['019a-message.thumbnail']);
  await store.remove(name);
  expect(await readdir(join(directory, '019a-tenant/ab'))).toEqual([]);
});

test('a bucket that refuses the key fails with its reason, and shows no secret', async () => {
  const wrong = s3({ secretAccessKey: 'another secret' });
  for (const call of [wrong.put(name, bytesOf('x'), 'image/png'), wrong.read(name, null), wrong.remove(name)]) {
    const error: unknown = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toMatch(/HTTP 403 to \w+: .*SignatureDoesNotMatch/);
    expect(String(error)).not.toContain('another secret');
  }
  await expect(s3({}, 'other').put(name, bytesOf('x'), 'image/png')).rejects.toThrow(/403/);
});
