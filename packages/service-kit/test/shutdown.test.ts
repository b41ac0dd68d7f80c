import { startStopwatch } from '@crossdesk/testkit/waiting';
import { expect, test } from '@jest/globals';
import { createLog } from '../src/runtime/log.ts';
import { stopInOrder } from '../src/runtime/shutdown.ts';

const log = createLog('test', 'silent');

test('parts stop one after another, in the given order', async () => {
  const steps: string[] = [];
  const part = (name: string) => ({
    name,
    stop: async () => {
      steps.push(`${name} stops`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} stopped`);
    },
  });
  await stopInOrder([part('consumer'), part('relay'), part('database')], 5_000, log);
  expect(steps).toEqual([
    'consumer stops',
    'consumer stopped',
    'relay stops',
    'relay stopped',
    'database stops',
    'database stopped',
  ]);
});

test('a part that hangs, one that fails and one that throws at once do not keep the next from stopping', async () => {
  const lines: string[] = [];
  const stopped: string[] = [];
  const parts = [
    { name: 'hangs', stop: () => new Promise<void>(() => undefined) },
    { name: 'fails', stop: () => Promise.reject(new Error('no')) },
    {
      name: 'throws',
      stop: () => {
        throw new Error('at once');
      },
    },
    { name: 'last', stop: async () => void stopped.push('last') },
  ];
  const watch = startStopwatch();
  await stopInOrder(parts, 150, createLog('test', 'error', { write: (line) => void lines.push(line) }));
  expect(watch.quietMs()).toBeLessThan(5_000);
  expect(stopped).toEqual(['last']);
  expect(lines.map((line) => (JSON.parse(line) as { part: string }).part)).toEqual(['hangs', 'fails', 'throws']);
});
