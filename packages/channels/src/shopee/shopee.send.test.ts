import { type MessageContent, type MessageId, newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import { contextOf } from '../conformance/context.ts';
import { PlatformCallError } from '../port/index.ts';
import { send, upload } from './shopee.send.ts';
import { account, answer, now, platform, success } from './shopee.samples.ts';

const buyer = {
  externalId: '700900001',
  commerceId: '700900001',
  name: null,
  phone: null,
  email: null,
  avatarUrl: null,
  locale: null,
};
const outgoing = (content: MessageContent, externalId = buyer.externalId) => ({
  messageId: newId<MessageId>(),
  externalThreadId: '700000000000000009',
  buyer: { ...buyer, externalId },
  content,
  upload: null,
});
const text: MessageContent = { kind: 'text', text: 'Your parcel left our warehouse.' };
const accepted = success({ message_id: '2400000000000000001', to_id: 700900001 });

test('a text is sent as documented, signed, and accepted with the id of Shopee', async () => {
  const { context, asked } = platform(() => accepted);
  expect(await send(context, outgoing(text))).toEqual({
    status: 'accepted',
    externalMessageId: '2400000000000000001',
  });
  expect(asked[0]).toMatchObject({
    path: '/api/v2/sellerchat/send_message',
    body: '{"to_id":700900001,"message_type":"text","content":{"text":"Your parcel left our warehouse."}}',
    query: {
      partner_id: '2007001',
      timestamp: '1767225600',
      access_token: '6d6f636b546f6b656e41626344656630',
      shop_id: '700100200',
      sign: 'a6161a7bb84ac42ec50e46530fcecfabf57ae7d90ad57fb4653973b5c9ad7651',
    },
  });
});

test('an id beyond the precision of a double is sent with every digit', async () => {
  const { context, asked } = platform(() => accepted);
  await send(context, outgoing(text, '9223372036854775807'));
  expect(asked[0]?.body).toContain('"to_id":9223372036854775807,');
});

test.each<[MessageContent, string]>([
  [{ kind: 'order', externalOrderId: '26X' }, '"message_type":"order","content":{"order_sn":"26X"}'],
  [
    { kind: 'product', externalProductId: '42', title: null, imageUrl: null },
    '"message_type":"item","content":{"item_id":42}',
  ],
  [
    { kind: 'sticker', stickerId: 'cat/3', url: null },
    '"message_type":"sticker","content":{"sticker_id":"3","sticker_package_id":"cat"}',
  ],
])('%j is sent in the form of Shopee', async (content, body) => {
  const { context, asked } = platform(() => accepted);
  expect((await send(context, outgoing(content))).status).toBe('accepted');
  expect(asked[0]?.body).toContain(body);
});

test.each<[string, MessageContent, string]>([
  ['an empty text', { kind: 'text', text: ' ' }, '700900001'],
  ['a text that is too long', { kind: 'text', text: '好'.repeat(1_001) }, '700900001'],
  ['a buyer without numeric id', text, 'buyer_a'],
  [
    'a product id that is not an item id',
    { kind: 'product', externalProductId: 'sku-1', title: null, imageUrl: null },
    '700900001',
  ],
  ['half a sticker', { kind: 'sticker', stickerId: '3', url: null }, '700900001'],
])('%s is refused without a call', async (_, content, buyerId) => {
  const { context, asked } = platform(() => accepted);
  expect(await send(context, outgoing(content, buyerId))).toMatchObject({
    status: 'rejected',
    failure: 'INVALID_REQUEST',
  });
  expect(asked).toEqual([]);
});

test('a text of exactly the limit is sent, where an emoji counts as two characters', async () => {
  const { context } = platform(() => accepted);
  const outcome = await send(context, outgoing({ kind: 'text', text: '😀'.repeat(500) }));
  expect(outcome.status).toBe('accepted');
});

const picture = {
  bytes: 3,
  fileName: 'a',
  mimeType: 'image/png',
  open: async function* () {
    yield Uint8Array.from([0x89, 0x50, 0x4e, 0x47]);
  },
};

test('a picture is uploaded as a form with a signed call, and sent by its address at Shopee', async () => {
  const { context, asked } = platform(({ path }) =>
    path.endsWith('upload_image') ? success({ url: 'https://cf.shopee.sg/file/abc', thumbnail: 't' }) : accepted,
  );
  const uploaded = await upload(context, picture);
  expect(uploaded).toEqual({
    status: 'uploaded',
    file: { url: 'https://cf.shopee.sg/file/abc', mediaId: null, width: null, height: null },
  });
  expect(asked[0]).toMatchObject({
    path: '/api/v2/sellerchat/upload_image',
    body: null,
    query: { shop_id: '700100200', sign: expect.stringMatching(/^[0-9a-f]{64}$/) },
    request: { method: 'POST', file: { field: 'file', file: picture } },
  });
  const image = { thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };
  const content = { kind: 'image', url: 'https://cdn.example/a.png', ...image } as const;
  const kept = uploaded.status === 'uploaded' ? uploaded.file : null;
  expect(await send(context, { ...outgoing(content), upload: kept })).toMatchObject({ status: 'accepted' });
  expect(asked[1]?.body).toContain('"message_type":"image","content":{"image_url":"https://cf.shopee.sg/file/abc"}');
  expect(await send(context, outgoing(content))).toMatchObject({ status: 'rejected' });
});

test.each([
  [answer({ error: 'error_server', message: '' }), { status: 'retry' }],
  [answer('<html>', 502), { status: 'retry' }],
  [success({}), { status: 'retry' }],
  [answer({ error: 'invalid_access_token', message: '' }), { status: 'unauthorised' }],
  [answer({ error: 'error_param', message: '' }), { status: 'rejected', failure: 'INVALID_REQUEST' }],
])('an upload answered with %j has the outcome %j', async (response, outcome) => {
  expect(await upload(platform(() => response).context, picture)).toMatchObject(outcome);
});

const untilMidnightInSingaporeMs = 16 * 3_600_000;

test.each([
  ['error_auth', '', { status: 'unauthorised' }],
  ['invalid_acceess_token', '', { status: 'unauthorised' }],
  ['common.invalid_access_token', '', { status: 'unauthorised' }],
  ['error_sign', '', { status: 'rejected', failure: 'REAUTHORISE' }],
  ['error_partner_key_expired', '', { status: 'rejected', failure: 'REAUTHORISE' }],
  [
    'error_param',
    'to_id is wrong',
    { status: 'rejected', failure: 'INVALID_REQUEST', detail: 'error_param: to_id is wrong' },
  ],
  [
    'error_param',
    'Invalid timestamp.',
    {
      status: 'limited',
      afterMs: 60_000,
      detail: 'error_param: Invalid timestamp.: correct the clock of this server',
    },
  ],
  ['error_param', 'determined by your app type', { status: 'rejected', failure: 'UNSUPPORTED' }],
  ['error_api_permission', '', { status: 'rejected', failure: 'UNSUPPORTED' }],
  ['shop_banned', '', { status: 'rejected', failure: 'ACCOUNT_DISABLED' }],
  ['error_message_censored', '', { status: 'rejected', failure: 'POLICY_BLOCKED' }],
  ['error_of_tomorrow', '', { status: 'rejected', failure: 'PLATFORM_ERROR' }],
  ['error_rate_limit', '', { status: 'limited', afterMs: 5_000 }],
  ['error_limit', '', { status: 'limited', afterMs: untilMidnightInSingaporeMs }],
  ['error_server', '', { status: 'unknown' }],
  ['error_system_busy', '', { status: 'unknown' }],
])('the error %s (%s) has the outcome %j', async (error, message, outcome) => {
  const { context } = platform(() => answer({ error, message, request_id: 'r1' }));
  expect(await send(context, outgoing(text))).toMatchObject(outcome);
});

test.each([
  [answer('<h1>Bad gateway</h1>', 502), { status: 'unknown' }],
  [answer('', 200), { status: 'unknown' }],
  [answer({ error: '', message: '', response: {} }, 500), { status: 'unknown' }],
  [answer({ error: 'error_of_tomorrow', message: '' }, 503), { status: 'unknown' }],
  [answer('slow down', 429, { 'retry-after': '7' }), { status: 'limited', afterMs: 7_000 }],
  [answer('', 403), { status: 'unauthorised' }],
  [
    answer({ error: 'error_rate_limit', message: '' }, 200, { 'retry-after': '30' }),
    { status: 'limited', afterMs: 30_000 },
  ],
])('the answer %j has the outcome %j', async (response, outcome) => {
  const { context } = platform(() => response);
  expect(await send(context, outgoing(text))).toMatchObject(outcome);
});

test('an accepted message without an id counts as accepted', async () => {
  const { context } = platform(() => success({}));
  expect(await send(context, outgoing(text))).toEqual({ status: 'accepted', externalMessageId: null });
});

test('a token that Shopee repeats in its message is not shown', async () => {
  const token = account.credentials['access_token'] ?? '';
  const { context } = platform(() => answer({ error: 'error_param', message: `bad ${token}` }));
  expect(await send(context, outgoing(text))).toMatchObject({ detail: 'error_param: bad ***' });
});

test('the error of a lost connection is passed on', async () => {
  const lost = new PlatformCallError('connection lost', true);
  const call = () => Promise.reject(lost);
  await expect(send({ ...contextOf(account, call), now: () => now }, outgoing(text))).rejects.toBe(lost);
});
