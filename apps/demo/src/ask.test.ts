import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { askOverHttp } from './ask.ts';

/** Asks a server that gives this answer to every request. */
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

test('an answer gives its data', async () => {
  expect(await askOneThatSays(200, '{"data":{"a":1}}')).toEqual({ a: 1 });
});

test('a refusal has the error message of the API', async () => {
  await expect(askOneThatSays(400, '{"errors":[{"message":"no field b"}]}')).rejects.toThrow('no field b');
});

test.each([
  [502, '<html>Bad Gateway</html>'],
  [503, '{"status":"starting"}'],
  [500, '{"errors":[{}]}'],
  [504, ''],
])('%i without an error message is reported by its status', async (status, body) => {
  await expect(askOneThatSays(status, body)).rejects.toThrow(`HTTP ${status}`);
});
