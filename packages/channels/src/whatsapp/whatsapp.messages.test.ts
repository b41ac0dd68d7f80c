import { type MessageContent, newId } from '@crossdesk/contracts';
import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../conformance/context.ts';
import type { OutgoingMessage, PlatformRequest, PlatformResponse } from '../port/index.ts';
import { send } from './whatsapp.messages.ts';
import { account, buyer } from './whatsapp.samples.ts';

const accepted: PlatformResponse = {
  status: 200,
  headers: {},
  body: '{"messages":[{"id":"wamid.OUT","message_status":"accepted"}]}',
};

async function reply(content: MessageContent, response = accepted, more: Partial<OutgoingMessage> = {}) {
  const message: OutgoingMessage = {
    messageId: newId(),
    externalThreadId: 'BR.123',
    buyer,
    content,
    upload: null,
    ...more,
  };
  const requests: PlatformRequest[] = [];
  const call = async (request: PlatformRequest) => {
    requests.push(request);
    return response;
  };
  const outcome = await send(contextOf(account, call), message);
  const body: unknown = requests[0] === undefined ? null : JSON.parse(requests[0].body ?? '');
  return { outcome, request: requests[0], body, message };
}

const media = { thumbnailUrl: null, mimeType: null, fileName: null, caption: null, mediaId: null, url: null };

describe('requests', () => {
  test('a text is sent to the number of the buyer with our message id', async () => {
    const { outcome, request, body, message } = await reply({ kind: 'text', text: 'Sent today' });
    expect(outcome).toEqual({ status: 'accepted', externalMessageId: 'wamid.OUT' });
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://graph.example/v24.0/PN1/messages',
      headers: { authorization: 'Bearer EAAG-demo-access-token', 'content-type': 'application/json' },
    });
    expect(body).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '5511999990000',
      biz_opaque_callback_data: message.messageId,
      type: 'text',
      text: { body: 'Sent today' },
    });
  });

  test('a buyer who hides their number is addressed by their id', async () => {
    const { body } = await reply({ kind: 'text', text: 'Hi' }, accepted, { buyer: { ...buyer, phone: null } });
    expect(body).toMatchObject({ recipient: 'BR.123' });
    expect(body).not.toHaveProperty('to');
  });

  test('a thread with a phone number as its id is addressed by that number', async () => {
    const { body } = await reply({ kind: 'text', text: 'Hi' }, accepted, { externalThreadId: '6591110000' });
    expect(body).toMatchObject({ to: '6591110000' });
  });

  test.each<[MessageContent, object]>([
    [
      { kind: 'image', ...media, url: 'https://cdn.example/a.jpg', caption: 'Label' },
      { type: 'image', image: { link: 'https://cdn.example/a.jpg', caption: 'Label' } },
    ],
    [
      { kind: 'video', ...media, mediaId: 'M1' },
      { type: 'video', video: { id: 'M1' } },
    ],
    [
      { kind: 'audio', ...media, mediaId: 'M1', caption: 'not for audio' },
      { type: 'audio', audio: { id: 'M1' } },
    ],
    [
      { kind: 'file', ...media, url: 'https://cdn.example/a.pdf', fileName: 'a.pdf' },
      { type: 'document', document: { link: 'https://cdn.example/a.pdf', filename: 'a.pdf' } },
    ],
    [
      { kind: 'sticker', stickerId: 'M1', url: null },
      { type: 'sticker', sticker: { id: 'M1' } },
    ],
  ])('%j is sent as media', async (content, expected) => {
    const { body } = await reply(content);
    expect(body).toEqual(expect.objectContaining(expected));
  });

  test('a text that is too long and media without a source are refused before the call', async () => {
    for (const content of [{ kind: 'text', text: 'x'.repeat(4097) } as const, { kind: 'image', ...media } as const]) {
      const { outcome, request } = await reply(content);
      expect(outcome).toMatchObject({ status: 'rejected', failure: 'INVALID_REQUEST' });
      expect(request).toBeUndefined();
    }
    expect((await reply({ kind: 'text', text: 'x'.repeat(4096) })).outcome.status).toBe('accepted');
  });
});

describe('refusals', () => {
  const refusal = async (status: number, error: object | null, headers = {}) => {
    const body = error === null ? '<html>' : JSON.stringify({ error });
    return (await reply({ kind: 'text', text: 'Hi' }, { status, headers, body })).outcome;
  };

  test.each([
    [131047, 'WINDOW_CLOSED'],
    [131026, 'RECIPIENT_UNREACHABLE'],
    [551, 'RECIPIENT_UNREACHABLE'],
    [131048, 'POLICY_BLOCKED'],
    [131049, 'POLICY_BLOCKED'],
    [130472, 'POLICY_BLOCKED'],
    [131031, 'POLICY_BLOCKED'],
    [368, 'POLICY_BLOCKED'],
    [131042, 'ACCOUNT_DISABLED'],
    [33, 'ACCOUNT_DISABLED'],
    [100, 'INVALID_REQUEST'],
    [131051, 'UNSUPPORTED'],
    [10, 'REAUTHORISE'],
    [200, 'REAUTHORISE'],
    [299, 'REAUTHORISE'],
    [424242, 'PLATFORM_ERROR'],
  ])('error %i is rejected as %s', async (code, failure) => {
    expect(await refusal(400, { code, type: 'OAuthException', message: 'to 5511999990000' })).toEqual({
      status: 'rejected',
      failure,
      detail: `error ${code}: OAuthException`,
    });
  });

  test.each([
    [2, 'retry', 5_000],
    [4, 'limited', 60_000],
    [17, 'limited', 60_000],
    [32, 'limited', 60_000],
    [613, 'limited', 60_000],
    [80007, 'limited', 60_000],
    [130429, 'limited', 1_000],
    [131056, 'retry', 6_000],
    [133016, 'limited', 60_000],
  ])('error %i is %s, after %i ms or the requested pause', async (code, status, afterMs) => {
    expect(await refusal(400, { code })).toMatchObject({ status, afterMs });
    expect(await refusal(500, { code }, { 'retry-after': '30' })).toMatchObject({ status, afterMs: 30_000 });
  });

  test('429 is the limit of the number, and transient errors are tried again', async () => {
    expect(await refusal(429, null)).toMatchObject({ status: 'limited', afterMs: 5_000 });
    expect(await refusal(400, { code: 424242, is_transient: true })).toMatchObject({ status: 'retry' });
  });

  test('a refused token requires a new one', async () => {
    expect(await refusal(401, null)).toMatchObject({ status: 'unauthorised' });
    expect(await refusal(400, { code: 190 })).toMatchObject({ status: 'unauthorised' });
  });

  test.each([
    ['a gateway error', 502, null],
    ['the unknown error', 500, { code: 1 }],
    ['an undocumented server error', 500, { code: 131000 }],
    ['a redirect', 302, null],
    ['a refusal that is not JSON', 400, null],
  ])('%s leaves the outcome unknown', async (_, status, error) => {
    expect(await refusal(status, error)).toMatchObject({ status: 'unknown' });
  });

  test('an acceptance without id leaves the outcome unknown', async () => {
    for (const body of ['', '{}', '{"messages":[]}', '{"messages":[{}]}'])
      expect((await reply({ kind: 'text', text: 'Hi' }, { status: 200, headers: {}, body })).outcome.status).toBe(
        'unknown',
      );
  });
});
