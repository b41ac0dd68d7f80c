import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createFileSource, FileError, type FileToFetch } from './file-source.ts';

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100, 7)]);
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function source(options: { allowPrivateAddresses?: boolean; timeoutMs?: number } = {}) {
  const files = createFileSource(options.allowPrivateAddresses ?? true);
  closing.unshift(() => files.close());
  const { timeoutMs = 5_000 } = options;
  return { fetch: (file: Omit<FileToFetch, 'timeoutMs'>) => files.fetch({ timeoutMs, ...file }) };
}

async function site(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failureOf(fetching: Promise<unknown>): Promise<FileError> {
  const error = await fetching.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof FileError)) throw new Error(`no FileError but ${String(error)}`);
  return error;
}

test('a file comes with its bytes, and headers stay with the host they are for', async () => {
  const seen: (string | undefined)[] = [];
  const other = await site((request, response) => {
    seen.push(request.headers.authorization);
    response.end(png);
  });
  const url = await site((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url === '/away') response.writeHead(302, { location: other }).end();
    else response.end(png);
  });
  const headers = { authorization: 'Bearer s3cret' };
  expect(await source().fetch({ url: `${url}/a`, headers, bytesMax: 1_000 })).toEqual(Uint8Array.from(png));
  await source().fetch({ url: `${url}/away`, headers, bytesMax: 1_000 });
  expect(seen).toEqual(['Bearer s3cret', 'Bearer s3cret', undefined]);
});

describe('the address of a file gives no access to this network', () => {
  test.each([
    'https://127.0.0.1/',
    'https://localhost/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://\uff11\uff12\uff17.0.0.1/',
  ])('%s is refused for good', async (url) => {
    const error = await failureOf(source({ allowPrivateAddresses: false }).fetch({ url, bytesMax: 1_000 }));
    expect(error.message).toMatch(/is not a public address/);
    expect(error.mayComeLater).toBe(false);
  });

  test.each([
    'http://cdn.example.com/a.png',
    'https://cdn.example.com:8443/a.png',
    'https://cdn.example.com:22/',
    'https://user:password@cdn.example.com/a.png',
    'file:///etc/passwd',
    'ftp://cdn.example.com/a.png',
    'data:image/png;base64,iVBORw0KGgo=',
    'a.png',
  ])('%s is refused before anything is resolved', async (url) => {
    const error = await failureOf(source({ allowPrivateAddresses: false }).fetch({ url, bytesMax: 1_000 }));
    expect(error.message).toMatch(/must be at an https address/);
    expect(error.mayComeLater).toBe(false);
  });

  test('redirects are checked like the first address, and at most three are followed', async () => {
    const hops =
      (location: (path: string) => string) =>
      (request: { url?: string | undefined }, response: Parameters<RequestListener>[1]) =>
        request.url === '/3'
          ? response.end(png)
          : response.writeHead(302, { location: location(request.url ?? '') }).end();
    const next = (path: string) => `/${Number(path.slice(1)) + 1}`;
    expect(await source().fetch({ url: `${await site(hops(next))}/0`, bytesMax: 1_000 })).toHaveLength(png.length);
    const fourth = await failureOf(source().fetch({ url: `${await site(hops(next))}/-1`, bytesMax: 1_000 }));
    expect(fourth.message).toMatch(/redirects too often/);
    expect(fourth).toMatchObject({ mayComeLater: false });
    const away = await failureOf(
      source().fetch({ url: `${await site(hops(() => 'file:///etc/passwd'))}/0`, bytesMax: 1_000 }),
    );
    expect(away.message).toMatch(/must be at an https address/);
  });
});

test('a file that is too large is not read to the end', async () => {
  let sent = 0;
  function* endless() {
    yield png;
    for (; sent < 100_000; sent += 1) yield Buffer.alloc(10_000);
  }
  const url = await site(
    (_, response) =>
      void Readable.from(endless())
        .on('error', () => undefined)
        .pipe(response),
  );
  const error = await failureOf(source().fetch({ url, bytesMax: 50_000 }));
  expect(error).toMatchObject({ message: expect.stringContaining('50000 bytes'), mayComeLater: false });
  expect(sent).toBeLessThan(10_000);
});

test.each([
  ['"not found"', (response) => response.writeHead(404).end(), 'absent'],
  ['"forbidden"', (response) => response.writeHead(403).end(), 'absent'],
  ['with a server error', (response) => response.writeHead(503).end(), 'unreachable'],
  ['with a reset', (response) => response.destroy(), 'unreachable'],
] satisfies [string, (response: Parameters<RequestListener>[1]) => unknown, FileError['reason']][])(
  'an address that answers %s yields no file',
  async (_, answer, reason) => {
    const url = await site((_request, response) => void answer(response));
    expect(await failureOf(source().fetch({ url, bytesMax: 1_000 }))).toMatchObject({
      reason,
      mayComeLater: reason === 'unreachable',
    });
  },
);

test('an address that does not answer is given up in time', async () => {
  const url = await site(() => undefined);
  expect(await failureOf(source({ timeoutMs: 100 }).fetch({ url, bytesMax: 1_000 }))).toMatchObject({
    mayComeLater: true,
  });
});
