import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectedShop } from './model.ts';
import { platformNames } from './platform-names.generated.ts';
import { platforms } from './platforms.generated.ts';
import { type Bench, startBench, startReceiver } from './testing.ts';
import { createTwin } from './twin.ts';

const [name] = platformNames.filter((one) => (platforms[one].messages?.pushes ?? null) !== null);
if (name === undefined) throw new Error('there is no platform that pushes messages');
const platform = platforms[name];
const text = (words: string) => ({ kind: 'text' as const, text: words });
let bench: Bench;
let shop: ConnectedShop;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop(platform.name);
});
afterEach(() => bench.close());

const say = (words: string) => bench.twin.buyerSays({ shop, buyer: 'olivia', content: text(words) }).messageId;
const pushed = () => bench.receiver.deliveries.map((one) => platform.receiver?.messageId(one));

describe('order', () => {
  test('the pushes of a thread come one after the other; a refused push is repeated before the next', async () => {
    bench.receiver.answers.push({ status: 500, body: '' }, { status: 401, body: '' });
    const [first, second] = [say('a'), say('b')];
    await bench.twin.settled();
    expect(pushed()).toEqual([first, first, first, second]);
  });

  test('reordered-push comes after the next push', async () => {
    bench.twin.faults.next(platform.name, 'reordered-push');
    const [first, second] = [say('a'), say('b')];
    await bench.receiver.count(2);
    expect(pushed()).toEqual([second, first]);
  });

  test('delayed-push comes after the messages that followed it', async () => {
    bench.twin.faults.next(platform.name, 'delayed-push');
    const [first, second, third] = [say('a'), say('b'), say('c')];
    await bench.receiver.count(3);
    expect(pushed()).toEqual([second, third, first]);
  });
});

test('retries follow a changed webhook address', async () => {
  const gone = await startReceiver();
  await gone.close();
  bench.twin.setWebhookUrl(shop, `${gone.origin}/old`);
  say('a');
  bench.twin.setWebhookUrl(shop, `${bench.receiver.origin}/moved`);
  await bench.receiver.count(1);
  expect(bench.receiver.deliveries[0]?.url).toContain('/moved');
});

test('closing gives up pushes that are not acknowledged', async () => {
  const twin = createTwin({ seed: 'closing' });
  await twin.listen(0);
  twin.setWebhookUrl(shop, 'http://127.0.0.1:1/nobody');
  twin.buyerSays({ shop, buyer: 'olivia', content: text('a') });
  await twin.close();
  expect(twin.pushes()).toMatchObject({ acknowledged: 0, pending: 0 });
});

test('traffic makes buyers write until it is stopped', async () => {
  bench.twin.traffic.start({ perMinute: 60_000 });
  await bench.receiver.count(30);
  await bench.twin.traffic.stop();
  await bench.twin.settled();
  const written = bench.twin
    .threads()
    .filter((thread) => (platforms[thread.platform].messages?.pushes ?? null) !== null)
    .flatMap((thread) => thread.messages);
  expect(bench.receiver.deliveries).toHaveLength(written.length);
});
