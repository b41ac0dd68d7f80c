import { demoBuyers, luminaProducts, nordicProducts } from './catalogue.ts';
import type { Context, Platforms } from './platform.port.ts';
import type { Clock, OrderItem, OrderStatus, Product, Shop } from './model.ts';
import type { Seed } from './seed.ts';
import type { World } from './world.ts';

const dayMs = 86_400_000;
/** Newest orders first, with the ages and states that a seller sees on an ordinary day. */
const lives: readonly { status: OrderStatus; ageDays: number; lastChangeDays: number }[] = [
  { status: 'unpaid', ageDays: 0.2, lastChangeDays: 0.2 },
  { status: 'to_ship', ageDays: 1, lastChangeDays: 0.9 },
  { status: 'shipped', ageDays: 4, lastChangeDays: 2 },
  { status: 'shipped', ageDays: 6, lastChangeDays: 3 },
  { status: 'delivered', ageDays: 8, lastChangeDays: 1 },
  { status: 'completed', ageDays: 13, lastChangeDays: 5 },
  { status: 'cancelled', ageDays: 3, lastChangeDays: 2.5 },
];

/** The same seed gives the same shops, buyers, order numbers and contents; only the dates follow the clock. */
export function buildDemo(platforms: Platforms, world: World, seed: Seed, clock: Clock): void {
  for (const { name: platform, demoShops } of Object.values(platforms)) {
    for (const { products, orders, ...demo } of demoShops) {
      const shop = world.addShop({ ...demo, platform, webhookUrl: null });
      for (const buyer of demoBuyers) world.buyer(shop, buyer.key, buyer);
      for (let index = 0; index < orders; index += 1) addDemoOrder(world, seed, clock(), { shop, products, index });
    }
  }
}

function addDemoOrder(
  world: World,
  seed: Seed,
  now: Date,
  { shop, products, index }: { shop: Shop; products: readonly Product[]; index: number },
): void {
  const random = seed.random('demo-order', shop.platform, shop.externalAccountId, String(index));
  const life = lives[index % lives.length] ?? random.pick(lives);
  const buyer = world.buyer(shop, random.pick(demoBuyers).key);
  world.addOrder(shop, buyer, {
    name: `demo-${index}`,
    items: pickItems(products, random.below(2) + 1, seed, `${shop.externalAccountId}/${index}`),
    status: life.status,
    createdAt: new Date(now.getTime() - life.ageDays * dayMs - random.below(3_600_000)),
    updatedAt: new Date(now.getTime() - life.lastChangeDays * dayMs),
  });
}

/** The products of the shop. A shop that was added later sells the products of Lumina. */
export function productsOf({ platforms }: Pick<Context, 'platforms'>, shop: Shop): readonly Product[] {
  const { demoShops } = platforms[shop.platform];
  return demoShops.find((demo) => demo.externalAccountId === shop.externalAccountId)?.products ?? luminaProducts;
}

export function findProduct(sku: string): Product | null {
  return [...luminaProducts, ...nordicProducts].find((product) => product.sku === sku) ?? null;
}

export function pickItems(products: readonly Product[], count: number, seed: Seed, name: string): OrderItem[] {
  const random = seed.random('items', name);
  const start = random.below(products.length);
  const chosen = [...products.slice(start), ...products.slice(0, start)].slice(0, count);
  return chosen.map((product) => ({ product, quantity: random.percent(75) ? 1 : 2 }));
}
