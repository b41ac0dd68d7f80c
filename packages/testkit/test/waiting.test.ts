import { type AnyEvent, newId, type TenantId } from '@crossdesk/contracts';
import type { RecordBatch } from '@crossdesk/service-kit';
import { expect, test } from '@jest/globals';
import { givenMessage } from '../src/given.ts';
import { watchEvents } from '../src/event-log.ts';
import { thisMachine } from '../src/waiting/machine.ts';
import { afterQuiet, startStopwatch } from '../src/waiting/stopwatch.ts';
import { eventually, until, waitFor } from '../src/waiting/wait-for.ts';

const never = new Promise<never>(() => undefined);

test('time that other processes took does not count, even if they started after the waiting began', async () => {
  let lostMs = 500;
  const watch = startStopwatch({ lostMs: () => lostMs, waits: new Set() });
  const over = new Promise<void>((resolve) => void afterQuiet(50, watch, resolve));
  lostMs += 200;
  await over;
  expect(watch.wallMs()).toBeGreaterThanOrEqual(250);
  expect(watch.quietMs()).toBeGreaterThanOrEqual(50);
  expect(watch.says()).toMatch(/^\d.* s \(\d.* s without what others took\)$/);
});

test('the environment of the tests measures the machine during every test', () => {
  expect(Reflect.has(globalThis, Symbol.for('crossdesk.machine'))).toBe(true);
  expect(thisMachine().lostMs()).toBeGreaterThanOrEqual(0);
});

test('a time-out says what was awaited, how long, how far it came, and where', async () => {
  const waiting = waitFor('a letter', never, { withinMs: 20, progress: () => '2 of 3 stamps came' });
  const error = await waiting.catch((problem: unknown) => problem);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^waited \d.* for a letter: 2 of 3 stamps came$/),
  });
  expect(String(Reflect.get(Object(error), 'stack'))).toContain('waiting.test.ts');
  expect([...thisMachine().waits]).toEqual([]);
});

test('a check that never holds says what it found, and for how long nothing changed', async () => {
  let looks = 0;
  const check = async (): Promise<void> => {
    looks += 1;
    throw new Error(looks < 2 ? 'nobody is there' : 'two are there');
  };
  await expect(eventually(check, 400)).rejects.toThrow(/: looked \d+ times, the same for \d.*: two are there$/);
});

test('a check that hangs is given up like one that fails', async () => {
  await expect(eventually(() => never, 30)).rejects.toThrow(/look 1 has no answer$/);
});

test('a time-out shows the source text of an unmet condition', async () => {
  const letters: string[] = [];
  await expect(until(() => letters.length === 2, 20)).rejects.toThrow(
    /for \(\) => letters.length === 2: not met in \d+ turns of the event loop$/,
  );
});

test('a time-out for events says how many came, and which came last', async () => {
  const tenantId = newId<TenantId>();
  let deliver: (event: AnyEvent) => Promise<void> = async () => undefined;
  const events = await watchEvents({
    tail: async (_spec, onBatch) => {
      deliver = (event) => onBatch(batchOf(event));
      return { stop: async () => undefined, problem: () => null };
    },
  });
  const counting = events.count('ingest.message-received', 2, ({ data }) => data.channel === 'generic');
  const says = () => [...thisMachine().waits].map((wait) => wait.says()).join();
  expect(says()).toMatch(/for 2 of ingest.message-received, where .*channel === 'generic': 0 came .*no event at all/);
  await deliver(givenMessage({ tenantId, channel: 'generic' }));
  await deliver(givenMessage({ tenantId, channel: 'shopee' }));
  expect(says()).toMatch(/: 1 came of 2 of that type; of all 2 events the last came \d.* ago: ingest.message-received/);
  await deliver(givenMessage({ tenantId, channel: 'generic' }));
  expect(await counting).toHaveLength(2);
});

function batchOf(event: AnyEvent): RecordBatch {
  const value = Buffer.from(JSON.stringify(event));
  return {
    records: [{ topic: 'ingest.inbound', partition: 0, position: 0n, key: event.aggregateId, value, headers: {} }],
    signal: new AbortController().signal,
    heartbeat: async () => undefined,
  };
}
