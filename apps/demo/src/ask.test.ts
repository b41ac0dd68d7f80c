import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { askOverHttp } from './ask.ts';

/** Asks a server that answers every request with this. */
async function askOneThatSays(status: number, body: string): Promise<unknown> {
  const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  try {
    return await askOverHttp(`http://127.0.0.1:${address.port}`, null)('{ a }', {});
  } finally {
    server.close();
  }
}

test('the data of an answer', async () => {
  expect(await askOneThatSays(200, '{"data":{"a":1}}')).toEqual({ a: 1 });
});

test('a refusal is told in the words of the API', async () => {
  await expect(askOneThatSays(400, '{"errors":[{"message":"no field b"}]}')).rejects.toThrow('no field b');
});

test.each([
  [502, '<html>Bad Gateway</html>'],
  [503, '{"status":"starting"}'],
  [500, '{"errors":[{}]}'],
  [504, ''],
])('%i without words is told by its status', async (status, body) => {
  await expect(askOneThatSays(status, body)).rejects.toThrow(`HTTP ${status}`);
});
