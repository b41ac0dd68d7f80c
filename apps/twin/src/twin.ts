import fastify from 'fastify';
import { burst, type BurstOptions, type BurstResult } from './burst.ts';
import type { Context, EchoMode, PlatformTwin } from './context.ts';
import { registerControl } from './control.routes.ts';
import { buildDemo, pickItems, productsOf } from './demo.ts';
import { createFaults, type Faults } from './faults.ts';
import { genericTwin } from './generic/generic.platform.ts';
import { pushMessage, pushOrder, pushReceipts } from './happen.ts';
import type {
  Buyer,
  Clock,
  Content,
  Credentials,
  ExecutedSend,
  Message,
  Order,
  OrderItem,
  OrderStatus,
  Platform,
  Region,
  Shop,
  ShopRef,
} from './model.ts';
import { Pusher, type PushStats } from './pusher.ts';
import { createSeed } from './seed.ts';
import { shopeeTwin } from './shopee/shopee.platform.ts';
import { tiktokTwin } from './tiktok-shop/tiktok-shop.platform.ts';
import { Tokens } from './tokens.ts';
import type { Upload } from './uploads.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { whatsappTwin } from './whatsapp/whatsapp.platform.ts';
import { World } from './world.ts';

export interface TwinOptions {
  readonly seed: string;
  /** Where others reach it, without a slash at the end, if not at the address it listens on. */
  readonly publicUrl?: string;
  readonly clock?: Clock;
  /** Pauses between the attempts of one webhook; the last one repeats until it is acknowledged. */
  readonly pushRetriesMs?: readonly number[];
}

/** What a seller would enter to connect the shop, and where its API is. */
export interface ConnectedShop extends ShopRef {
  readonly name: string;
  readonly region: Region;
  readonly webhookUrl: string | null;
  readonly credentials: Credentials;
  readonly baseUrls: { readonly api: string; readonly auth: string };
}

export interface ThreadView extends ShopRef {
  readonly threadId: string;
  readonly buyer: Buyer;
  readonly messages: readonly Message[];
}

export interface Twin {
  /** Resolves with the address it listens on; port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  close(): Promise<void>;
  addShop(shop: ShopRef & { name?: string; region?: Region; webhookUrl?: string | null }): ConnectedShop;
  shops(): ConnectedShop[];
  setWebhookUrl(shop: ShopRef, webhookUrl: string | null): void;
  /**
   * Stores the message on the platform and pushes it. The push goes on in the background: `settled` waits for it, and
   * `onPushed` is told of it.
   */
  buyerSays(said: Said): SaidMessage;
  /** Somebody answers in the platform's own console. */
  sellerSaysInConsole(said: Said): SaidMessage;
  buyerOrders(order: { shop: ShopRef; buyer: string; items?: readonly OrderItem[]; status?: OrderStatus }): Order;
  shipOrder(order: { shop: ShopRef; orderId: string }): Order;
  setOrderStatus(order: { shop: ShopRef; orderId: string; status: OrderStatus }): Order;
  orders(shop: ShopRef): readonly Order[];
  /** Every send the APIs executed, as executed, in order. */
  journal(): readonly ExecutedSend[];
  threads(shop?: ShopRef): ThreadView[];
  /** A picture that was uploaded, by the path of its address. */
  upload(path: string): Upload | null;
  readonly faults: Faults;
  setEchoes(platform: Platform, mode: EchoMode): void;
  setReceipts(platform: Platform, areOn: boolean): void;
  readonly traffic: Traffic;
  burst(options: BurstOptions): Promise<BurstResult>;
  pushes(): PushStats;
  /** Resolves when no webhook waits for its acknowledgement. */
  settled(): Promise<void>;
}

export interface Said {
  readonly shop: ShopRef;
  readonly buyer: string;
  readonly content: Content;
  readonly at?: Date;
  /** Called once the webhook was acknowledged. */
  readonly onPushed?: () => void;
}

export interface SaidMessage {
  readonly threadId: string;
  readonly messageId: string;
}

/** The largest picture a platform takes, and the form around it. */
const bodyBytesMax = 11 * 1_048_576;
const defaultRetriesMs = [200, 500, 1_000, 2_000];
const twins: Readonly<Record<Platform, PlatformTwin>> = {
  shopee: shopeeTwin,
  'tiktok-shop': tiktokTwin,
  whatsapp: whatsappTwin,
  generic: genericTwin,
};

export function createTwin(options: TwinOptions): Twin {
  let origin = 'http://127.0.0.1:0';
  const context = createContext(options, () => options.publicUrl ?? origin);
  const traffic = createTraffic(context, (shop, buyer, content) => {
    say(context, 'inbound', { shop, buyer: buyer.key, content });
  });
  const app = fastify({ bodyLimit: bodyBytesMax, forceCloseConnections: true, routerOptions: { maxParamLength: 256 } });
  const twin: Twin = {
    ...commands(context),
    traffic,
    async listen(port, host = '127.0.0.1') {
      origin = await app.listen({ port, host });
      return origin;
    },
    async close() {
      await traffic.stop();
      await context.pusher.close();
      await app.close();
    },
  };
  // Signatures cover the bytes: nothing may parse a body before it was checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const platform of Object.values(twins)) platform.register(app, context);
  registerControl(app, twin);
  return twin;
}

function createContext(options: TwinOptions, origin: () => string): Context {
  const seed = createSeed(options.seed);
  const clock = options.clock ?? (() => new Date());
  const faults = createFaults(seed);
  const world = new World(seed, clock, twins);
  buildDemo(world, seed, clock);
  return {
    seed,
    clock,
    world,
    faults,
    pusher: new Pusher(clock, faults, options.pushRetriesMs ?? defaultRetriesMs),
    tokens: new Tokens(seed, clock),
    echoes: { shopee: 'after-answer', 'tiktok-shop': 'after-answer', whatsapp: 'off', generic: 'off' },
    receipts: { shopee: true, 'tiktok-shop': false, whatsapp: true, generic: true },
    origin,
  };
}

function commands(context: Context): Omit<Twin, 'listen' | 'close' | 'traffic'> {
  const { world, pusher } = context;
  return {
    addShop: (shop) => connected(context, addShop(world, shop)),
    shops: () => world.shops().map((shop) => connected(context, shop)),
    setWebhookUrl: (ref, webhookUrl) => {
      world.shop(ref).webhookUrl = webhookUrl;
    },
    buyerSays: (said) => say(context, 'inbound', said),
    sellerSaysInConsole: (said) => say(context, 'outbound', said),
    buyerOrders: (order) => placeOrder(context, order),
    shipOrder: ({ shop, orderId }) => changeOrder(context, shop, orderId, 'shipped'),
    setOrderStatus: ({ shop, orderId, status }) => changeOrder(context, shop, orderId, status),
    orders: (shop) => world.orders(world.shop(shop)),
    journal: () => [...world.journal],
    upload: (path) => world.uploads.get(path) ?? null,
    threads: (ref) =>
      (ref === undefined ? world.shops() : [world.shop(ref)]).flatMap((shop) => viewThreads(world, shop)),
    faults: context.faults,
    setEchoes: (platform, mode) => {
      context.echoes[platform] = mode;
    },
    setReceipts: (platform, areOn) => {
      context.receipts[platform] = areOn;
    },
    burst: (options) => burst(context, twins, options),
    pushes: () => ({ ...pusher.stats }),
    settled: () => pusher.settled(),
  };
}

function addShop(world: World, shop: ShopRef & { name?: string; region?: Region; webhookUrl?: string | null }): Shop {
  if (shop.platform === 'shopee' && !/^[1-9]\d{0,14}$/.test(shop.externalAccountId)) {
    throw new Error('a Shopee shop id is a number: give externalAccountId as digits');
  }
  return world.addShop({
    platform: shop.platform,
    externalAccountId: shop.externalAccountId,
    name: shop.name ?? `Shop ${shop.externalAccountId}`,
    region: shop.region ?? 'SG',
    webhookUrl: shop.webhookUrl ?? null,
  });
}

function connected(context: Context, shop: Shop): ConnectedShop {
  const twin = twins[shop.platform];
  const { api, auth } = twin.prefixes;
  return {
    ...shop,
    credentials: twin.credentials(context, shop),
    baseUrls: { api: `${context.origin()}${api}`, auth: `${context.origin()}${auth}` },
  };
}

function say(context: Context, direction: Message['direction'], said: Said): SaidMessage {
  const { world } = context;
  const shop = world.shop(said.shop);
  const twin = twins[shop.platform];
  const thread = world.threadOf(shop, world.buyer(shop, said.buyer));
  const via = direction === 'inbound' ? 'buyer' : 'console';
  const at = said.at ?? context.clock();
  const message = world.append(thread, { direction, via, content: said.content, at });
  void pushMessage(context, twin, thread, message).then(said.onPushed);
  if (direction === 'outbound') pushReceipts(context, twin, thread, message);
  return { threadId: thread.id, messageId: message.id };
}

function placeOrder(context: Context, order: Parameters<Twin['buyerOrders']>[0]): Order {
  const shop = context.world.shop(order.shop);
  const buyer = context.world.buyer(shop, order.buyer);
  const items = order.items ?? pickItems(productsOf(shop), 1, context.seed, `order-${context.world.nextSequence()}`);
  const placed = context.world.addOrder(shop, buyer, { items, status: order.status ?? 'to_ship' });
  void pushOrder(context, twins[shop.platform], placed);
  return placed;
}

function changeOrder(context: Context, ref: ShopRef, orderId: string, status: OrderStatus): Order {
  const shop = context.world.shop(ref);
  const order = context.world.order(shop, orderId);
  if (order === null) throw new Error(`no order ${orderId} in ${shop.platform}/${shop.externalAccountId}`);
  order.status = status;
  order.updatedAt = context.clock();
  if (status === 'shipped') order.trackingNumber ??= context.world.trackingNumber(order);
  void pushOrder(context, twins[shop.platform], order);
  return order;
}

function viewThreads(world: World, shop: Shop): ThreadView[] {
  return world.threads(shop).map((thread) => ({
    platform: shop.platform,
    externalAccountId: shop.externalAccountId,
    threadId: thread.id,
    buyer: thread.buyer,
    messages: [...thread.messages],
  }));
}
