import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { field } from './json.ts';
import { call, callTiktok, callWhatsapp, startBench, startReceiver, type Bench } from './testing.ts';
import { createTwin, type ConnectedShop } from './twin.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
let bench: Bench;
let shop: ConnectedShop;
let threadId: string;
beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('tiktok-shop');
  ({ threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') }));
  await bench.twin.settled();
});
afterEach(() => bench.close());

const send = (words: string, accessToken?: string) =>
  callTiktok(shop, `/customer_service/202309/conversations/${threadId}/messages`, {
    body: { type: 'TEXT', content: JSON.stringify({ content: words }) },
    ...(accessToken === undefined ? {} : { accessToken }),
  });
const executed = () => bench.twin.journal().map((one) => one.text);

describe('faults of calls', () => {
  test('rate-limit answers 429 with Retry-After and executes nothing; the next send passes', async () => {
    bench.twin.faults.next('tiktok-shop', 'rate-limit');
    const refused = await send('a');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    await send('b');
    expect(executed()).toEqual(['b']);
  });

  test('server-error answers 500 and executes nothing', async () => {
    bench.twin.faults.next('tiktok-shop', 'server-error');
    expect((await send('a')).status).toBe(500);
    expect(executed()).toEqual([]);
  });

  test('execute-then-reset executes, tells the echo, and cuts the connection', async () => {
    bench.twin.faults.next('tiktok-shop', 'execute-then-reset');
    await expect(send('a')).rejects.toThrow('fetch failed');
    await bench.receiver.count(2);
    expect(executed()).toEqual(['a']);
  });

  test('execute-then-hang executes and never answers', async () => {
    bench.twin.faults.next('tiktok-shop', 'execute-then-hang');
    const hanging = send('a').then(
      () => 'answered',
      () => 'cut',
    );
    // The echo proves that it was executed while the caller still waits.
    await bench.receiver.count(2);
    expect(executed()).toEqual(['a']);
    await bench.twin.close();
    expect(await hanging).toBe('cut');
  });

  test('token-expired withdraws the token that was used until it is refreshed', async () => {
    const token = shop.credentials['access_token'] ?? '';
    bench.twin.faults.next('tiktok-shop', 'token-expired');
    expect(field((await send('a')).body, 'code')).toBe(105002);
    expect(field((await send('a', token)).body, 'code')).toBe(105002);
    const renewed = bench.shop('tiktok-shop').credentials['access_token'] ?? '';
    expect(field((await send('a', renewed)).body, 'code')).toBe(0);
    expect(executed()).toEqual(['a']);
  });

  test('a rate of 100 percent hits every call until it is 0', async () => {
    bench.twin.faults.rate('tiktok-shop', { fault: 'rate-limit', percent: 100 });
    expect([(await send('a')).status, (await send('b')).status]).toEqual([429, 429]);
    bench.twin.faults.rate('tiktok-shop', { fault: 'rate-limit', percent: 0 });
    expect((await send('c')).status).toBe(200);
  });

  test('an outage refuses one platform only, and its pushes wait', async () => {
    bench.twin.faults.outage('tiktok-shop', true);
    await expect(send('a')).rejects.toThrow('fetch failed');
    bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('during the outage') });
    const whatsapp = bench.shop('whatsapp');
    expect((await callWhatsapp(whatsapp, {})).status).toBe(400);
    expect(bench.receiver.deliveries).toHaveLength(1);
    bench.twin.faults.outage('tiktok-shop', false);
    await bench.receiver.count(2);
    expect(executed()).toEqual([]);
  });
});

describe('faults of pushes', () => {
  const pushed = () => bench.receiver.deliveries.map((one) => field(one.body, 'data', 'message_id'));
  const say = (words: string) => bench.twin.buyerSays({ shop, buyer: 'olivia', content: text(words) }).messageId;

  test('duplicate-push delivers the same bytes twice', async () => {
    bench.twin.faults.next('tiktok-shop', 'duplicate-push');
    const id = say('a');
    const deliveries = await bench.receiver.count(3);
    expect(pushed().slice(1)).toEqual([id, id]);
    expect(deliveries[1]?.raw).toBe(deliveries[2]?.raw);
  });

  test('reordered-push comes behind the next one', async () => {
    bench.twin.faults.next('tiktok-shop', 'reordered-push');
    const [first, second] = [say('a'), say('b')];
    await bench.receiver.count(3);
    expect(pushed().slice(1)).toEqual([second, first]);
  });

  test('delayed-push comes later than what was said after it', async () => {
    bench.twin.faults.next('tiktok-shop', 'delayed-push');
    const [first, second, third] = [say('a'), say('b'), say('c')];
    await bench.receiver.count(4);
    expect(pushed().slice(1)).toEqual([second, third, first]);
  });
});

describe('acknowledgement', () => {
  test('pushes are repeated until they are acknowledged, in order', async () => {
    bench.receiver.answers.push({ status: 500, body: '' }, { status: 401, body: '' });
    const ids = ['a', 'b'].map(
      (words) => bench.twin.buyerSays({ shop, buyer: 'olivia', content: text(words) }).messageId,
    );
    await bench.twin.settled();
    const pushed = bench.receiver.deliveries.slice(1).map((one) => field(one.body, 'data', 'message_id'));
    expect(pushed).toEqual([ids[0], ids[0], ids[0], ids[1]]);
  });

  test('an acknowledgement with a body is none for TikTok Shop', async () => {
    bench.receiver.answers.push({ status: 200, body: 'ok' });
    bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('a') });
    await bench.twin.settled();
    expect(bench.receiver.deliveries).toHaveLength(3);
    expect(bench.twin.pushes().lastRefusal).toContain('empty body');
  });

  test('retries follow a changed webhook address', async () => {
    const gone = await startReceiver();
    await gone.close();
    bench.twin.setWebhookUrl(shop, `${gone.origin}/old`);
    bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('a') });
    bench.twin.setWebhookUrl(shop, `${bench.receiver.origin}/moved`);
    await bench.receiver.count(2);
    expect(bench.receiver.deliveries[1]?.url).toContain('/moved');
  });

  test('closing gives up what nobody acknowledges', async () => {
    const twin = createTwin({ seed: 'closing' });
    await twin.listen(0);
    const [first] = twin.shops();
    if (first === undefined) throw new Error('the demo has shops');
    twin.setWebhookUrl(first, 'http://127.0.0.1:1/nobody');
    twin.buyerSays({ shop: first, buyer: 'olivia', content: text('a') });
    await twin.close();
    expect(twin.pushes()).toMatchObject({ acknowledged: 0, pending: 0 });
  });
});

describe('burst', () => {
  test.each(['shopee', 'tiktok-shop', 'whatsapp', 'generic'] as const)(
    'every message of %s is acknowledged once, duplicates come on top',
    async (platform) => {
      const target = bench.shop(platform);
      const before = bench.receiver.deliveries.length;
      const options = { messages: 120, duplicatesPercent: 25, concurrency: 8, threads: 10 };
      bench.receiver.answers.push({ status: 503, body: '' });
      const result = await bench.twin.burst({ shop: target, ...options });
      const ids = Object.values(result.acknowledged).flat();
      expect(new Set(ids).size).toBe(120);
      expect(ids).toHaveLength(120);
      expect(result.givenUp).toEqual([]);
      expect(result.duplicatesPushed).toBeGreaterThan(10);
      expect(bench.receiver.deliveries.length - before).toBe(120 + result.duplicatesPushed + 1);
      const threads = bench.twin.threads(target);
      for (const [id, acknowledged] of Object.entries(result.acknowledged)) {
        const truth = threads.find((thread) => thread.threadId === id)?.messages.map((message) => message.id) ?? [];
        expect(acknowledged).toEqual(truth);
      }
    },
  );
});

test('the control API makes things happen and shows them', async () => {
  const origin = new URL(shop.baseUrls.api).origin;
  const ref = { platform: 'whatsapp', externalAccountId: bench.shop('whatsapp').externalAccountId };
  const said = await call(
    `${origin}/_twin/buyer-says`,
    { shop: ref, buyer: 'olivia', content: { kind: 'text', text: 'by HTTP' } },
    {},
  );
  await bench.receiver.count(2);
  expect(said.status).toBe(200);
  expect((await call(`${origin}/_twin/fault-next`, { platform: 'shopee', fault: 'nonsense' }, {})).status).toBe(400);
  const threads = await call(`${origin}/_twin/threads`, undefined, {});
  expect(
    JSON.stringify(threads.body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ).toContain('by HTTP');
  const run = await call(
    `${origin}/_twin/burst`,
    { shop: ref, messages: 10, duplicatesPercent: 0, concurrency: 2, threads: 2 },
    {},
  );
  expect(field(run.body, 'givenUp')).toEqual([]);
});

test('traffic makes buyers write until it is stopped', async () => {
  bench.twin.traffic.start({ perMinute: 60_000 });
  await bench.receiver.count(30);
  await bench.twin.traffic.stop();
  await bench.twin.settled();
  const count = bench.receiver.deliveries.length;
  const written = bench.twin.threads().flatMap((thread) => thread.messages).length;
  expect(count).toBe(written);
});
