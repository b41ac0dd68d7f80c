import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createLog } from '../runtime/log.ts';
import { limitBodies } from './limit-bodies.ts';
import { createHttp } from './server.ts';

const opened: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.destroy();
});

async function serve() {
  const http = createHttp(createLog('test', 'silent'), 100, 'a test');
  limitBodies(http, {
    bodyBytesMax: 100,
    addressBytesMax: 100,
    bytesMax: 1_000,
    addressOf: ({ socket }) => socket.remoteAddress ?? '',
    refuse: (reply) => reply.code(503).send(),
  });
  const begun: string[] = [];
  http.addHook('preParsing', async (request) => void begun.push(request.url));
  http.post('/:name', async () => 'read');
  await http.listen({ port: 0, host: '127.0.0.1' });
  opened.push({ destroy: () => http.close() });
  const { port } = http.server.address() as AddressInfo;
  const send = async (name: string, localAddress: string, headers: string): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    opened.push(socket);
    await once(socket, 'connect');
    socket.write(`POST /${name} HTTP/1.1\r\nhost: here\r\ncontent-type: text/plain\r\n${headers}\r\n\r\n`);
    return socket;
  };
  return { begun, send };
}

test('bodies that are sent slowly from one address keep only its own next body waiting', async () => {
  const { begun, send } = await serve();
  const slow = await send('slow', '127.0.0.1', 'transfer-encoding: chunked');
  while (begun.length < 1) await new Promise(setImmediate);
  const waiting = await send('waiting', '127.0.0.1', 'content-length: 2');
  waiting.write('ab');
  const other = await send('other', '127.0.0.2', 'content-length: 2');
  other.write('ab');
  expect(String(await once(other, 'data'))).toContain('200 OK');
  expect(begun).toEqual(['/slow', '/other']);
  slow.destroy();
  expect(String(await once(waiting, 'data'))).toContain('200 OK');
});
