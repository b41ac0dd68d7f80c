import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectedShop, Platform } from './model.ts';
import { platformNames } from './platform-names.generated.ts';
import { platforms } from './platforms.generated.ts';
import { type Bench, startBench } from './testing.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
const writable = platformNames.filter((name) => (platforms[name].caller?.sendText ?? null) !== null);
const pushing = platformNames.filter((name) => (platforms[name].messages?.pushes ?? null) !== null);
let bench: Bench;
let shop: ConnectedShop;
let threadId: string;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

async function openShop(name: Platform): Promise<void> {
  shop = bench.shop(name);
  ({ threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') }));
  await bench.twin.settled();
  bench.receiver.deliveries.length = 0;
}

const say = (words: string) => bench.twin.buyerSays({ shop, buyer: 'olivia', content: text(words) }).messageId;
const pushed = () =>
  bench.receiver.deliveries.flatMap((one) => platforms[shop.platform].receiver?.messageId(one) ?? []);
const executed = () => bench.twin.journal().map((one) => one.text);

describe.each(writable)('faults of calls to %s', (name) => {
  beforeEach(() => openShop(name));
  const send = (words: string) => bench.sendText(shop, threadId, words);

  test.each(['rate-limit', 'server-error'] as const)('%s refuses one send and executes nothing', async (fault) => {
    bench.twin.faults.next(name, fault);
    expect((await send('a')).messageId).toBeNull();
    expect((await send('b')).messageId).not.toBeNull();
    expect(executed()).toEqual(['b']);
  });

  test('execute-then-reset executes and cuts the connection', async () => {
    bench.twin.faults.next(name, 'execute-then-reset');
    await expect(send('a')).rejects.toThrow('fetch failed');
    expect(executed()).toEqual(['a']);
  });

  test('token-expired refuses one call; the credentials read after it pass', async () => {
    bench.twin.faults.next(name, 'token-expired');
    expect((await send('a')).messageId).toBeNull();
    shop = bench.shop(name);
    expect((await send('b')).messageId).not.toBeNull();
    expect(executed()).toEqual(['b']);
  });

  test('a rate of 100 percent hits every call until it is 0', async () => {
    bench.twin.faults.rate(name, { fault: 'rate-limit', percent: 100 });
    expect([(await send('a')).messageId, (await send('b')).messageId]).toEqual([null, null]);
    bench.twin.faults.rate(name, { fault: 'rate-limit', percent: 0 });
    expect((await send('c')).messageId).not.toBeNull();
  });

  test('an outage cuts only the calls of its platform, and executes nothing', async () => {
    bench.twin.faults.outage(name, true);
    await expect(send('a')).rejects.toThrow('fetch failed');
    const other = bench.shop(writable.find((one) => one !== name) ?? name);
    const said = bench.twin.buyerSays({ shop: other, buyer: 'olivia', content: text('hi') });
    await bench.sendText(other, said.threadId, 'b');
    expect(executed()).toEqual(['b']);
    bench.twin.faults.outage(name, false);
    expect((await send('c')).messageId).not.toBeNull();
  });
});

describe.each(writable.filter((name) => (platforms[name].messages?.pushes?.echoes ?? null) !== null))(
  'an echo of %s',
  (name) => {
    beforeEach(async () => {
      await openShop(name);
      bench.twin.setEchoes(name, 'after-answer');
    });

    test('shows that execute-then-hang executed a call without an answer', async () => {
      bench.twin.faults.next(name, 'execute-then-hang');
      const hanging = bench.sendText(shop, threadId, 'a').then(
        () => 'answered',
        () => 'cut',
      );
      await bench.receiver.count(1);
      expect(executed()).toEqual(['a']);
      await bench.twin.close();
      expect(await hanging).toBe('cut');
    });

    test('shows that execute-then-reset executed a call', async () => {
      bench.twin.faults.next(name, 'execute-then-reset');
      await expect(bench.sendText(shop, threadId, 'a')).rejects.toThrow('fetch failed');
      await bench.receiver.count(1);
      expect(pushed()).toEqual(bench.twin.journal().map((one) => one.messageId));
    });
  },
);

describe.each(pushing)('faults of pushes from %s', (name) => {
  beforeEach(() => openShop(name));

  test('duplicate-push delivers the same bytes twice', async () => {
    bench.twin.faults.next(name, 'duplicate-push');
    const id = say('a');
    const deliveries = await bench.receiver.count(2);
    expect(pushed()).toEqual([id, id]);
    expect(deliveries[0]?.raw).toBe(deliveries[1]?.raw);
  });

  test('pushes wait for the end of an outage', async () => {
    bench.twin.faults.outage(name, true);
    const id = say('a');
    // A push of another platform shows that there was time for this one.
    const other = pushing.find((one) => one !== name);
    if (other !== undefined) bench.twin.buyerSays({ shop: bench.shop(other), buyer: 'olivia', content: text('b') });
    await bench.receiver.count(other === undefined ? 0 : 1);
    expect(pushed()).not.toContain(id);
    bench.twin.faults.outage(name, false);
    await bench.twin.settled();
    expect(pushed()).toContain(id);
  });

  test('every message of a burst is acknowledged once, besides the duplicates', async () => {
    const options = { messages: 120, duplicatesPercent: 25, concurrency: 8, threads: 10 };
    bench.receiver.answers.push({ status: 503, body: '' });
    const result = await bench.twin.burst({ shop, ...options });
    const ids = Object.values(result.acknowledged).flat();
    expect(new Set(ids).size).toBe(120);
    expect(ids).toHaveLength(120);
    expect(result.givenUp).toEqual([]);
    expect(result.duplicatesPushed).toBeGreaterThan(10);
    expect(bench.receiver.deliveries).toHaveLength(120 + result.duplicatesPushed + 1);
    const threads = bench.twin.threads(shop);
    for (const [id, acknowledged] of Object.entries(result.acknowledged)) {
      const truth = threads.find((thread) => thread.threadId === id)?.messages.map((message) => message.id) ?? [];
      expect(acknowledged).toEqual(truth);
    }
  });
});
