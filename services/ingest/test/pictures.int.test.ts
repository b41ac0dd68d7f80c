import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type MessageContent, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anEvent, eventually } from '@crossdesk/testkit';
import { type Connected, conversationOf, openPlatforms, type Platforms, statusOf } from './platforms.ts';

/** A PNG header of 640 x 480 and some more bytes, every value among them. */
const png = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d4948445200000280000001e0', 'hex'),
  Buffer.from(Array.from({ length: 1_024 }, (_, n) => n % 256)),
]);

let here: Platforms;
let site: Server;
let siteUrl: string;
let fetched = 0;
const tenantId = newId<TenantId>();
const connected: Record<string, Connected> = {};

beforeAll(async () => {
  here = await openPlatforms('pictures');
  connected['shopee'] = await here.connect(tenantId, 'shopee', '810000001');
  connected['tiktok-shop'] = await here.connect(tenantId, 'tiktok-shop', '7490000000000000811');
  site = createServer((request, response) => {
    fetched += 1;
    if (request.url === '/large.png') return response.end(Buffer.concat([png, Buffer.alloc(11 * 1_048_576)]));
    return request.url === '/page.html' ? response.end('<html>') : response.end(png);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await here.close();
  site.close();
});

function sendPicture(to: Connected, conversationId: ConversationId, name: string) {
  const none = { thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };
  const content: MessageContent = { kind: 'image', url: `${siteUrl}/${name}`, ...none };
  const data = { conversationId, messageId: newId<MessageId>(), accountId: to.accountId, content };
  return anEvent(
    'conversation.reply-requested',
    { ...data, lastInboundAt: new Date().toISOString() },
    { tenantId, aggregateId: conversationId },
  );
}

const on = (platform: string): Connected => {
  const found = connected[platform];
  if (found === undefined) throw new Error('not connected');
  return found;
};
const picturesSent = (to: Connected) =>
  here.twin
    .journal()
    .flatMap(({ content, externalAccountId }) =>
      content.kind === 'image' && externalAccountId === to.shop.externalAccountId ? [content.url] : [],
    );

test.each(['shopee', 'tiktok-shop'])('a picture reaches %s once, byte for byte, uploaded first', async (platform) => {
  const to = on(platform);
  const conversationId = await conversationOf(here, to, 'picture');
  const request = sendPicture(to, conversationId, 'a.png');
  await here.harness.publish(request);
  await statusOf(here, request.data.messageId, 'sent');
  const [url, ...others] = picturesSent(to);
  expect(others).toEqual([]);
  expect(here.twin.upload(new URL(url ?? '').pathname)?.bytes).toEqual(png);
});

test.each(['shopee', 'tiktok-shop'] as const)(
  'a failed upload to %s does not count as a send and leaves no doubt: it is repeated until it succeeds',
  async (platform) => {
    const to = on(platform);
    const conversationId = await conversationOf(here, to, 'again');
    const before = picturesSent(to).length;
    here.twin.faults.rate(platform, { fault: 'server-error', percent: 100 });
    const request = sendPicture(to, conversationId, 'b.png');
    const seen = fetched;
    await here.harness.publish(request);
    await eventually(async () => expect(fetched).toBeGreaterThan(seen));
    here.twin.faults.clear();
    await statusOf(here, request.data.messageId, 'sent');
    expect(picturesSent(to)).toHaveLength(before + 1);
    const statuses = here.harness.events
      .of('ingest.delivery-updated')
      .flatMap(({ data }) => (data.messageId === request.data.messageId ? [data.status] : []));
    expect(statuses).not.toContain('unknown');
    expect(statuses).not.toContain('failed');
  },
);

test.each([
  ['shopee', 'large.png', /larger than the 2097152 bytes/],
  ['tiktok-shop', 'large.png', /larger than the 10485760 bytes/],
  ['shopee', 'page.html', /not a JPEG, PNG, GIF or WebP/],
])('%s is not called with %s: the reply fails and says what to do', async (platform, name, words) => {
  const to = on(platform);
  const conversationId = await conversationOf(here, to, `unfit ${name}`);
  const before = picturesSent(to).length;
  const request = sendPicture(to, conversationId, name);
  await here.harness.publish(request);
  const { data } = await statusOf(here, request.data.messageId, 'failed');
  expect(data).toMatchObject({ failure: 'INVALID_REQUEST', detail: expect.stringMatching(words) });
  expect(picturesSent(to)).toHaveLength(before);
});
