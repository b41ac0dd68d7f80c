import { afterEach, expect, jest, test } from '@jest/globals';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readBody } from './read-body.ts';

afterEach(() => void jest.useRealTimers());

test('a body that takes longer than ten seconds is not waited for', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const request = new IncomingMessage(new Socket());
  const read = readBody(request).catch((error: unknown) => error);
  request.push('half of it');
  jest.advanceTimersByTime(10_000);
  expect(await read).toMatchObject({ reason: 'too_slow' });
  expect(request.destroyed).toBe(true);
});
