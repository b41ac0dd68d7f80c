import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { drawPhoto } from '../images.ts';
import { field, textField } from '../json.ts';
import type { ConnectedShop } from '../model.ts';
import { addressFor, type Bench, callPlatform, listAt, type Proof, startBench } from '../testing.ts';
import { escapeNonAscii, signPush } from './whatsapp.entry.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
let bench: Bench;
let shop: ConnectedShop;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('whatsapp');
});
afterEach(() => bench.close());

const buyerPhone = () => bench.twin.threads(shop)[0]?.buyer.phone ?? '';
const message = (body: string) => ({
  messaging_product: 'whatsapp',
  to: buyerPhone(),
  type: 'text',
  text: { body },
  biz_opaque_callback_data: 'our-key-1',
});
const send = (json: unknown, proof?: Proof) =>
  callPlatform(shop, { path: `/v24.0/${shop.externalAccountId}/messages`, json }, proof);
const code = (answer: { body: unknown }) => field(answer.body, 'error', 'code');

test('Meta signs the escaped bytes', () => {
  const body = escapeNonAscii(
    '{"object":"page","entry":[{"id":"1111","time":1700000000000,"messaging":[{"sender":{"id":"2222"},"recipient":{"id":"1111"},"timestamp":1700000000000,"message":{"mid":"m_demo1","text":"café 😀"}}]}]}',
  );
  expect(Buffer.byteLength(body)).toBe(213);
  expect(signPush('demo_meta_app_secret', body)).toBe(
    'sha256=36489ed44eecea674e46bf43cffd92790e85d0f21d22101e63364a871b53df1d',
  );
});

test('webhooks are escaped ASCII', async () => {
  bench.twin.buyerSays({ shop, buyer: 'ana', content: text('café 😀') });
  const [delivery] = await bench.receiver.count(1);
  expect(delivery?.raw).toContain('caf\\u00e9 \\ud83d\\ude00');
});

describe('a new webhook address', () => {
  const setAddress = async () => {
    bench.twin.setWebhookUrl(shop, addressFor(bench.receiver, shop));
    await bench.twin.settled();
    return bench.twin.pushes();
  };

  test('is checked with the verify token, and passes with the challenge', async () => {
    bench.receiver.answerGet = (url) => {
      const query = new URL(url, bench.receiver.origin).searchParams;
      expect(query.get('hub.mode')).toBe('subscribe');
      expect(query.get('hub.verify_token')).toBe(shop.credentials['verify_token']);
      return { status: 200, body: query.get('hub.challenge') ?? '' };
    };
    const before = bench.twin.pushes();
    expect(await setAddress()).toEqual({ ...before, acknowledged: before.acknowledged + 1 });
  });

  test.each([
    [200, 'another text'],
    [403, ''],
  ])('does not pass with %i and %j', async (status, body) => {
    bench.receiver.answerGet = () => ({ status, body });
    const before = bench.twin.pushes();
    expect(await setAddress()).toEqual({ ...before, refusedAttempts: before.refusedAttempts + 1 });
    expect(before.lastRefusal).toContain('challenge');
  });
});

test('a send causes the statuses sent, delivered and read, each with the key', async () => {
  bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi') });
  await bench.receiver.count(1);
  expect((await send(message('hello'))).status).toBe(200);
  const deliveries = await bench.receiver.count(4);
  const statuses = deliveries.slice(1).map((one) => {
    const change = listAt(listAt(one.body, 'entry')[0], 'changes')[0];
    return listAt(change, 'value', 'statuses')[0];
  });
  expect(statuses.map((one) => textField(one, 'status'))).toEqual(['sent', 'delivered', 'read']);
  expect(statuses.map((one) => textField(one, 'biz_opaque_callback_data'))).toEqual(Array(3).fill('our-key-1'));
  expect(bench.twin.journal()).toMatchObject([{ text: 'hello', key: 'our-key-1' }]);
});

test('a day after the last message of the buyer only templates pass', async () => {
  const at = new Date(Date.now() - 24 * 3600_000 - 1);
  bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi'), at });
  expect(code(await send(message('too late')))).toBe(131047);
  const template = { ...message(''), type: 'template', template: { name: 'hello', language: { code: 'en' } } };
  expect((await send(template)).status).toBe(200);
  expect(bench.twin.journal()).toHaveLength(1);
});

test('wrong tokens, unknown recipients and empty texts are refused', async () => {
  bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi') });
  expect(code(await send(message('x'), { credentials: { access_token: 'wrong' } }))).toBe(190);
  expect(code(await send({ ...message('x'), to: '999' }))).toBe(131026);
  expect(code(await send(message('')))).toBe(100);
});

test('a token sends from its own number only', async () => {
  bench.twin.buyerSays({ shop, buyer: 'ana', content: text('hi') });
  const path = '/v24.0/106500000000009/messages';
  expect(code(await callPlatform(shop, { path, json: message('x') }))).toBe(100);
  expect(bench.twin.journal()).toEqual([]);
});

test('announced media can be fetched in two steps with the token', async () => {
  const url = 'http://127.0.0.1:1/_twin/images/photo-7.png';
  bench.twin.buyerSays({ shop, buyer: 'ana', content: { kind: 'image', url, caption: 'broken' } });
  const [delivery] = await bench.receiver.count(1);
  const change = listAt(listAt(delivery?.body, 'entry')[0], 'changes')[0];
  const id = textField(listAt(change, 'value', 'messages')[0], 'image', 'id');
  const media = await callPlatform(shop, { path: `/v24.0/${id}` });
  const authorization = `Bearer ${shop.credentials['access_token'] ?? ''}`;
  const address = textField(media.body, 'url');
  const image = await fetch(address, { headers: { authorization } });
  expect(Buffer.from(await image.arrayBuffer())).toEqual(drawPhoto('photo-7'));
  expect((await fetch(address)).status).toBe(401);
  const expired = address.replace(/ext=\d+/, 'ext=1767322800');
  expect((await fetch(expired, { headers: { authorization } })).status).toBe(404);
});
