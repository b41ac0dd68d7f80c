import type { FastifyInstance } from 'fastify';
import type { BurstOptions } from './burst.ts';
import { callFaults, pushFaults, type CallFault, type PushFault } from './faults.ts';
import { findProduct } from './demo.ts';
import { drawImage } from './images.ts';
import { decodeJson, encodeJson, field, isRecord, textField } from './json.ts';
import { platforms, type Content, type OrderItem, type OrderStatus, type Platform, type ShopRef } from './model.ts';
import type { Twin } from './twin.ts';

class BadCommand extends Error {
  override name = 'BadCommand';
}

type Command = (twin: Twin, body: unknown) => unknown;

/** What tests in other processes and the bench can make happen: POST /_twin/<name> with a JSON body. */
const commands: Readonly<Record<string, Command>> = {
  'add-shop': (twin, body) => {
    const region = optionalWord(body, 'region', ['SG', 'MY', 'GB'] as const);
    const name = textField(body, 'name');
    return twin.addShop({
      ...shopOf(body),
      ...(region === null ? {} : { region }),
      ...(name === '' ? {} : { name }),
      webhookUrl: textField(body, 'webhookUrl') || null,
    });
  },
  'set-webhook-url': (twin, body) => twin.setWebhookUrl(shopOf(body), textField(body, 'webhookUrl') || null),
  'buyer-says': (twin, body) => twin.buyerSays(saidOf(body)),
  'seller-says-in-console': (twin, body) => twin.sellerSaysInConsole(saidOf(body)),
  'buyer-orders': (twin, body) => {
    const status = optionalWord(body, 'status', orderStatuses);
    const items = itemsOf(field(body, 'items'));
    return twin.buyerOrders({
      shop: shopOf(body),
      buyer: needText(body, 'buyer'),
      ...(items === null ? {} : { items }),
      ...(status === null ? {} : { status }),
    });
  },
  'ship-order': (twin, body) => twin.shipOrder({ shop: shopOf(body), orderId: needText(body, 'orderId') }),
  'set-order-status': (twin, body) =>
    twin.setOrderStatus({
      shop: shopOf(body),
      orderId: needText(body, 'orderId'),
      status: needWord(body, 'status', orderStatuses),
    }),
  'fault-next': (twin, body) => twin.faults.next(platformOf(body), faultOf(body)),
  'fault-rate': (twin, body) =>
    twin.faults.rate(platformOf(body), { fault: faultOf(body), percent: needNumber(body, 'percent', 0, 100) }),
  outage: (twin, body) => twin.faults.outage(platformOf(body), field(body, 'isDown') === true),
  'faults-clear': (twin) => twin.faults.clear(),
  echoes: (twin, body) =>
    twin.setEchoes(platformOf(body), needWord(body, 'mode', ['before-answer', 'after-answer', 'off'])),
  receipts: (twin, body) => twin.setReceipts(platformOf(body), field(body, 'areOn') === true),
  'traffic-start': (twin, body) => twin.traffic.start({ perMinute: needNumber(body, 'perMinute', 1, 60_000) }),
  'traffic-stop': (twin) => twin.traffic.stop(),
  burst: (twin, body) => twin.burst(burstOf(body)),
  settled: (twin) => twin.settled(),
};

const views: Readonly<Record<string, (twin: Twin) => unknown>> = {
  health: () => ({ status: 'ok' }),
  shops: (twin) => twin.shops(),
  journal: (twin) => twin.journal(),
  threads: (twin) => twin.threads(),
  pushes: (twin) => twin.pushes(),
  orders: (twin) => twin.shops().flatMap((shop) => [...twin.orders(shop)]),
};

const orderStatuses: readonly OrderStatus[] = ['unpaid', 'to_ship', 'shipped', 'delivered', 'completed', 'cancelled'];

export function registerControl(app: FastifyInstance, twin: Twin): void {
  app.addHook('onRequest', async (request, reply) => {
    const isLocal = /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '');
    if (request.url.startsWith('/_twin') && !isLocal) await reply.code(403).send({ error: 'loopback only' });
  });
  for (const [name, command] of Object.entries(commands)) {
    app.post(`/_twin/${name}`, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body.toString('utf8') : '{}';
      try {
        const result = await command(twin, decodeJson(body));
        return await reply.type('application/json').send(encodeJson(result ?? { ok: true }));
      } catch (error) {
        const status = error instanceof BadCommand ? 400 : 409;
        return reply.code(status).send({ error: error instanceof Error ? error.message : 'failed' });
      }
    });
  }
  for (const [name, view] of Object.entries(views)) {
    app.get(`/_twin/${name}`, (_request, reply) => reply.type('application/json').send(encodeJson(view(twin))));
  }
  app.get('/_twin/images/:name', (request, reply) => {
    const name = /^([\w-]+)\.svg$/.exec(textField(request.params, 'name'))?.[1];
    if (name === undefined) return reply.code(404).send({ error: 'no such image' });
    return reply.type('image/svg+xml').send(drawImage(name));
  });
  app.get('/_twin/uploads/:id', (request, reply) => {
    const upload = twin.upload(request.url);
    if (upload === null) return reply.code(404).send({ error: 'no such upload' });
    return reply.type(upload.mimeType).send(upload.bytes);
  });
}

function platformOf(body: unknown): Platform {
  return needWord(body, 'platform', platforms);
}

function shopOf(body: unknown): ShopRef {
  const shop = field(body, 'shop');
  return { platform: platformOf(shop), externalAccountId: needText(shop, 'externalAccountId') };
}

function saidOf(body: unknown): { shop: ShopRef; buyer: string; content: Content; at?: Date } {
  const at = textField(body, 'at');
  if (at !== '' && Number.isNaN(Date.parse(at))) throw new BadCommand('at is no ISO 8601 instant');
  return {
    shop: shopOf(body),
    buyer: needText(body, 'buyer'),
    content: contentOf(field(body, 'content')),
    ...(at === '' ? {} : { at: new Date(at) }),
  };
}

function contentOf(content: unknown): Content {
  switch (textField(content, 'kind')) {
    case 'text':
      return { kind: 'text', text: needText(content, 'text') };
    case 'image':
      return { kind: 'image', url: needText(content, 'url'), caption: textField(content, 'caption') || null };
    case 'sticker':
      return { kind: 'sticker', stickerId: needText(content, 'stickerId') };
    case 'order':
      return { kind: 'order', externalOrderId: needText(content, 'externalOrderId') };
    case 'product':
      return { kind: 'product', externalProductId: needText(content, 'externalProductId') };
    case 'native': {
      const value = field(content, 'value');
      if (!isRecord(value)) throw new BadCommand('content.value must be an object');
      return { kind: 'native', type: needText(content, 'type'), value };
    }
    default:
      throw new BadCommand('content.kind must be text, image, sticker, order, product or native');
  }
}

function itemsOf(items: unknown): readonly OrderItem[] | null {
  if (items === undefined) return null;
  if (!Array.isArray(items)) throw new BadCommand('items must be a list');
  return items.map((item) => {
    const product = findProduct(needText(item, 'sku'));
    if (product === null) throw new BadCommand('items name a sku that is not in the catalogue');
    return { product, quantity: needNumber(item, 'quantity', 1, 100) };
  });
}

function burstOf(body: unknown): BurstOptions {
  const pushedTo = textField(body, 'pushedTo');
  return {
    shop: shopOf(body),
    messages: needNumber(body, 'messages', 1, 200_000),
    duplicatesPercent: needNumber(body, 'duplicatesPercent', 0, 100),
    concurrency: needNumber(body, 'concurrency', 1, 1_000),
    ...(field(body, 'threads') === undefined ? {} : { threads: needNumber(body, 'threads', 1, 100_000) }),
    ...(pushedTo === '' ? {} : { pushedTo }),
  };
}

function faultOf(body: unknown): CallFault | PushFault {
  return needWord(body, 'fault', [...callFaults, ...pushFaults]);
}

function needText(value: unknown, name: string): string {
  const found = textField(value, name);
  if (found === '') throw new BadCommand(`${name} is missing`);
  return found;
}

function needNumber(value: unknown, name: string, min: number, max: number): number {
  const found = field(value, name);
  if (typeof found === 'number' && found >= min && found <= max) return found;
  throw new BadCommand(`${name} must be a number from ${min} to ${max}`);
}

function needWord<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === textField(value, name));
  if (found === undefined) throw new BadCommand(`${name} must be one of ${words.join(', ')}`);
  return found;
}

function optionalWord<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word | null {
  return textField(value, name) === '' ? null : needWord(value, name, words);
}
