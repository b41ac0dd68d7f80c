import { afterEach, expect, test } from '@jest/globals';
import { luminaProducts } from './catalogue.ts';
import type { Context, SimulatedPlatform } from './platform.port.ts';
import { platformNames } from './platform-names.generated.ts';
import { platforms } from './platforms.generated.ts';
import { refuseFailures } from './pusher.ts';
import { call, startReceiver } from './testing.ts';
import type { Twin } from './twin.port.ts';
import { openTwin } from './twin.ts';

/** The toy platforms of these tests use this name, instead of the platform that has it. */
const [name] = platformNames;
const shop = { platform: name, externalAccountId: 'toy-1' };
const hi = { kind: 'text', text: 'hi' } as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function toyWith(parts: Partial<SimulatedPlatform>): SimulatedPlatform {
  return {
    name,
    prefixes: { api: `/${name}`, auth: `/${name}` },
    accountIds: { pattern: /^toy-\d+$/, form: '"toy-" and a number' },
    demoShops: [{ externalAccountId: 'toy-1', name: 'Toys', region: 'GB', products: luminaProducts, orders: 0 }],
    credentials: () => ({}),
    buyerId: (_seed, _shop, key) => ({ externalId: key, commerceId: key }),
    messages: null,
    orders: null,
    register: () => undefined,
    handshake: null,
    caller: null,
    receiver: null,
    ...parts,
  };
}

async function openToy(parts: Partial<SimulatedPlatform>): Promise<Twin & { readonly origin: string }> {
  const twin = openTwin({ seed: 'toy' }, { ...platforms, [name]: toyWith(parts) });
  closing.push(() => twin.close());
  return { ...twin, origin: await twin.listen(0) };
}

async function openReceiver() {
  const receiver = await startReceiver();
  closing.push(() => receiver.close());
  return receiver;
}

const ids = {
  threadId: (_seed: unknown, _shop: unknown, buyer: { key: string }) => `thread-${buyer.key}`,
  messageId: (sequence: bigint) => String(sequence),
};

test('a platform that pushes nothing is polled', async () => {
  const textsIn = (context: Context) =>
    context.world.threads(context.world.shop(shop)).flatMap((thread) => thread.messages.map((one) => one.content));
  const twin = await openToy({
    messages: { ...ids, pushes: null },
    register: (app, context) => app.get(`/${name}/mailbox`, () => textsIn(context)),
  });
  const receiver = await openReceiver();
  twin.setWebhookUrl(shop, receiver.origin);
  twin.buyerSays({ shop, buyer: 'olivia', content: hi });
  twin.sellerSaysInConsole({ shop, buyer: 'olivia', content: hi });
  await twin.settled();
  expect((await call(`${twin.origin}/${name}/mailbox`)).body).toEqual([hi, hi]);
  expect([receiver.deliveries, twin.pushes().pending]).toEqual([[], 0]);
  await expect(twin.burst({ shop, messages: 1, duplicatesPercent: 0, concurrency: 1 })).rejects.toThrow(
    'does not push messages',
  );
});

test('traffic needs no webhook address on a platform that is polled', async () => {
  const written = Promise.withResolvers<void>();
  const messageId = (sequence: bigint) => {
    written.resolve();
    return String(sequence);
  };
  const twin = await openToy({ messages: { ...ids, messageId, pushes: null } });
  twin.traffic.start({ perMinute: 60_000 });
  await written.promise;
  await twin.traffic.stop();
  expect(twin.threads().map((thread) => thread.platform)).toContain(name);
});

test('a platform with orders only has no threads, and buyers cannot write there', async () => {
  const twin = await openToy({ orders: { orderId: (_seed, _shop, orderName) => orderName, pushes: null } });
  expect(() => twin.buyerSays({ shop, buyer: 'olivia', content: hi })).toThrow('has no messages');
  const { id: orderId } = twin.buyerOrders({ shop, buyer: 'olivia' });
  expect(twin.shipOrder({ shop, orderId })).toMatchObject({ status: 'shipped' });
  expect(twin.threads(shop)).toEqual([]);
});

test('a push may have a body of bytes, and its signature in the address', async () => {
  const body = Buffer.from('<xml>店</xml>');
  const pushes = {
    message: () => ({
      request: (url: string) =>
        ({ method: 'POST', url: `${url}?signature=abc`, headers: { 'content-type': 'text/xml' }, body }) as const,
      timeoutMs: 5_000,
      refuse: refuseFailures,
    }),
    change: null,
    echoes: null,
    receipts: null,
  };
  const twin = await openToy({ messages: { ...ids, pushes } });
  const receiver = await openReceiver();
  twin.setWebhookUrl(shop, `${receiver.origin}/toy`);
  twin.buyerSays({ shop, buyer: 'olivia', content: hi });
  await twin.settled();
  expect(receiver.deliveries).toMatchObject([
    { url: `${receiver.origin}/toy?signature=abc`, raw: body.toString(), headers: { 'content-type': 'text/xml' } },
  ]);
});
