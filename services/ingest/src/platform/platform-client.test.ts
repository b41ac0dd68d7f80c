import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PlatformCallError, type PlatformRequest } from '@crossdesk/channels/adapters';
import { createPlatformClient, type PlatformClientOptions } from './platform-client.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function clientWith(options: Partial<PlatformClientOptions> = {}) {
  const client = createPlatformClient({
    timeoutMs: 5_000,
    bodyBytesMax: 1_000,
    allowPrivateAddresses: true,
    ...options,
  });
  closing.unshift(() => client.close());
  return client;
}

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

async function platform(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(answer))}`;
}

/** A port on which nothing listens: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function post(url: string, more: Partial<PlatformRequest> = {}): PlatformRequest {
  return { method: 'POST', url, headers: { authorization: 'Bearer s3cret' }, body: '{"text":"hi"}', ...more };
}

async function failureOf(calling: Promise<unknown>): Promise<PlatformCallError> {
  const error = await calling.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlatformCallError)) throw new Error('expected a PlatformCallError', { cause: error });
  return error;
}

describe('answers', () => {
  test('method, path, headers and body arrive, and the answer comes back complete', async () => {
    const url = await platform((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        response.setHeader('x-seen', [`${request.method} ${request.url}`, request.headers.authorization ?? '']);
        response.writeHead(201).end(`Olá ${body}`);
      });
    });
    const answer = await clientWith().call(post(`${url}/send?shop=1`));
    expect(answer).toMatchObject({ status: 201, body: 'Olá {"text":"hi"}' });
    expect(answer.headers['x-seen']).toBe('POST /send?shop=1, Bearer s3cret');
  });

  test('a redirect counts as the answer and is not followed', async () => {
    let requests = 0;
    const url = await platform((_, response) => {
      requests++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await clientWith().call(post(url));
    expect(answer).toMatchObject({ status: 302, headers: { location: '/elsewhere' } });
    expect(requests).toBe(1);
  });
});

describe('failures after the request left', () => {
  test('a platform that executes and then stays silent may have executed', async () => {
    let executed = 0;
    const url = await platform(() => executed++);
    const error = await failureOf(clientWith({ timeoutMs: 100 }).call(post(url)));
    expect(error.mayHaveExecuted).toBe(true);
    expect(executed).toBe(1);
  });

  test('a connection reset while waiting may have executed', async () => {
    const url = await platform((request) => request.socket.resetAndDestroy());
    expect((await failureOf(clientWith().call(post(url)))).mayHaveExecuted).toBe(true);
  });

  test('an answer cut off in the middle may have executed', async () => {
    const url = await platform((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":', () => request.socket.destroy());
    });
    expect((await failureOf(clientWith().call(post(url)))).mayHaveExecuted).toBe(true);
  });

  test.each([
    ['declared', { 'content-length': '1001' }],
    ['not declared', {}],
  ])('an answer beyond the limit, with its length %s, is dropped and may have executed', async (_, headers) => {
    const url = await platform((__, response) => response.writeHead(200, headers).end('x'.repeat(1_001)));
    const error = await failureOf(clientWith().call(post(url)));
    expect(error.mayHaveExecuted).toBe(true);
    const exact = await platform((__, response) => response.end('x'.repeat(1_000)));
    expect((await clientWith().call(post(exact))).body).toHaveLength(1_000);
  });
});

describe('failures before the request left', () => {
  test('a refused connection executed nothing', async () => {
    const error = await failureOf(clientWith().call(post(`http://127.0.0.1:${await closedPort()}/`)));
    expect(error).toMatchObject({ mayHaveExecuted: false, message: expect.stringContaining('ECONNREFUSED') });
  });

  test('a name that does not exist executed nothing', async () => {
    const error = await failureOf(clientWith().call(post('https://shop.invalid/')));
    expect(error.mayHaveExecuted).toBe(false);
  });

  test.each([
    ['answers without TLS', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['closes the connection', (socket: Socket) => socket.end()],
  ])('a TLS handshake with a server that %s executed nothing', async (_, react) => {
    const port = await portOf(createSocketServer((socket) => socket.once('data', () => react(socket))));
    const error = await failureOf(clientWith().call(post(`https://127.0.0.1:${port}/`)));
    expect(error.mayHaveExecuted).toBe(false);
  });

  test('a handshake that never ends executed nothing', async () => {
    const port = await portOf(createSocketServer());
    const error = await failureOf(clientWith({ timeoutMs: 100 }).call(post(`https://127.0.0.1:${port}/`)));
    expect(error.mayHaveExecuted).toBe(false);
  });

  test('a header that cannot be sent executed nothing', async () => {
    const url = await platform((_, response) => response.end());
    const error = await failureOf(clientWith().call(post(url, { headers: { authorization: 'Bearer a\nb' } })));
    expect(error.mayHaveExecuted).toBe(false);
  });

  test('calls that still wait for a connection at their deadline executed nothing', async () => {
    const connections = 32;
    const all = Promise.withResolvers<void>();
    let executed = 0;
    const url = await platform(() => {
      executed += 1;
      if (executed === connections) all.resolve();
    });
    const timeoutMs = 2_000;
    const client = clientWith({ timeoutMs });
    const failures = Array.from({ length: connections + 8 }, () => failureOf(client.call(post(url))));
    await all.promise;
    // The process is blocked until all deadlines are past, so that no call ends early and frees its connection for
    // another.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
    const sent = (await Promise.all(failures)).filter(({ mayHaveExecuted }) => mayHaveExecuted);
    expect(sent).toHaveLength(connections);
    expect(executed).toBe(connections);
  });

  test('no error shows the path, the query or a header', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/hidden-path?access_token=s3cret`;
    const { message } = await failureOf(clientWith().call(post(url)));
    expect(message).not.toMatch(/s3cret|hidden-path/);
  });
});

describe('addresses that are not public', () => {
  test.each([
    '127.0.0.1',
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fd00::1]',
    '[fe80::1]',
  ])('%s is refused before a connection is made', async (host) => {
    const client = clientWith({ allowPrivateAddresses: false });
    const error = await failureOf(client.call(post(`https://${host}:${await closedPort()}/`)));
    expect(error).toMatchObject({ mayHaveExecuted: false, message: expect.stringContaining('not a public address') });
  });

  test('a server on this machine gets no connection', async () => {
    let connections = 0;
    const server = createSocketServer(() => connections++);
    const port = await portOf(server);
    await failureOf(clientWith({ allowPrivateAddresses: false }).call(post(`https://localhost:${port}/`)));
    expect(connections).toBe(0);
  });

  test.each(['http://shop.example/', 'ftp://shop.example/', 'shop.example', ''])(
    '%j is refused: not an https address',
    async (url) => {
      const error = await failureOf(clientWith({ allowPrivateAddresses: false }).call(post(url)));
      expect(error).toMatchObject({ mayHaveExecuted: false, message: expect.stringContaining('https://') });
    },
  );
});
