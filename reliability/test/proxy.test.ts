import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Proxy, startProxy } from '../src/system/proxy.ts';

/** Closes what a test has opened. */
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** Answers each piece of text with "did " and the text, and keeps what it did. */
async function echoServer(): Promise<{ readonly port: number; readonly did: string[] }> {
  const did: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.setEncoding('utf8').on('data', (text: string) => {
      did.push(text);
      socket.write(`did ${text}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, did };
}

async function behindProxy(): Promise<{ readonly proxy: Proxy; readonly did: string[] }> {
  const { port, did } = await echoServer();
  const proxy = await startProxy(() => port);
  opened.push(() => proxy.close());
  return { proxy, did };
}

async function client({ port }: Proxy): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  opened.push(() => socket.destroy());
  await once(
    socket.setEncoding('utf8').on('error', () => undefined),
    'connect',
  );
  return socket;
}

/** Resolves however the socket ends: bytes that were not read turn the end into a reset. */
function ended(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.on('close', resolve));
}

async function ask(socket: Socket, text: string): Promise<unknown> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return answer;
}

describe('dropping an answer', () => {
  test('by what was asked: the server has done it, and the client is cut off without an answer', async () => {
    const { proxy, did } = await behindProxy();
    const reader = await client(proxy);
    const sender = await client(proxy);
    const dropped = proxy.dropNextAnswer((asked) => asked.startsWith('send'));
    expect(await ask(reader, 'read 1')).toBe('did read 1');
    const closed = ended(sender);
    const heard: string[] = [];
    sender.on('data', (text: string) => heard.push(text));
    sender.write('send 1');
    await Promise.all([dropped, closed]);
    expect(did).toEqual(['read 1', 'send 1']);
    expect(heard).toEqual([]);
    expect(await ask(await client(proxy), 'send 2')).toBe('did send 2');
  });

  test('by the bytes of the answer', async () => {
    const { proxy } = await behindProxy();
    const socket = await client(proxy);
    const dropped = proxy.dropNextAnswer((_asked, answer) => answer.includes('did COMMIT'));
    expect(await ask(socket, 'begin')).toBe('did begin');
    const closed = ended(socket);
    socket.write('COMMIT');
    await Promise.all([dropped, closed]);
  });

  test('does not happen any more when it was taken back', async () => {
    const { proxy } = await behindProxy();
    const dropped = proxy.dropNextAnswer(() => true);
    proxy.dropNothing();
    await dropped;
    expect(await ask(await client(proxy), 'send')).toBe('did send');
  });
});

test('a frozen proxy forwards nothing; when it is released its connections end and new ones work', async () => {
  const { proxy, did } = await behindProxy();
  const [first, second] = [await client(proxy), await client(proxy)];
  expect(await ask(first, 'one')).toBe('did one');
  expect(await ask(second, 'two')).toBe('did two');
  proxy.freeze(true);
  first.write('three');
  const closed = Promise.all([ended(first), ended(second)]);
  proxy.freeze(false);
  await closed;
  expect(await ask(await client(proxy), 'four')).toBe('did four');
  expect(did).toEqual(['one', 'two', 'four']);
});

test('an answer that is held back is not overtaken by one that comes after the delay has ended', async () => {
  const { proxy } = await behindProxy();
  const socket = await client(proxy);
  const isHeld = Promise.withResolvers<void>();
  void proxy.dropNextAnswer((_asked, answer) => {
    if (answer === 'did one') isHeld.resolve();
    return false;
  });
  const heard = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (more: string) => {
      text += more;
      if (text.length === 'did one did two'.length - 1) resolve(text);
    });
  });
  proxy.delay(200);
  socket.write('one');
  await isHeld.promise;
  proxy.delay(0);
  socket.write('two');
  expect(await heard).toBe('did onedid two');
});
