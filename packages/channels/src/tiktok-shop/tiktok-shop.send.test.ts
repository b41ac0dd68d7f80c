import { type MessageContent, newId } from '@crossdesk/contracts';
import { describe, expect, test } from '@jest/globals';
import type { OutgoingMessage, PlatformResponse } from '../port/index.ts';
import { unnamedBuyer } from './tiktok-shop.message.ts';
import { account, answer, conversationId, failure, platform, success } from './tiktok-shop.samples.ts';
import { send, upload } from './tiktok-shop.send.ts';
import { signCall } from './tiktok-shop.sign.ts';

const outgoing = (content: MessageContent, externalThreadId = conversationId): OutgoingMessage => ({
  messageId: newId(),
  externalThreadId,
  buyer: unnamedBuyer(externalThreadId),
  content,
  upload: null,
});
const hello = outgoing({ kind: 'text', text: 'Hello' });
const outcomeOf = (response: PlatformResponse) => send(platform(() => response).context, hello);

describe('sending', () => {
  test('a text is the signed call of the published vector', async () => {
    const { context, asked } = platform(() => success({ message_id: '7000000000000000003' }));
    const outcome = await send(context, hello);
    expect(outcome).toEqual({ status: 'accepted', externalMessageId: '7000000000000000003' });
    expect(asked).toMatchObject([
      {
        path: `/customer_service/202309/conversations/${conversationId}/messages`,
        query: {
          app_key: '6mockkey01',
          shop_cipher: 'GCP_mockCipher01',
          timestamp: '1767225600',
          sign: '49b0c31731aa367221035266a609323d7d279282aa9009789b04f33e455dc424',
        },
        body: '{"type":"TEXT","content":"{\\"content\\":\\"Hello\\"}"}',
        request: {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-tts-access-token': 'TTP_mockAccess0001' },
        },
      },
    ]);
  });

  test.each<[MessageContent, string]>([
    [{ kind: 'order', externalOrderId: '57' }, '{"type":"ORDER_CARD","content":"{\\"order_id\\":\\"57\\"}"}'],
    [
      { kind: 'product', externalProductId: '17', title: null, imageUrl: null },
      '{"type":"PRODUCT_CARD","content":"{\\"product_id\\":\\"17\\"}"}',
    ],
  ])('%j is a card', async (content, body) => {
    const { context, asked } = platform(() => success({ message_id: '1' }));
    expect(await send(context, outgoing(content))).toMatchObject({ status: 'accepted' });
    expect(asked).toMatchObject([{ body }]);
  });

  const picture = {
    bytes: 3,
    fileName: 'a',
    mimeType: 'image/jpeg',
    open: async function* () {
      yield Uint8Array.from([0xff, 0xd8, 0xff]);
    },
  };

  test('a picture is uploaded as a form whose bytes are not signed, and sent by address and size', async () => {
    const { context, asked } = platform(({ path }) =>
      path.endsWith('/upload')
        ? success({ url: 'https://p16.tiktok/abc', width: 640, height: 480 })
        : success({ message_id: '1' }),
    );
    const uploaded = await upload(context, picture);
    const expected = { url: 'https://p16.tiktok/abc', mediaId: null, width: 640, height: 480 };
    expect(uploaded).toEqual({ status: 'uploaded', file: expected });
    const path = '/customer_service/202309/images/upload';
    const { sign, ...query } = asked[0]?.query ?? {};
    expect(asked[0]).toMatchObject({ path, body: null, request: { file: { field: 'data', file: picture } } });
    expect(asked[0]?.request.headers).toEqual({ 'x-tts-access-token': 'TTP_mockAccess0001' });
    expect(sign).toBe(signCall({ appSecret: account.credentials['app_secret'] ?? '', path, query, body: '' }));
    const media = { thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };
    const content = { kind: 'image', url: 'https://cdn.example/a.png', ...media } as const;
    expect(await send(context, { ...outgoing(content), upload: expected })).toMatchObject({ status: 'accepted' });
    const { mediaId: _mediaId, ...shown } = expected;
    const inner = JSON.stringify(JSON.stringify(shown));
    expect(asked[1]?.body).toBe(`{"type":"IMAGE","content":${inner}}`);
    expect(await send(context, outgoing(content))).toMatchObject({ status: 'rejected' });
  });

  test.each([
    [failure(36009003), { status: 'retry' }],
    [answer('<html>', 502), { status: 'retry' }],
    [success({}), { status: 'retry' }],
    [failure(105002), { status: 'unauthorised' }],
    [failure(45109001), { status: 'rejected' }],
  ])('an upload answered with %j has the outcome %j', async (response, outcome) => {
    expect(await upload(platform(() => response).context, picture)).toMatchObject(outcome);
  });

  test.each<[string, OutgoingMessage]>([
    ['an empty text', outgoing({ kind: 'text', text: ' ' })],
    ['a text of 2001 characters', outgoing({ kind: 'text', text: 'x'.repeat(2_001) })],
    ['a card without an order', outgoing({ kind: 'order', externalOrderId: '' })],
    ['a conversation id that changes the path', outgoing({ kind: 'text', text: 'Hi' }, '..')],
  ])('%s is refused before any call', async (_, message) => {
    const { context, asked } = platform(() => success({}));
    expect(await send(context, message)).toMatchObject({ status: 'rejected', failure: 'INVALID_REQUEST' });
    expect(asked).toEqual([]);
  });

  test('a text of 2000 characters is sent', async () => {
    const { context } = platform(() => success({ message_id: '1' }));
    const message = outgoing({ kind: 'text', text: 'x'.repeat(2_000) });
    expect(await send(context, message)).toMatchObject({ status: 'accepted' });
  });
});

describe('an error of the platform', () => {
  test.each([
    [105005, 'REAUTHORISE'],
    [36009033, 'ACCOUNT_DISABLED'],
    [36009009, 'INVALID_REQUEST'],
    [45111017, 'INVALID_REQUEST'],
    [45101003, 'RECIPIENT_UNREACHABLE'],
    [45101006, 'POLICY_BLOCKED'],
    [45109001, 'WINDOW_CLOSED'],
    [99999999, 'PLATFORM_ERROR'],
  ])('%i is final: %s', async (code, reason) => {
    expect(await outcomeOf(failure(code))).toEqual({
      status: 'rejected',
      failure: reason,
      detail: `error ${code}: no`,
    });
  });

  test.each([36009003, 36009007, 45101001])('%i leaves the outcome open', async (code) => {
    expect(await outcomeOf(failure(code))).toMatchObject({ status: 'unknown' });
  });

  test.each([
    [105002, 'Expired credentials'],
    [36009004, 'Invalid access token.'],
    [106001, 'The access_token does not fit the app'],
  ])('%i "%s" asks for a new token', async (code, message) => {
    expect(await outcomeOf(failure(code, message))).toMatchObject({ status: 'unauthorised' });
  });

  test('a bad signature or app key needs a person', async () => {
    for (const message of ['Invalid sign.', 'Invalid app_key.'])
      expect(await outcomeOf(failure(106001, message))).toMatchObject({ status: 'rejected', failure: 'REAUTHORISE' });
  });

  test('a used daily quota waits until 00:00 UTC', async () => {
    const { context } = platform(() => failure(45101004));
    const late = { ...context, now: () => new Date('2026-01-01T23:59:00Z') };
    expect(await send(late, hello)).toMatchObject({ status: 'limited', afterMs: 60_000 });
  });

  test('a rate limit waits as long as the platform asks', async () => {
    expect(await outcomeOf(failure(36009002))).toMatchObject({ status: 'limited', afterMs: 2_000 });
    expect(await outcomeOf(failure(45111012))).toMatchObject({ status: 'limited', afterMs: 2_000 });
    const asked = { 'retry-after': '7' };
    expect(await outcomeOf(failure(36009002, 'slow', 429, asked))).toMatchObject({ status: 'limited', afterMs: 7_000 });
    expect(await outcomeOf(answer('<h1>', 429, asked))).toMatchObject({ status: 'limited', afterMs: 7_000 });
  });

  test.each([
    [answer('<h1>Bad gateway</h1>', 502), 'unknown'],
    [answer('', 200), 'unknown'],
    [answer({ code: 0, data: { message_id: '1' } }, 301), 'unknown'],
    [answer({ code: 0, data: { message_id: '1' } }, 503), 'unknown'],
    [failure(99999999, 'no', 503), 'unknown'],
    [answer('', 401), 'unauthorised'],
  ])('%j is %s', async (response, status) => {
    expect(await outcomeOf(response)).toMatchObject({ status });
  });

  test('an acceptance without an id counts as an acceptance', async () => {
    expect(await outcomeOf(success({}))).toEqual({ status: 'accepted', externalMessageId: null });
  });

  test('that repeats credentials is shown without them', async () => {
    const words = Object.values(account.credentials).slice(0, 5).join(' and ');
    expect(await outcomeOf(failure(36009022, words))).toMatchObject({
      detail: 'error 36009022: *** and *** and *** and *** and ***',
    });
  });
});

describe('a clock that is off', () => {
  const date = 'Thu, 01 Jan 2026 00:20:00 GMT';

  test('is corrected by the time of the platform, once', async () => {
    const { context, asked } = platform(({ query }) =>
      query['timestamp'] === '1767226800'
        ? success({ message_id: '1' })
        : failure(36009004, 'Invalid timestamp', 200, { date }),
    );
    expect(await send(context, hello)).toMatchObject({ status: 'accepted' });
    expect(asked.map(({ query }) => query['timestamp'])).toEqual(['1767225600', '1767226800']);
    expect(asked[1]?.query['sign']).not.toBe(asked[0]?.query['sign']);
  });

  test('that the platform refuses again is reported to people', async () => {
    const { context, asked } = platform(() => failure(106001, 'Invalid timestamp', 200, { date }));
    expect(await send(context, hello)).toMatchObject({
      status: 'limited',
      detail: expect.stringContaining('correct the clock'),
    });
    expect(asked).toHaveLength(2);
  });
});
