import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { textField } from '../json.ts';
import type { ConnectedShop } from '../model.ts';
import { type Bench, callPlatform, startBench } from '../testing.ts';

const text = (words: string) => ({ kind: 'text' as const, text: words });
let bench: Bench;
let shop: ConnectedShop;

beforeEach(async () => {
  bench = await startBench();
  shop = bench.shop('generic');
});
afterEach(() => bench.close());

test('a reply is executed once per webhook-id, and only with the right secret', async () => {
  const { threadId } = bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') });
  const data = { conversationKey: threadId, messageId: 'm-1', text: 'hello', content: text('hello') };
  const json = { type: 'message.outbound', timestamp: new Date().toISOString(), data };
  const signing_secret = `whsec_${Buffer.from('another secret of the length').toString('base64')}`;
  expect((await callPlatform(shop, { path: '', json }, { credentials: { signing_secret } })).status).toBe(401);
  const first = await callPlatform(shop, { path: '', json });
  const second = await callPlatform(shop, { path: '/any/path', json });
  expect(textField(second.body, 'externalId')).toBe(textField(first.body, 'externalId'));
  expect(bench.twin.journal()).toMatchObject([{ platform: 'generic', threadId, text: 'hello', key: 'm-1' }]);
});

test('a retry keeps its webhook-id', async () => {
  bench.receiver.answers.push({ status: 503, body: '' });
  bench.twin.buyerSays({ shop, buyer: 'olivia', content: text('hi') });
  const deliveries = await bench.receiver.count(2);
  expect(deliveries[0]?.headers['webhook-id']).toBe(deliveries[1]?.headers['webhook-id']);
});
