import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from './platform.port.ts';
import { demoBuyers } from './catalogue.ts';
import { productsOf } from './demo.ts';
import { phrases } from './phrases.ts';
import type { Buyer, Content, Shop } from './model.ts';
import type { Random } from './seed.ts';

export interface Traffic {
  /** Buyers begin to write to all shops whose messages can be received. A second start replaces the first. */
  start(options: { perMinute: number }): void;
  stop(): Promise<void>;
}

export type Say = (shop: Shop, buyer: Buyer, content: Content) => void;

export function createTraffic(context: Context, say: Say): Traffic {
  let stopping = new AbortController();
  let running = Promise.resolve();
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return {
    start({ perMinute }) {
      stopping.abort();
      stopping = new AbortController();
      running = run(context, say, 60_000 / perMinute, stopping.signal);
    },
    stop,
  };
}

async function run(context: Context, say: Say, meanPauseMs: number, signal: AbortSignal): Promise<void> {
  const random = context.seed.random('traffic');
  while (!signal.aborted) {
    const shops = context.world.shops().filter((shop) => isHeard(context, shop));
    if (shops.length > 0) {
      const shop = random.pick(shops);
      const buyer = context.world.buyer(shop, random.pick(demoBuyers).key);
      say(shop, buyer, makeContent(context, random, shop, buyer));
    }
    // Pauses between 0.5 and 1.5 times the mean, because people do not write at a steady rate.
    const ms = meanPauseMs * (0.5 + random.below(1_000) / 1_000);
    await pause(ms, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether messages of the shop's buyers can be received: through its webhook, or by polling if nothing is pushed. */
function isHeard(context: Context, shop: Shop): boolean {
  const { messages } = context.platforms[shop.platform];
  return messages !== null && (messages.pushes === null || shop.webhookUrl !== null);
}

/** Mostly text; sometimes a card, a photo or a sticker. */
export function makeContent(context: Context, random: Random, shop: Shop, buyer: Buyer): Content {
  const orders = context.world.orders(shop);
  const mine = orders.filter((order) => order.buyer.key === buyer.key);
  const order = mine.length > 0 ? random.pick(mine) : orders.length > 0 ? random.pick(orders) : null;
  const product = random.pick(productsOf(context, shop));
  const dice = random.below(100);
  if (dice < 6 && order !== null) return { kind: 'order', externalOrderId: order.id };
  if (dice < 11) return { kind: 'product', externalProductId: product.id };
  if (dice < 17) {
    return { kind: 'image', url: `${context.origin()}/_twin/images/photo-${random.below(40)}.png`, caption: null };
  }
  if (dice < 20) return { kind: 'sticker', stickerId: `twin-${random.below(12)}` };
  const words = random.pick(phrases[buyer.language] ?? phrases['en'] ?? []);
  const text = words.replace('{order}', order?.id ?? '26-0001').replace('{product}', product.title);
  return { kind: 'text', text };
}
