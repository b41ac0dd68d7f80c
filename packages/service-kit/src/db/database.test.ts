import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { openDatabase } from './database.ts';

test('a database that is gone, and one that hangs, are named within seconds', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/nothing`;
  const options = { appUrl: url, workerUrl: url, connectionsMax: 1, onConnectionError: () => undefined };
  const hanging = openDatabase(options);
  expect(await hanging.problem()).toBe('the database has not answered for 2 s');
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
  const gone = openDatabase(options);
  expect(await gone.problem()).toBe('the database cannot be reached');
  await Promise.all([hanging.close(), gone.close()]);
});
