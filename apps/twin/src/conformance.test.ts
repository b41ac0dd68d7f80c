import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Delivery, Receiver } from './caller.ts';
import { field, textField } from './json.ts';
import type { ConnectedShop, Credentials } from './model.ts';
import { platformNames } from './platform-names.generated.ts';
import { platforms } from './platforms.generated.ts';
import { addressFor, type Bench, call, startBench } from './testing.ts';
import { createTwin } from './twin.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
const all = platformNames.map((name) => ({ name, platform: platforms[name] }));
const pushing = all.flatMap(({ name, platform: { messages, receiver } }) =>
  messages === null || messages.pushes === null || receiver === null
    ? []
    : [{ name, pushes: messages.pushes, receiver }],
);
const writable = all.filter(({ platform }) => (platform.caller?.sendText ?? null) !== null);
const writableAndPushing = pushing.filter(({ name }) => writable.some((one) => one.name === name));
const echoing = writableAndPushing.filter(({ pushes }) => pushes.echoes !== null);
const withReceipts = writableAndPushing.filter(({ pushes }) => pushes.receipts !== null);
const changing = pushing.filter(({ pushes }) => pushes.change !== null);
const unchanging = pushing.filter(({ pushes }) => pushes.change === null);
const withoutEchoes = all.filter(({ platform }) => (platform.messages?.pushes?.echoes ?? null) === null);
const withoutReceipts = all.filter(({ platform }) => (platform.messages?.pushes?.receipts ?? null) === null);
const withOrders = all.filter(({ platform }) => platform.orders !== null);
const handshaking = all.filter(({ platform }) => platform.handshake !== null);

describe.each(all)('$name declares', ({ name, platform }) => {
  test('the name of its folder, and addresses that no other platform has', () => {
    expect(platform.name).toBe(name);
    const own = new Set(Object.values(platform.prefixes));
    const others = all.filter((one) => one.name !== name).flatMap((one) => Object.values(one.platform.prefixes));
    for (const prefix of own) {
      expect(prefix).toMatch(new RegExp(`^/${name}(-[a-z]+)?$`));
      expect(others).not.toContain(prefix);
    }
  });

  test('demo shops with ids of its own form and unique names', () => {
    expect(platform.demoShops).not.toEqual([]);
    const names = all.flatMap((one) => one.platform.demoShops.map((shop) => shop.name));
    for (const shop of platform.demoShops) {
      expect(shop.externalAccountId).toMatch(platform.accountIds.pattern);
      expect(names.filter((one) => one === shop.name)).toEqual([shop.name]);
      expect(shop.products).not.toEqual([]);
      if (platform.orders === null) expect(shop.orders).toBe(0);
    }
  });

  test('the form of its shop ids; other ids are refused', () => {
    const twin = createTwin({ seed: 'ids' });
    const known = twin.shops();
    for (const externalAccountId of ['', 'a b', 'a/b', '7\n', '../a']) {
      expect(() => twin.addShop({ platform: name, externalAccountId })).toThrow(platform.accountIds.form);
    }
    expect(twin.shops()).toEqual(known);
  });

  test('a receiver, if it pushes anything', () => {
    const { messages, orders, handshake, receiver } = platform;
    const pushesAnything = [messages?.pushes, orders?.pushes, handshake].some((part) => (part ?? null) !== null);
    expect(receiver !== null).toBe(pushesAnything);
  });
});

describe.each(all)('ids of $name', ({ name, platform }) => {
  const runAt = (at: string) => createTwin({ seed: 'ids', clock: () => new Date(at) });
  const runs = () => ['2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.001Z'].map(runAt);
  const shopOf = (twin: ReturnType<typeof createTwin>) => {
    const [shop] = twin.shops().filter((one) => one.platform === name);
    if (shop === undefined) throw new Error(`no demo shop of ${name}`);
    return shop;
  };

  test('message ids never repeat, thread ids are the same after a restart', () => {
    if (platform.messages === null) return expect(() => says(runAt('2026-03-01'), 'ana')).toThrow('no messages');
    const said = runs().map((twin) => ['ana', 'ben', 'ana'].map((buyer) => says(twin, buyer)));
    const messageIds = said.flat().map((one) => one.messageId);
    expect(new Set(messageIds).size).toBe(6);
    const [first, second] = said.map((run) => run.map((one) => one.threadId));
    expect(first).toEqual(second);
    expect(new Set(first).size).toBe(2);
  });

  test('order numbers differ from run to run, those of demo orders do not', () => {
    if (platform.orders === null) return expect(() => orders(runAt('2026-03-01'))).toThrow('no orders');
    const demo = runs().map((twin) => twin.orders(shopOf(twin)).map((order) => order.id));
    expect(demo[0]).toEqual(demo[1]);
    const placed = runs().flatMap((twin) => [orders(twin), orders(twin)]);
    expect(new Set([...placed, ...(demo[0] ?? [])]).size).toBe(4 + (demo[0]?.length ?? 0));
  });

  const says = (twin: ReturnType<typeof createTwin>, buyer: string) =>
    twin.buyerSays({ shop: shopOf(twin), buyer, content: text('hi') });
  const orders = (twin: ReturnType<typeof createTwin>) => twin.buyerOrders({ shop: shopOf(twin), buyer: 'ana' }).id;
});

describe('with a listening product', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());
  const buyerSays = (shop: ConnectedShop, words: string) =>
    bench.twin.buyerSays({ shop, buyer: 'olivia', content: text(words) });

  test.each(writable)('$name executes a signed text once, and refuses other credentials', async ({ name }) => {
    const shop = bench.shop(name);
    const { threadId } = buyerSays(shop, 'hi');
    const refused = await bench.sendText(shop, threadId, 'forged', { credentials: otherThan(shop.credentials) });
    expect(refused.messageId).toBeNull();
    const sent = await bench.sendText(shop, threadId, 'on its way');
    expect(bench.twin.journal()).toMatchObject([
      { platform: name, threadId, messageId: sent.messageId, text: 'on its way' },
    ]);
  });

  test.each(writable)(
    '$name keeps shops apart: one cannot write in the name of another',
    async ({ name, platform }) => {
      const shop = bench.shop(name);
      const id = otherId(shop.externalAccountId, platform.accountIds.pattern);
      const foreign = bench.twin.addShop({ platform: name, externalAccountId: id });
      const { threadId } = buyerSays(shop, 'hi');
      const sent = await bench.sendText(shop, threadId, 'forged', { credentials: foreign.credentials });
      expect(sent.messageId).toBeNull();
      expect(bench.twin.journal()).toEqual([]);
    },
  );

  test.each(pushing)('$name pushes messages of buyers and of the console, signed', async ({ name, receiver }) => {
    const shop = bench.shop(name);
    const said = [
      buyerSays(shop, 'Wo bleibt es? 店 😀'),
      bench.twin.sellerSaysInConsole({ shop, buyer: 'olivia', content: text('Soon') }),
    ];
    await bench.twin.settled();
    const { deliveries } = bench.receiver;
    expect(idsIn(deliveries, receiver)).toEqual(said.map(({ messageId }) => messageId));
    for (const delivery of deliveries) {
      expect(await receiver.isSigned(shop, delivery)).toBe(true);
      expect(await receiver.isSigned(shop, { ...delivery, raw: `${delivery.raw} ` })).toBe(false);
      const stranger = { ...shop, credentials: otherThan(shop.credentials) };
      expect(await receiver.isSigned(stranger, delivery)).toBe(false);
    }
  });

  test.each(changing)(
    '$name pushes a reaction, an edit and a deletion by either side, signed',
    async ({ name, receiver }) => {
      const shop = bench.shop(name);
      const changed = { shop, buyer: 'olivia', messageId: buyerSays(shop, 'first').messageId };
      bench.twin.changeMessage({ ...changed, by: 'seller', change: { kind: 'reacted', emoji: '👍' } });
      bench.twin.changeMessage({ ...changed, by: 'buyer', change: { kind: 'edited', content: text('second') } });
      bench.twin.changeMessage({ ...changed, by: 'buyer', change: { kind: 'deleted' } });
      await bench.twin.settled();
      const { deliveries } = bench.receiver;
      expect(await areSigned(shop, deliveries, receiver)).toEqual([true, true, true, true]);
      for (const { raw } of deliveries.slice(1)) expect(raw).toContain(changed.messageId);
      expect(bench.twin.threads(shop).flatMap(({ messages }) => messages)).toEqual([]);
      expect(() => bench.twin.changeMessage({ ...changed, by: 'buyer', change: { kind: 'deleted' } })).toThrow(
        'no message',
      );
    },
  );

  test.each(unchanging)('$name refuses changes of messages', ({ name }) => {
    const shop = bench.shop(name);
    const { messageId } = buyerSays(shop, 'first');
    const change = { shop, buyer: 'olivia', messageId, by: 'buyer', change: { kind: 'deleted' } } as const;
    expect(() => bench.twin.changeMessage(change)).toThrow('does not push changes');
  });

  test.each(pushing)('$name repeats a push until it is acknowledged, signed each time', async ({ name, receiver }) => {
    const shop = bench.shop(name);
    bench.receiver.answers.push({ status: 500, body: '' }, { status: 401, body: '' });
    const { messageId } = buyerSays(shop, 'hi');
    await bench.twin.settled();
    expect(idsIn(bench.receiver.deliveries, receiver)).toEqual([messageId, messageId, messageId]);
    expect(await areSigned(shop, bench.receiver.deliveries, receiver)).toEqual([true, true, true]);
  });

  /** Sends two texts; returns the id of the first, and the pushes that had arrived when its call was answered. */
  const send = async (shop: ConnectedShop) => {
    const { threadId } = buyerSays(shop, 'hi');
    await bench.twin.settled();
    bench.receiver.deliveries.length = 0;
    const { messageId } = await bench.sendText(shop, threadId, 'hello');
    const arrived = [...bench.receiver.deliveries];
    // A push after an answer begins before the next call is answered.
    await bench.sendText(shop, threadId, 'hello again');
    await bench.twin.settled();
    return { messageId, arrived, deliveries: bench.receiver.deliveries };
  };

  describe.each(echoing)('$name echoes messages sent through its API', ({ name, pushes, receiver }) => {
    const echoesOf = (id: string | null, deliveries: readonly Delivery[]) =>
      idsIn(deliveries, receiver).filter((one) => one === id).length;

    test('before it answers', async () => {
      bench.twin.setEchoes(name, 'before-answer');
      const { messageId, arrived, deliveries } = await send(bench.shop(name));
      expect([echoesOf(messageId, arrived), echoesOf(messageId, deliveries)]).toEqual([1, 1]);
    });

    test.each([
      ['after-answer', 1],
      ['off', 0],
    ] as const)('mode %s: %i times', async (mode, times) => {
      bench.twin.setEchoes(name, mode);
      const { messageId, deliveries } = await send(bench.shop(name));
      expect(echoesOf(messageId, deliveries)).toBe(times);
    });

    test('in its declared mode until a test sets another', async () => {
      const { messageId, deliveries } = await send(bench.shop(name));
      expect(echoesOf(messageId, deliveries)).toBe(pushes.echoes === 'off' ? 0 : 1);
    });
  });

  test.each(withReceipts)('$name pushes receipts unless they are off', async ({ name, pushes, receiver }) => {
    const shop = bench.shop(name);
    const receipts = async () => {
      const { deliveries } = await send(shop);
      expect(await areSigned(shop, deliveries, receiver)).toEqual(deliveries.map(() => true));
      return deliveries.filter((one) => receiver.messageId(one) === null).length;
    };
    expect((await receipts()) > 0).toBe(pushes.receipts?.areOnAtStart);
    bench.twin.setReceipts(name, false);
    expect(await receipts()).toBe(0);
    bench.twin.setReceipts(name, true);
    expect(await receipts()).toBeGreaterThan(0);
  });

  test.each(withoutEchoes)('$name has no echoes to switch on', ({ name }) => {
    expect(() => bench.twin.setEchoes(name, 'after-answer')).toThrow(name);
    bench.twin.setEchoes(name, 'off');
  });

  test.each(withoutReceipts)('$name has no receipts to switch on', ({ name }) => {
    expect(() => bench.twin.setReceipts(name, true)).toThrow(name);
    bench.twin.setReceipts(name, false);
  });

  test.each(withOrders)('$name creates and ships orders, and pushes the change if it pushes orders', async (one) => {
    const { orders, receiver } = one.platform;
    const shop = bench.shop(one.name);
    const { id: orderId } = bench.twin.buyerOrders({ shop, buyer: 'olivia' });
    await bench.twin.settled();
    const pushedAtFirst = bench.receiver.deliveries.length;
    const { status, trackingNumber } = bench.twin.shipOrder({ shop, orderId });
    await bench.twin.settled();
    expect(status).toBe('shipped');
    expect(trackingNumber).not.toBeNull();
    expect(bench.twin.orders(shop)).toContainEqual(expect.objectContaining({ id: orderId, status, trackingNumber }));
    const { deliveries } = bench.receiver;
    expect([pushedAtFirst > 0, deliveries.length > pushedAtFirst]).toEqual(Array(2).fill(orders?.pushes !== null));
    if (receiver === null) return;
    expect(await areSigned(shop, deliveries, receiver)).toEqual(deliveries.map(() => true));
    expect(idsIn(deliveries, receiver)).toEqual([]);
  });

  test.each(handshaking)('$name checks a new webhook address once, and records a wrong answer', async ({ name }) => {
    const shop = bench.shop(name);
    const refusedBefore = bench.twin.pushes().refusedAttempts;
    bench.twin.setWebhookUrl(shop, `${addressFor(bench.receiver, shop)}/new`);
    await bench.twin.settled();
    expect(bench.receiver.asked).toEqual([expect.stringContaining(`${addressFor(bench.receiver, shop)}/new?`)]);
    expect(bench.twin.pushes().refusedAttempts).toBe(refusedBefore + 1);
    expect(bench.twin.pushes().lastRefusal).toContain(name);
  });

  describe.each(all)('the control API makes $name', ({ name, platform }) => {
    const command = async (path: string, body: object) => {
      const { origin } = bench;
      const { externalAccountId } = bench.shop(name);
      return call(`${origin}/_twin/${path}`, { platform: name, shop: { platform: name, externalAccountId }, ...body });
    };

    test('write, order and ship, if it supports that', async () => {
      const content = text('by HTTP');
      const statuses = [
        (await command('buyer-says', { buyer: 'olivia', content })).status,
        (await command('seller-says-in-console', { buyer: 'olivia', content })).status,
      ];
      expect(statuses).toEqual(Array(2).fill(platform.messages === null ? 409 : 200));
      const written = bench.twin.threads(bench.shop(name)).flatMap((thread) => thread.messages);
      expect(written).toMatchObject(platform.messages === null ? [] : Array(2).fill({ content }));
      const ordered = await command('buyer-orders', { buyer: 'olivia', status: 'to_ship' });
      expect(ordered.status).toBe(platform.orders === null ? 409 : 200);
      const orderId = textField(ordered.body, 'id');
      if (platform.orders !== null) expect((await command('ship-order', { orderId })).status).toBe(200);
      expect(bench.twin.orders(bench.shop(name)).some((order) => order.id === orderId)).toBe(platform.orders !== null);
    });

    test('push a burst, if it pushes messages', async () => {
      const run = await command('burst', { messages: 10, duplicatesPercent: 0, concurrency: 2, threads: 2 });
      const isPushing = (platform.messages?.pushes ?? null) !== null;
      expect([run.status, field(run.body, 'givenUp')]).toEqual(isPushing ? [200, []] : [409, undefined]);
      expect(bench.receiver.deliveries).toHaveLength(isPushing ? 10 : 0);
    });

    test('fail, echo and send receipts as a test sets it', async () => {
      const statuses = [
        await command('fault-next', { fault: 'rate-limit' }),
        await command('fault-rate', { fault: 'duplicate-push', percent: 0 }),
        await command('outage', { isDown: true }),
        await command('faults-clear', {}),
        await command('echoes', { mode: 'off' }),
        await command('receipts', { areOn: false }),
      ].map((answer) => answer.status);
      expect(statuses).toEqual(Array(6).fill(200));
      expect((await command('fault-next', { fault: 'nonsense' })).status).toBe(400);
    });
  });
});

function idsIn(deliveries: readonly Delivery[], receiver: Receiver): string[] {
  return deliveries.flatMap((delivery) => receiver.messageId(delivery) ?? []);
}

async function areSigned(shop: ConnectedShop, deliveries: readonly Delivery[], receiver: Receiver): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const delivery of deliveries) results.push(await receiver.isSigned(shop, delivery));
  return results;
}

/** The same credential names, each with another value. */
function otherThan(credentials: Credentials): Credentials {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name, [...value].toReversed().join('')]),
  );
}

/** Another id of the same form: one character is changed. */
function otherId(id: string, pattern: RegExp): string {
  const other = ['7', '8', 'x'].map((end) => `${id.slice(0, -1)}${end}`).find((one) => one !== id && pattern.test(one));
  if (other === undefined) throw new Error(`no other id like ${id}`);
  return other;
}
