import fastify from 'fastify';
import type { Delivery, HttpRequest, UnsignedCall } from './caller.ts';
import { decodeJson, field } from './json.ts';
import type { ConnectedShop, Credentials, Platform, ShopRef } from './model.ts';
import { platforms } from './platforms.generated.ts';
import type { PushAnswer } from './pusher.ts';
import type { Twin, TwinOptions } from './twin.port.ts';
import { createTwin } from './twin.ts';

/** For the tests of this package: a twin that listens, and a product's server that receives its webhooks. */
export interface Bench {
  readonly twin: Twin;
  /** The address of the twin. */
  readonly origin: string;
  readonly receiver: ReceivingServer;
  shop(platform: Platform): ConnectedShop;
  /** A seller's text in a thread, sent through the API of the platform. */
  sendText(shop: ConnectedShop, threadId: string, text: string, proof?: Proof): Promise<Sent>;
  close(): Promise<void>;
}

export interface ReceivingServer {
  readonly origin: string;
  readonly deliveries: Delivery[];
  /** The answers to the next deliveries, one each; later deliveries get 200 and an empty body. */
  readonly answers: PushAnswer[];
  /** Addresses of GET requests, which are not deliveries. */
  readonly asked: string[];
  /** The answer to GET requests; 404 unless a test sets it. */
  answerGet: (url: string) => PushAnswer;
  /** Resolves when this many deliveries have arrived. */
  count(wanted: number): Promise<Delivery[]>;
  close(): Promise<void>;
}

/** Deviations from the correct signature of a call: another time, or other values of credentials. */
export interface Proof {
  readonly at?: Date;
  readonly credentials?: Credentials;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Sent extends Answered {
  /** Null if the platform refused. */
  readonly messageId: string | null;
}

export async function startBench(options: Partial<TwinOptions> = {}): Promise<Bench> {
  const twin = createTwin({ seed: 'test', pushRetriesMs: [5], ...options });
  const origin = await twin.listen(0);
  const receiver = await startReceiver();
  for (const shop of twin.shops()) twin.setWebhookUrl(shop, addressFor(receiver, shop));
  await twin.settled();
  receiver.asked.length = 0;
  return {
    twin,
    origin,
    receiver,
    shop(platform) {
      const shop = twin.shops().find((candidate) => candidate.platform === platform);
      if (shop === undefined) throw new Error(`no demo shop of ${platform}`);
      return shop;
    },
    async sendText(shop, threadId, text, proof) {
      const caller = platforms[shop.platform].caller;
      const thread = twin.threads(shop).find((candidate) => candidate.threadId === threadId);
      const unsigned = thread === undefined ? undefined : caller?.sendText?.(shop, thread, text);
      if (unsigned === undefined) throw new Error(`no text can be sent in ${threadId} of ${shop.platform}`);
      const answered = await callPlatform(shop, unsigned, proof);
      return { ...answered, messageId: caller?.sentMessageId(answered.body) ?? null };
    },
    async close() {
      await twin.close();
      await receiver.close();
    },
  };
}

export function addressFor({ origin }: ReceivingServer, shop: ShopRef): string {
  return `${origin}/${shop.platform}/${shop.externalAccountId}`;
}

export async function startReceiver(): Promise<ReceivingServer> {
  const app = fastify({ forceCloseConnections: true });
  const waiting: { wanted: number; resolve: () => void }[] = [];
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/*', (request, reply) => {
    const raw = String(request.body);
    const url = `${server.origin}${request.url}`;
    server.deliveries.push({ url, headers: request.headers, raw, body: decodeJson(raw) });
    for (const one of waiting) if (server.deliveries.length >= one.wanted) one.resolve();
    const answer = server.answers.shift() ?? { status: 200, body: '' };
    return reply.code(answer.status).send(answer.body);
  });
  app.get('/*', (request, reply) => {
    server.asked.push(`${server.origin}${request.url}`);
    const answer = server.answerGet(request.url);
    return reply.code(answer.status).send(answer.body);
  });
  const server: ReceivingServer = {
    origin: await app.listen({ port: 0, host: '127.0.0.1' }),
    deliveries: [],
    answers: [],
    asked: [],
    answerGet: () => ({ status: 404, body: '' }),
    async count(wanted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (server.deliveries.length >= wanted) resolve();
      else waiting.push({ wanted, resolve });
      await promise;
      return server.deliveries;
    },
    close: () => app.close(),
  };
  return server;
}

/** Calls the platform of the shop as a product does. */
export async function callPlatform(shop: ConnectedShop, call: UnsignedCall, proof: Proof = {}): Promise<Answered> {
  const { caller } = platforms[shop.platform];
  if (caller === null) throw new Error(`${shop.platform} is not called by HTTP`);
  const credentials = { ...shop.credentials, ...proof.credentials };
  return fetchAnswer(caller.sign({ ...shop, credentials }, call, proof.at ?? new Date()));
}

/** Makes a call without a signature: to a control route, or to an address that contains its own proof. */
export async function call(url: string, json?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
  if (json === undefined) return fetchAnswer({ method: 'GET', url, headers, body: null });
  return fetchAnswer({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(json),
  });
}

async function fetchAnswer({ url, ...request }: HttpRequest): Promise<Answered> {
  const response = await fetch(url, request);
  return { status: response.status, headers: response.headers, body: decodeJson(await response.text()) };
}

export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The first bytes of a PNG of 640 by 480 pixels: platforms read no more. */
export const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000280000001e00806000000', 'hex');

export function pictureForm(field: string, bytes: Buffer): FormData {
  const form = new FormData();
  form.set(field, new Blob([Uint8Array.from(bytes)], { type: 'image/png' }), 'a.png');
  return form;
}
