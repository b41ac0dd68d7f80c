import { burst } from './burst.ts';
import type { Context, EchoMode } from './platform.port.ts';
import { pickItems, productsOf } from './demo.ts';
import { pushChange, pushMessage, pushOrder, pushReceipts, shakeHands } from './happen.ts';
import { seconds } from './model.ts';
import type { ConnectedShop, Message, Order, OrderStatus, Platform, Shop, ShopRef, ThreadView } from './model.ts';
import type { Changed, NewShopRef, OrderPlaced, Said, SaidMessage, Twin } from './twin.port.ts';
import type { World } from './world.ts';

/** The actions on the platforms for tests, the demo and the control routes. */
export function twinCommands(context: Context): Omit<Twin, 'listen' | 'close' | 'traffic'> {
  const { world, pusher } = context;
  return {
    addShop: (shop) => connected(context, addShop(context, shop)),
    shops: () => world.shops().map((shop) => connected(context, shop)),
    setWebhookUrl: (ref, webhookUrl) => {
      const shop = world.shop(ref);
      shop.webhookUrl = webhookUrl;
      shakeHands(context, shop);
    },
    setRedirectUrl: (ref, redirectUrl) => {
      world.shop(ref).redirectUrl = redirectUrl;
    },
    buyerSays: (said) => say(context, 'inbound', said),
    sellerSaysInConsole: (said) => say(context, 'outbound', said),
    pushesChanges: (platform) => (context.platforms[platform].messages?.pushes?.change ?? null) !== null,
    changeMessage: (changed) => changeMessage(context, changed),
    buyerOrders: (order) => placeOrder(context, order),
    shipOrder: ({ shop, orderId }) => changeOrder(context, shop, orderId, 'shipped'),
    setOrderStatus: ({ shop, orderId, status }) => changeOrder(context, shop, orderId, status),
    orders: (shop) => world.orders(world.shop(shop)),
    journal: () => [...world.journal],
    upload: (path) => world.uploads.get(path) ?? null,
    isExpired: (url) => {
      const end = Number(/[?&]x-expires=(\d+)/.exec(url)?.[1] ?? Number.POSITIVE_INFINITY);
      return end <= seconds(context.clock());
    },
    threads: (ref) =>
      (ref === undefined ? world.shops() : [world.shop(ref)]).flatMap((shop) => viewThreads(world, shop)),
    faults: context.faults,
    setEchoes: (platform, mode) => setEchoes(context, platform, mode),
    setReceipts: (platform, areOn) => setReceipts(context, platform, areOn),
    burst: (options) => burst(context, options),
    pushes: () => ({ ...pusher.stats }),
    settled: () => pusher.settled(),
  };
}

export function say(context: Context, direction: Message['direction'], said: Said): SaidMessage {
  const { world } = context;
  const shop = world.shop(said.shop);
  const thread = world.threadOf(shop, world.buyer(shop, said.buyer));
  const via = direction === 'inbound' ? 'buyer' : 'console';
  const at = said.at ?? context.clock();
  const message = world.append(thread, { direction, via, content: said.content, at });
  void pushMessage(context, thread, message).then(said.onPushed);
  if (direction === 'outbound') pushReceipts(context, thread, message);
  return { threadId: thread.id, messageId: message.id };
}

function changeMessage(context: Context, { shop: ref, buyer, messageId, by, change }: Changed): void {
  const { world, clock } = context;
  const shop = world.shop(ref);
  const thread = world.threadOf(shop, world.buyer(shop, buyer));
  const message = thread.messages.find(({ id }) => id === messageId);
  if (message === undefined) throw new Error(`no message ${messageId} in the thread of ${buyer}`);
  pushChange(context, thread, message, { id: world.newMessageId(shop), by, change, at: clock() });
  world.change(thread, message, change);
}

function addShop(context: Context, shop: NewShopRef): Shop {
  const added = context.world.addShop({
    platform: shop.platform,
    externalAccountId: shop.externalAccountId,
    name: shop.name ?? `Shop ${shop.externalAccountId}`,
    region: shop.region ?? 'SG',
    webhookUrl: shop.webhookUrl ?? null,
  });
  if ((shop.webhookUrl ?? null) !== null) shakeHands(context, added);
  return added;
}

function connected(context: Context, shop: Shop): ConnectedShop {
  const platform = context.platforms[shop.platform];
  const { api, auth } = platform.prefixes;
  return {
    ...shop,
    credentials: platform.credentials(context, shop),
    baseUrls: platform.addresses?.(context) ?? {
      api: `${context.origin()}${api}`,
      auth: `${context.origin()}${auth}`,
    },
  };
}

function placeOrder(context: Context, order: OrderPlaced): Order {
  const { world, seed } = context;
  const shop = world.shop(order.shop);
  const buyer = world.buyer(shop, order.buyer);
  const items = order.items ?? pickItems(productsOf(context, shop), 1, seed, `order-${world.nextSequence()}`);
  const placed = world.addOrder(shop, buyer, { items, status: order.status ?? 'to_ship' });
  pushOrder(context, placed);
  return placed;
}

function changeOrder(context: Context, ref: ShopRef, orderId: string, status: OrderStatus): Order {
  const shop = context.world.shop(ref);
  const order = context.world.order(shop, orderId);
  if (order === null) throw new Error(`no order ${orderId} in ${shop.platform}/${shop.externalAccountId}`);
  order.status = status;
  order.updatedAt = context.clock();
  if (status === 'shipped') order.trackingNumber ??= context.world.trackingNumber(order);
  pushOrder(context, order);
  return order;
}

function setEchoes({ platforms, echoes }: Context, platform: Platform, mode: EchoMode): void {
  const canEcho = (platforms[platform].messages?.pushes?.echoes ?? null) !== null;
  if (mode !== 'off' && !canEcho) throw new Error(`${platform} never echoes messages sent through its API`);
  echoes.set(platform, mode);
}

function setReceipts({ platforms, receipts }: Context, platform: Platform, areOn: boolean): void {
  const hasReceipts = (platforms[platform].messages?.pushes?.receipts ?? null) !== null;
  if (areOn && !hasReceipts) throw new Error(`${platform} does not push receipts`);
  receipts.set(platform, areOn);
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
