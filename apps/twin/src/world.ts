import type {
  Buyer,
  Change,
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
import type { MessageIds, Naming } from './naming.port.ts';
import type { Seed } from './seed.ts';
import type { Upload } from './model.ts';

export interface NewShop extends ShopRef {
  readonly name: string;
  readonly region: Region;
  readonly webhookUrl: string | null;
}

/** The data of the simulated platforms. Tests compare the data of the product with it. */
export class World {
  readonly journal: ExecutedSend[] = [];
  /** Uploaded pictures, by the path they are served at. */
  readonly uploads = new Map<string, Upload>();
  readonly #seed: Seed;
  readonly #clock: Clock;
  readonly #platforms: Readonly<Record<Platform, Naming>>;
  readonly #startedAtMs: number;
  #serial = 0n;
  readonly #shops = new Map<string, Shop>();
  readonly #buyers = new Map<string, Buyer>();
  readonly #threads = new Map<string, Map<string, Thread>>();
  readonly #orders = new Map<string, Map<string, Order>>();

  constructor(seed: Seed, clock: Clock, platforms: Readonly<Record<Platform, Naming>>) {
    this.#seed = seed;
    this.#clock = clock;
    this.#platforms = platforms;
    this.#startedAtMs = clock().getTime();
  }

  addShop(shop: NewShop): Shop {
    const known = this.#shops.get(shopKey(shop));
    if (known !== undefined) {
      known.webhookUrl = shop.webhookUrl ?? known.webhookUrl;
      return known;
    }
    const { platform, externalAccountId, name, region, webhookUrl } = shop;
    const { pattern, form } = this.#platforms[platform].accountIds;
    if (!pattern.test(externalAccountId)) {
      throw new Error(`"${externalAccountId}" cannot be a shop id of ${platform}: it must be ${form}`);
    }
    const added: Shop = { platform, externalAccountId, name, region, webhookUrl, redirectUrl: null };
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

  /** Returns the buyer of this name, and creates them at the first use. */
  buyer(shop: Shop, key: string, profile?: { name: string; language: string }): Buyer {
    const id = `${shopKey(shop)}/${key}`;
    const known = this.#buyers.get(id);
    if (known !== undefined) return known;
    const phone = `${regions[shop.region].dial}${this.#seed.digits(9, 'phone', id)}`;
    const buyer: Buyer = {
      key,
      name: profile?.name ?? key,
      language: profile?.language ?? 'en',
      phone,
      ...this.#platforms[shop.platform].buyerId(this.#seed, shop, key),
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
    const id = this.#messagesOf(shop).threadId(this.#seed, shop, buyer);
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

  /** Threads with messages, the latest change first. */
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
      id: this.#messagesOf(thread.shop).messageId(sequence),
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

  /** Executes an API send: appends it to the thread and to the journal in one step, so that the two can never differ. */
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

  /** The id of an event about a message: platforms number them like messages. */
  newMessageId(shop: Shop): string {
    return this.#messagesOf(shop).messageId(this.nextSequence());
  }

  change(thread: Thread, message: Message, change: Change): void {
    const at = thread.messages.indexOf(message);
    if (change.kind === 'edited') thread.messages.splice(at, 1, { ...message, content: change.content });
    if (change.kind === 'deleted') thread.messages.splice(at, 1);
  }

  addUpload(upload: Upload): string {
    const path = `/_twin/uploads/${this.nextSequence()}`;
    this.uploads.set(path, upload);
    return path;
  }

  addOrder(shop: Shop, buyer: Buyer, order: NewOrder): Order {
    const { orders } = this.#platforms[shop.platform];
    if (orders === null) throw new Error(`${shop.platform} has no orders`);
    const id = orders.orderId(this.#seed, shop, order.name ?? `run-${this.nextSequence()}`);
    const added: Order = {
      id,
      shop,
      buyer,
      items: order.items,
      createdAt: order.createdAt ?? this.#clock(),
      updatedAt: order.updatedAt ?? order.createdAt ?? this.#clock(),
      status: order.status,
      packageNumber: `OFG${this.#seed.digits(15, 'package', id)}`,
      carrier: regions[shop.region].carrier,
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

  /** Begins with the start time of the run, so that no later run repeats it. Its 19 digits fit a signed 64-bit integer. */
  nextSequence(): bigint {
    this.#serial += 1n;
    return BigInt(this.#startedAtMs) * 1_000_000n + this.#serial;
  }

  #messagesOf(shop: Shop): MessageIds {
    const { messages } = this.#platforms[shop.platform];
    if (messages === null) throw new Error(`${shop.platform} has no messages`);
    return messages;
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
