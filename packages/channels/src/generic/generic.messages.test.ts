import { type MessageContent, newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { contextOf } from '../conformance/context.ts';
import type { ChannelAccount, OutgoingMessage, PlatformRequest, PlatformResponse } from '../port/index.ts';
import { send } from './generic.messages.ts';
import { account, secret } from './generic.samples.ts';

const now = new Date();
const buyer = {
  externalId: 'B-7',
  commerceId: null,
  name: null,
  phone: null,
  email: null,
  avatarUrl: null,
  locale: null,
};

async function reply(content: MessageContent, answer: Partial<PlatformResponse> = {}, by: ChannelAccount = account) {
  const message: OutgoingMessage = { messageId: newId(), externalThreadId: 'C-1', buyer, content, upload: null };
  const requests: PlatformRequest[] = [];
  const call = async (request: PlatformRequest) => {
    requests.push(request);
    return { status: 200, headers: {}, body: '', ...answer };
  };
  return { outcome: await send({ ...contextOf(by, call), now: () => now }, message), requests, message };
}

const text: MessageContent = { kind: 'text', text: 'Sent today' };

test('a reply is sent with a signature and its message id', async () => {
  const { requests, message } = await reply(text);
  const [request] = requests;
  expect(request).toMatchObject({
    method: 'POST',
    url: 'https://shop.example/crossdesk',
    headers: { 'webhook-id': message.messageId },
  });
  expect(new Webhook(secret).verify(request?.body ?? '', { ...request?.headers })).toEqual({
    type: 'message.outbound',
    timestamp: now.toISOString(),
    data: { conversationKey: 'C-1', messageId: message.messageId, buyerId: 'B-7', text: 'Sent today', content: text },
  });
});

test.each([
  [200, '{"externalId":"M-2"}', 'M-2'],
  [202, '', null],
  [204, '', null],
  [200, '{"duplicate":true}', null],
  [409, '{"externalId":"M-2"}', 'M-2'],
])('HTTP %i %s is accepted with the id %s', async (status, body, externalMessageId) => {
  expect((await reply(text, { status, body })).outcome).toEqual({ status: 'accepted', externalMessageId });
});

test.each([
  [429, 'limited'],
  [408, 'retry'],
  [500, 'retry'],
  [502, 'retry'],
  [503, 'retry'],
  [504, 'retry'],
])('HTTP %i is %s, after the pause it asks for', async (status, outcome) => {
  expect((await reply(text, { status })).outcome).toMatchObject({ status: outcome, afterMs: 5_000 });
  const headers = { 'retry-after': '90' };
  expect((await reply(text, { status, headers })).outcome).toMatchObject({ status: outcome, afterMs: 90_000 });
});

test.each([
  [410, { status: 'rejected', failure: 'ACCOUNT_DISABLED' }],
  [400, { status: 'rejected', failure: 'INVALID_REQUEST' }],
  [404, { status: 'rejected', failure: 'INVALID_REQUEST' }],
  [301, { status: 'rejected', failure: 'INVALID_REQUEST' }],
  [401, { status: 'unauthorised' }],
  [403, { status: 'unauthorised' }],
])('HTTP %i is %j', async (status, expected) => {
  expect((await reply(text, { status })).outcome).toMatchObject(expected);
});

test.each([-6, 6])(
  'a signature refused by a receiver whose clock is %i minutes off is tried again and needs no new authorisation',
  async (minutes) => {
    const headersAt = (ms: number) => ({ date: new Date(now.getTime() + ms).toUTCString() });
    const parted = await reply(text, { status: 401, headers: headersAt(minutes * 60_000) });
    expect(parted.outcome).toMatchObject({
      status: 'limited',
      afterMs: 60_000,
      detail: expect.stringMatching('clock'),
    });
    const agreed = await reply(text, { status: 401, headers: headersAt(0) });
    expect(agreed.outcome).toMatchObject({ status: 'unauthorised' });
  },
);

test('content that cannot be sent is refused before any call', async () => {
  const tooLong = await reply({ kind: 'text', text: 'x'.repeat(10_001) });
  const withoutAddress = await reply(text, {}, { ...account, baseUrls: { api: '', auth: '' } });
  for (const { outcome, requests } of [tooLong, withoutAddress]) {
    expect(outcome).toMatchObject({ status: 'rejected', failure: 'INVALID_REQUEST' });
    expect(requests).toEqual([]);
  }
});
