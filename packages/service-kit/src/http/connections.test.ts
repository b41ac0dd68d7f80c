import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { limitConnections } from './connections.ts';

const opened: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.destroy();
});

async function serve(isExempt: (address: string) => boolean, max = 100) {
  const server = createServer((_request, response) => void response.end('here'));
  limitConnections(server, { perAddressMax: 2, max, isExempt });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ destroy: () => server.close() });
  const { port } = server.address() as AddressInfo;
  return async (localAddress: string): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', () => undefined);
    opened.push(socket);
    await once(socket, 'connect');
    return socket;
  };
}

async function isAnswered(socket: Socket): Promise<boolean> {
  const closed = once(socket, 'close').then(() => false);
  socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
  return Promise.race([closed, once(socket, 'data').then(() => true)]);
}

test('silent connections of one address leave the others theirs, and closing one makes room', async () => {
  const open = await serve(() => false);
  const [first] = [await open('127.0.0.1'), await open('127.0.0.1')];
  expect(await isAnswered(await open('127.0.0.1'))).toBe(false);
  expect(await isAnswered(await open('127.0.0.2'))).toBe(true);
  first.destroy();
  await once(first, 'close');
  // The server hears of it with the next connections.
  while (!(await isAnswered(await open('127.0.0.1'))));
});

test('a proxy that passes on others is not limited', async () => {
  const open = await serve((address) => address === '127.0.0.1');
  const sockets = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1')];
  for (const socket of sockets) expect(await isAnswered(socket)).toBe(true);
});

test('when all places are taken, the address with most of them loses a silent one to the newcomer', async () => {
  const open = await serve(() => false, 3);
  const [busy, silent, lone] = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.2')];
  expect(await isAnswered(busy)).toBe(true);
  const lost = once(silent, 'close');
  expect(await isAnswered(await open('127.0.0.3'))).toBe(true);
  await lost;
  // Now nobody has more than a newcomer would get.
  expect(await isAnswered(await open('127.0.0.4'))).toBe(false);
  expect(await isAnswered(lone)).toBe(true);
});
