import type { FastifyInstance } from 'fastify';
import {
  BadCommand,
  burstOf,
  changedOf,
  echoModes,
  faultOf,
  itemsOf,
  needNumber,
  needText,
  needWord,
  optionalWord,
  orderStatuses,
  platformOf,
  saidOf,
  shopOf,
} from './control.decode.ts';
import { drawImage, drawPhoto } from './images.ts';
import { decodeJson, encodeJson, field, textField } from './json.ts';
import { regionNames } from './model.ts';
import type { Twin } from './twin.port.ts';

type Command = (twin: Twin, body: unknown) => unknown;

/** The commands for tests in other processes and for the bench: POST /_twin/<name> with a JSON body. */
const commands: Readonly<Record<string, Command>> = {
  'add-shop': (twin, body) => {
    const region = optionalWord(body, 'region', regionNames);
    const name = textField(body, 'name');
    return twin.addShop({
      ...shopOf(body),
      ...(region === null ? {} : { region }),
      ...(name === '' ? {} : { name }),
      webhookUrl: textField(body, 'webhookUrl') || null,
    });
  },
  'set-webhook-url': (twin, body) => twin.setWebhookUrl(shopOf(body), textField(body, 'webhookUrl') || null),
  'set-redirect-url': (twin, body) => twin.setRedirectUrl(shopOf(body), needText(body, 'redirectUrl')),
  'buyer-says': (twin, body) => twin.buyerSays(saidOf(body)),
  'seller-says-in-console': (twin, body) => twin.sellerSaysInConsole(saidOf(body)),
  'change-message': (twin, body) => twin.changeMessage(changedOf(body)),
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
  echoes: (twin, body) => twin.setEchoes(platformOf(body), needWord(body, 'mode', echoModes)),
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
    const [, name, form] = /^([\w-]+)\.(svg|png)$/.exec(textField(request.params, 'name')) ?? [];
    if (name === undefined) return reply.code(404).send({ error: 'no such image' });
    if (form === 'svg') return reply.type('image/svg+xml').send(drawImage(name));
    if (twin.isExpired(request.url)) return reply.code(403).send({ error: 'the address has expired' });
    return reply.type('image/png').send(drawPhoto(name));
  });
  app.get('/_twin/uploads/:id', (request, reply) => {
    const upload = twin.upload(request.url);
    if (upload === null) return reply.code(404).send({ error: 'no such upload' });
    return reply.type(upload.mimeType).send(upload.bytes);
  });
}
