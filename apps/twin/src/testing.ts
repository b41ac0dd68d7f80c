import fastify from 'fastify';
import { decodeJson, field } from './json.ts';
import type { Platform } from './model.ts';
import * as shopee from './shopee/shopee.sign.ts';
import * as tiktok from './tiktok-shop/tiktok-shop.sign.ts';
import { createTwin, type ConnectedShop, type Twin, type TwinOptions } from './twin.ts';

/** For the tests of this package: a twin that listens, a receiver of webhooks, and callers that sign. */
export interface Bench {
  readonly twin: Twin;
  readonly receiver: Receiver;
  shop(platform: Platform): ConnectedShop;
  close(): Promise<void>;
}

export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly raw: string;
  readonly body: unknown;
}

export interface Receiver {
  readonly origin: string;
  readonly deliveries: Delivery[];
  /** Answers of the next deliveries, one each; afterwards 200 and an empty body. */
  readonly answers: { status: number; body: string }[];
  /** Resolves when so many deliveries have come. */
  count(wanted: number): Promise<Delivery[]>;
  close(): Promise<void>;
}

export async function startBench(options: Partial<TwinOptions> = {}): Promise<Bench> {
  const twin = createTwin({ seed: 'test', pushRetriesMs: [5], ...options });
  await twin.listen(0);
  const receiver = await startReceiver();
  for (const shop of twin.shops()) {
    twin.setWebhookUrl(shop, `${receiver.origin}/${shop.platform}/${shop.externalAccountId}`);
  }
  return {
    twin,
    receiver,
    shop(platform) {
      const shop = twin.shops().find((candidate) => candidate.platform === platform);
      if (shop === undefined) throw new Error(`no demo shop of ${platform}`);
      return shop;
    },
    async close() {
      await twin.close();
      await receiver.close();
    },
  };
}

export async function startReceiver(): Promise<Receiver> {
  const app = fastify({ forceCloseConnections: true });
  const deliveries: Delivery[] = [];
  const answers: { status: number; body: string }[] = [];
  const waiting: { wanted: number; resolve: () => void }[] = [];
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/*', (request, reply) => {
    const raw = String(request.body);
    const url = `${origin}${request.url}`;
    deliveries.push({ url, headers: request.headers, raw, body: decodeJson(raw) });
    for (const one of waiting) if (deliveries.length >= one.wanted) one.resolve();
    const answer = answers.shift() ?? { status: 200, body: '' };
    return reply.code(answer.status).send(answer.body);
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    origin,
    deliveries,
    answers,
    async count(wanted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (deliveries.length >= wanted) resolve();
      else waiting.push({ wanted, resolve });
      await promise;
      return deliveries;
    },
    close: () => app.close(),
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Query = Record<string, string>;

export async function callShopee(
  shop: ConnectedShop,
  path: string,
  options: { query?: Query; body?: unknown; sign?: string; timestamp?: number; accessToken?: string } = {},
): Promise<Answered> {
  const { credentials } = shop;
  const isPublic = path.includes('/auth/');
  const timestamp = String(options.timestamp ?? Math.floor(Date.now() / 1000));
  const token = options.accessToken ?? credentials['access_token'] ?? '';
  const signedToo = isPublic ? {} : { accessToken: token, shopId: shop.externalAccountId };
  const app = { partnerId: credentials['partner_id'] ?? '', partnerKey: credentials['partner_key'] ?? '' };
  const sign = options.sign ?? shopee.signRequest({ ...app, path, timestamp, ...signedToo });
  const query = new URLSearchParams({ partner_id: app.partnerId, timestamp, sign, ...options.query });
  if (!isPublic) {
    query.set('access_token', token);
    query.set('shop_id', shop.externalAccountId);
  }
  return call(`${shop.baseUrls.api}${path}?${query.toString()}`, options.body, {});
}

export async function callTiktok(
  shop: ConnectedShop,
  path: string,
  options: { query?: Query; body?: unknown; timestamp?: number; accessToken?: string; sign?: string } = {},
): Promise<Answered> {
  const { credentials } = shop;
  const query = new URLSearchParams({
    app_key: credentials['app_key'] ?? '',
    shop_cipher: credentials['shop_cipher'] ?? '',
    timestamp: String(options.timestamp ?? Math.floor(Date.now() / 1000)),
    ...options.query,
  });
  const body = options.body === undefined ? '' : JSON.stringify(options.body);
  const appSecret = credentials['app_secret'] ?? '';
  query.set('sign', options.sign ?? tiktok.signRequest({ appSecret, path, query, body }));
  const token = options.accessToken ?? credentials['access_token'] ?? '';
  return call(`${shop.baseUrls.api}${path}?${query.toString()}`, options.body, { 'x-tts-access-token': token });
}

export async function callWhatsapp(shop: ConnectedShop, body: unknown, token?: string): Promise<Answered> {
  const authorization = `Bearer ${token ?? shop.credentials['access_token'] ?? ''}`;
  return call(`${shop.baseUrls.api}/v24.0/${shop.externalAccountId}/messages`, body, { authorization });
}

export async function call(url: string, body: unknown, headers: Record<string, string>): Promise<Answered> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: decodeJson(await response.text()) };
}

export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}
