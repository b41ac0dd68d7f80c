import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createPictureSource, PictureError, pictureTypeOf } from './picture-source.ts';

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100, 7)]);
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function source(options: { allowPrivateAddresses?: boolean; timeoutMs?: number } = {}) {
  const pictures = createPictureSource({ allowPrivateAddresses: true, timeoutMs: 5_000, ...options });
  closing.unshift(() => pictures.close());
  return pictures;
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

async function failureOf(fetching: Promise<unknown>): Promise<PictureError> {
  const error = await fetching.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof PictureError)) throw new Error(`no PictureError but ${String(error)}`);
  return error;
}

test('a picture comes with its bytes and the type found in them, whatever the server claims', async () => {
  const url = await site((_, response) => response.setHeader('content-type', 'text/html').end(png));
  expect(await source().fetch(`${url}/a`, 1_000)).toEqual({ bytes: Uint8Array.from(png), mimeType: 'image/png' });
});

describe('the address of a picture gives no access to this network', () => {
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
    const error = await failureOf(source({ allowPrivateAddresses: false }).fetch(url, 1_000));
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
    const error = await failureOf(source({ allowPrivateAddresses: false }).fetch(url, 1_000));
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
    expect(await source().fetch(`${await site(hops(next))}/0`, 1_000)).toMatchObject({ mimeType: 'image/png' });
    const fourth = await failureOf(source().fetch(`${await site(hops(next))}/-1`, 1_000));
    expect(fourth.message).toMatch(/redirects too often/);
    expect(fourth).toMatchObject({ mayComeLater: false });
    const away = await failureOf(source().fetch(`${await site(hops(() => 'file:///etc/passwd'))}/0`, 1_000));
    expect(away.message).toMatch(/must be at an https address/);
  });
});

test('a picture that is too large is not read to the end', async () => {
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
  const error = await failureOf(source().fetch(url, 50_000));
  expect(error).toMatchObject({ message: expect.stringContaining('50000 bytes'), mayComeLater: false });
  expect(sent).toBeLessThan(10_000);
});

test.each([
  ['with no picture', (response) => response.end('<svg xmlns="http://www.w3.org/2000/svg"/>'), false],
  ['nothing', (response) => response.end(), false],
  ['"not found"', (response) => response.writeHead(404).end(), false],
  ['with a server error', (response) => response.writeHead(503).end(), true],
  ['with a reset', (response) => response.destroy(), true],
] satisfies [string, (response: Parameters<RequestListener>[1]) => unknown, boolean][])(
  'an address that answers %s yields no picture',
  async (_, answer, mayComeLater) => {
    const url = await site((_request, response) => void answer(response));
    expect(await failureOf(source().fetch(url, 1_000))).toMatchObject({ mayComeLater });
  },
);

test('an address that does not answer is given up in time', async () => {
  const url = await site(() => undefined);
  expect(await failureOf(source({ timeoutMs: 100 }).fetch(url, 1_000))).toMatchObject({ mayComeLater: true });
});

test.each([
  ['ffd8ffe000104a4649460001', 'image/jpeg'],
  ['89504e470d0a1a0a0000000d', 'image/png'],
  ['474946383961010001008000', 'image/gif'],
  ['52494646240000005745425056503820', 'image/webp'],
  ['524946462400000057415645', null],
  ['3c73766720786d6c6e733d22', null],
  ['', null],
])('%s is %s', (hex, mimeType) => {
  expect(pictureTypeOf(Buffer.from(hex, 'hex'))).toBe(mimeType);
});
