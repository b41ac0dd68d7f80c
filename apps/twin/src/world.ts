import type {
  Buyer,
  Clock,
  Content,
  ExecutedSend,
  Message,
  Order,
  OrderItem,
  Platform,
  Region,
  Shop,
  ShopRef,
  Thread,
} from './model.ts';
import { regions, shopKey } from './model.ts';
import type { Seed } from './seed.ts';
import type { Upload } from './uploads.ts';

export interface NewShop extends ShopRef {
  readonly name: string;
  readonly region: Region;
  readonly webhookUrl: string | null;
}

/** How the platforms number their things. */
export interface Numbering {
  threadId(seed: Seed, shop: Shop, buyer: Buyer): string;
  buyerId(seed: Seed, shop: ShopRef, buyerKey: string, region: Region): { externalId: string; commerceId: string };
  messageId(sequence: bigint): string;
  orderId(seed: Seed, shop: ShopRef, name: string): string;
}

/** What the simulated platforms know: the ground truth tests compare with. */
export class World {
  readonly journal: ExecutedSend[] = [];
  /** Pictures that callers uploaded, by the path they are served at. */
  readonly uploads = new Map<string, Upload>();
  readonly #seed: Seed;
  readonly #clock: Clock;
  readonly #numbering: Readonly<Record<Platform, Numbering>>;
  readonly #startedAtMs: number;
  #serial = 0n;
  readonly #shops = new Map<string, Shop>();
  readonly #buyers = new Map<string, Buyer>();
  readonly #threads = new Map<string, Map<string, Thread>>();
  readonly #orders = new Map<string, Map<string, Order>>();

  constructor(seed: Seed, clock: Clock, numbering: Readonly<Record<Platform, Numbering>>) {
    this.#seed = seed;
    this.#clock = clock;
    this.#numbering = numbering;
    this.#startedAtMs = clock().getTime();
  }

  addShop(shop: NewShop): Shop {
    const known = this.#shops.get(shopKey(shop));
    if (known !== undefined) {
      known.webhookUrl = shop.webhookUrl ?? known.webhookUrl;
      return known;
    }
    const { platform, externalAccountId, name, region, webhookUrl } = shop;
    const added: Shop = { platform, externalAccountId, name, region, webhookUrl };
    this.#shops.set(shopKey(shop), added);
    this.#threads.set(shopKey(shop), new Map());
    this.#orders.set(shopKey(shop), new Map());
    return added;
  }

  shops(platform?: Platform): Shop[] {
    return [...this.#shops.values()].filter((shop) => platform === undefined || shop.platform === platform);
  }

  shop(ref: ShopRef): Shop {
    const shop = this.#shops.get(shopKey(ref));
    if (shop === undefined) throw new Error(`no shop ${shopKey(ref)}: add it with addShop first`);
    return shop;
  }

  /** A buyer exists as soon as somebody names him. */
  buyer(shop: Shop, key: string, profile?: { name: string; language: string }): Buyer {
    const id = `${shopKey(shop)}/${key}`;
    const known = this.#buyers.get(id);
    if (known !== undefined) return known;
    const numbering = this.#numbering[shop.platform];
    const phone = `${regions[shop.region].dial}${this.#seed.digits(9, 'phone', id)}`;
    const buyer: Buyer = {
      key,
      name: profile?.name ?? key,
      language: profile?.language ?? 'en',
      phone,
      ...numbering.buyerId(this.#seed, shop, key, shop.region),
    };
    this.#buyers.set(id, buyer);
    return buyer;
  }

  buyers(shop: Shop): Buyer[] {
    return [...this.#buyers].filter(([id]) => id.startsWith(`${shopKey(shop)}/`)).map(([, buyer]) => buyer);
  }

  buyerByExternalId(shop: Shop, externalId: string): Buyer | null {
    return this.buyers(shop).find((buyer) => buyer.externalId === externalId) ?? null;
  }

  threadOf(shop: Shop, buyer: Buyer): Thread {
    const id = this.#numbering[shop.platform].threadId(this.#seed, shop, buyer);
    const threads = this.#threadsOf(shop);
    const known = threads.get(id);
    if (known !== undefined) return known;
    const thread: Thread = { id, shop, buyer, messages: [] };
    threads.set(id, thread);
    return thread;
  }

  thread(shop: Shop, id: string): Thread | null {
    return this.#threadsOf(shop).get(id) ?? null;
  }

  /** Threads with messages, the one that changed last first. */
  threads(shop: Shop): Thread[] {
    const sequence = (thread: Thread) => thread.messages.at(-1)?.sequence ?? 0n;
    return [...this.#threadsOf(shop).values()]
      .filter((thread) => thread.messages.length > 0)
      .toSorted((a, b) => (sequence(a) < sequence(b) ? 1 : -1));
  }

  append(
    thread: Thread,
    said: { direction: Message['direction']; via: Message['via']; content: Content; at?: Date; key?: string | null },
  ): Message {
    const sequence = this.nextSequence();
    const message: Message = {
      id: this.#numbering[thread.shop.platform].messageId(sequence),
      sequence,
      direction: said.direction,
      via: said.via,
      content: said.content,
      at: said.at ?? this.#clock(),
      key: said.key ?? null,
    };
    thread.messages.push(message);
    return message;
  }

  /** An API send: appended to the thread and to the journal in one step, so that the two can never differ. */
  execute(thread: Thread, content: Content, key: string | null): Message {
    const message = this.append(thread, { direction: 'outbound', via: 'api', content, key });
    this.journal.push({
      platform: thread.shop.platform,
      externalAccountId: thread.shop.externalAccountId,
      threadId: thread.id,
      messageId: message.id,
      content,
      text: content.kind === 'text' ? content.text : null,
      key,
      at: message.at.toISOString(),
    });
    return message;
  }

  addUpload(upload: Upload): string {
    const path = `/_twin/uploads/${this.nextSequence()}`;
    this.uploads.set(path, upload);
    return path;
  }

  addOrder(shop: Shop, buyer: Buyer, order: NewOrder): Order {
    const name = order.name ?? `run-${this.nextSequence()}`;
    const id = this.#numbering[shop.platform].orderId(this.#seed, shop, name);
    const added: Order = {
      id,
      shop,
      buyer,
      items: order.items,
      createdAt: order.createdAt ?? this.#clock(),
      updatedAt: order.updatedAt ?? order.createdAt ?? this.#clock(),
      status: order.status,
      packageNumber: `OFG${this.#seed.digits(15, 'package', id)}`,
      carrier: shop.region === 'GB' ? 'Royal Mail' : 'J&T Express',
      trackingNumber: null,
    };
    if (order.status === 'shipped' || order.status === 'delivered' || order.status === 'completed') {
      added.trackingNumber = this.trackingNumber(added);
    }
    this.#ordersOf(shop).set(id, added);
    return added;
  }

  trackingNumber(order: Order): string {
    return `${order.shop.region}X${this.#seed.digits(11, 'tracking', order.id)}`;
  }

  order(shop: Shop, id: string): Order | null {
    return this.#ordersOf(shop).get(id) ?? null;
  }

  orders(shop: Shop): Order[] {
    return [...this.#ordersOf(shop).values()];
  }

  /** The start of the run leads, so that no later run repeats an id: 19 digits, below the limit of a signed 64-bit integer. */
  nextSequence(): bigint {
    this.#serial += 1n;
    return BigInt(this.#startedAtMs) * 1_000_000n + this.#serial;
  }

  #threadsOf(shop: Shop): Map<string, Thread> {
    return this.#threads.get(shopKey(shop)) ?? new Map<string, Thread>();
  }

  #ordersOf(shop: Shop): Map<string, Order> {
    return this.#orders.get(shopKey(shop)) ?? new Map<string, Order>();
  }
}

export interface NewOrder {
  readonly items: readonly OrderItem[];
  readonly status: Order['status'];
  /** Orders of the demo world have a name, so that their numbers are the same in every run. */
  readonly name?: string;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
}
