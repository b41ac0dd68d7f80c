import { describe, expect, test } from '@jest/globals';
import { type PlatformContext, PlatformRefusal } from '../port/index.ts';
import { sweepThreads } from '../shared/thread-sweep.ts';
import type { Asked } from '../conformance/asked-platform.ts';
import { readMessageAgain } from './shopee.message.ts';
import { fetchBuyer, listChangedThreads, readThread } from './shopee.messages.ts';
import { answer, chatMessage, now, platform, success } from './shopee.samples.ts';

const listThread = async (context: PlatformContext, id: string, since: Date) =>
  (await readThread(context, id, since, null)).items;
const listMessages = (context: PlatformContext, cursor: string) =>
  sweepThreads({ listChanged: listChangedThreads, read: readThread }, context, cursor);
const nowSeconds = now.getTime() / 1_000;
const listed = (id: number, secondsAgo: number, changes: object = {}) => ({
  ...chatMessage,
  message_id: String(id),
  created_timestamp: nowSeconds - secondsAgo,
  ...changes,
});
const page = (messages: unknown[], nextOffset: string) =>
  success({ messages, page_result: { next_offset: nextOffset, page_size: 25 } });
const anHourAgo = new Date(now.getTime() - 3_600_000);

describe('reading a thread back', () => {
  test('follows the pages until a message is older than asked for', async () => {
    const { context, asked } = platform(({ query }) =>
      query['offset'] === undefined
        ? page([listed(9, 10), listed(8, 20)], '8')
        : page([listed(7, 30), listed(6, 7200)], '6'),
    );
    const messages = await listThread(context, '700000000000000009', anHourAgo);
    expect(messages.map(({ externalMessageId }) => externalMessageId)).toEqual(['9', '8', '7']);
    expect(asked.map(({ query }) => [query['conversation_id'], query['offset']])).toEqual([
      ['700000000000000009', undefined],
      ['700000000000000009', '8'],
    ]);
  });

  test('shows a message with an odd clock, which says nothing about the other ones', async () => {
    const odd = [0, 253, 1_767_225_600_000].map((created_timestamp, n) => listed(20 + n, 0, { created_timestamp }));
    const { context } = platform(({ query }) =>
      query['offset'] === undefined ? page([...odd, listed(9, 10)], '8') : page([listed(8, 20), listed(7, 7200)], '6'),
    );
    const messages = await listThread(context, '700000000000000009', anHourAgo);
    expect(messages.map(({ externalMessageId }) => externalMessageId)).toEqual(['20', '21', '22', '9', '8']);
    expect(messages.slice(0, 3).map(({ sequence }) => sequence)).toEqual([null, null, null]);
  });

  test.each(['', '0', '8'])('ends when the next offset is "%s"', async (end) => {
    let pages = 0;
    const { context, asked } = platform(() => page([listed(8, 10)], (pages += 1) === 1 ? '8' : end));
    await listThread(context, '1', anHourAgo);
    expect(asked).toHaveLength(2);
  });

  test('ends at the page limit when the platform never does', async () => {
    let offset = 1_000;
    const { context, asked } = platform(() => page([listed(8, 10)], String((offset -= 1))));
    await listThread(context, '1', anHourAgo);
    expect(asked).toHaveLength(20);
  });

  test('recognises our messages by the sender shop', async () => {
    const ours = listed(9, 10, { from_shop_id: 700100200, from_id: 700900002, to_id: 700900001 });
    const { context } = platform(() => page([ours, listed(8, 20, { from_shop_id: 0 })], ''));
    const messages = await listThread(context, '1', anHourAgo);
    expect(messages).toMatchObject([
      { direction: 'outbound', author: 'seller', buyer: { externalId: '700900001' } },
      { direction: 'inbound', author: 'buyer', buyer: { externalId: '700900001' } },
    ]);
  });

  test('tells messages without an id apart', async () => {
    const { context } = platform(() => page([{ message_type: 'text' }, listed(8, 20)], ''));
    const { items, unreadable } = await readThread(context, '1', anHourAgo, null);
    expect(items).toHaveLength(1);
    expect(unreadable).toEqual([{ reason: 'message_id is missing', raw: expect.any(String) }]);
    expect(() => readMessageAgain(context.account, unreadable[0]?.raw ?? '')).toThrow('message_id is missing');
  });

  test.each([
    ['error_auth', 'unauthorised'],
    ['error_rate_limit', 'rate-limited'],
    ['error_server', 'unavailable'],
    ['error_api_permission', 'permanent'],
  ])('%s is refused as %s', async (error, kind) => {
    const { context } = platform(() => answer({ error, message: '' }));
    const refusal = listThread(context, '1', anHourAgo);
    await expect(refusal).rejects.toBeInstanceOf(PlatformRefusal);
    await expect(refusal).rejects.toMatchObject({ kind });
  });
});

describe('looking for messages without a push', () => {
  const nanoseconds = (secondsAgo: number) => `${nowSeconds - secondsAgo}000000000`;
  const conversation = (id: number, secondsAgo: number) => ({
    conversation_id: String(id),
    to_id: 700900001,
    to_name: 'buyer_a',
    to_avatar: 'https://x.example/a.png',
    last_message_timestamp: nanoseconds(secondsAgo),
  });
  const conversations = (values: unknown[], next: string, more: boolean) =>
    success({
      conversations: values,
      page_result: { page_size: 25, next_cursor: { next_message_time_nano: next, conversation_id: '1' }, more },
    });
  const messagesOf = ({ query }: Asked) => page([listed(Number(query['conversation_id']), 10, query)], '');
  const chat = '/api/v2/sellerchat/get_conversation_list';

  test('reads the threads that changed since the cursor, with their buyers', async () => {
    const { context, asked } = platform((one) =>
      one.path === chat
        ? conversations([conversation(1, 60), conversation(2, 2 * 86_400)], '1', true)
        : messagesOf(one),
    );
    const found = await listMessages(context, '');
    expect(found.items).toMatchObject([
      {
        externalThreadId: '1',
        direction: 'inbound',
        buyer: { externalId: '700900001', avatarUrl: 'https://x.example/a.png' },
      },
    ]);
    expect(found.hasMore).toBe(false);
    expect(asked[0]?.query).toMatchObject({ direction: 'latest', type: 'all' });
    expect(asked).toHaveLength(2);
  });

  test('raw nanoseconds, too long for a double, are compared correctly', async () => {
    const raw = JSON.stringify(conversation(1, 60)).replace(/"(\d{19})"/, '$1');
    const { context } = platform((one) =>
      one.path === chat
        ? answer(`{"error":"","message":"","response":{"conversations":[${raw}],"page_result":{"more":false}}}`)
        : messagesOf(one),
    );
    expect((await listMessages(context, '')).items).toHaveLength(1);
  });

  test('continues with older conversations and starts the next run before the start of this one', async () => {
    const { context, asked } = platform((one) => {
      if (one.path !== chat) return messagesOf(one);
      return one.query['direction'] === 'latest'
        ? conversations([conversation(1, 60)], nanoseconds(60), true)
        : conversations([conversation(2, 120)], '', false);
    });
    const first = await listMessages(context, '');
    expect(first.hasMore).toBe(true);
    const second = await listMessages(context, first.cursor);
    expect(second).toMatchObject({ hasMore: false, items: [{ externalThreadId: '2' }] });
    expect(asked[2]?.query).toMatchObject({ direction: 'older', next_timestamp_nano: nanoseconds(60) });
    expect(JSON.parse(second.cursor)).toEqual({ sinceMs: now.getTime() - 600_000 });
  });

  test('stops when the platform repeats its cursor', async () => {
    const { context } = platform((one) =>
      one.path === chat ? conversations([conversation(1, 60)], nanoseconds(60), true) : messagesOf(one),
    );
    const first = await listMessages(context, '');
    expect((await listMessages(context, first.cursor)).hasMore).toBe(false);
  });

  test('a run ends at its page limit and the next one continues from there', async () => {
    let secondsAgo = 60;
    const { context } = platform((one) =>
      one.path === chat ? conversations([conversation(1, 60)], nanoseconds((secondsAgo += 1)), true) : messagesOf(one),
    );
    let found = await listMessages(context, '');
    let pages = 1;
    for (; found.hasMore; pages += 1) found = await listMessages(context, found.cursor);
    expect(pages).toBe(40);
    expect(JSON.parse(found.cursor)).toMatchObject({ next: nanoseconds(100), pages: 0 });
  });
});

test('the buyer of a thread is read by conversation; null if the call is refused', async () => {
  const { context } = platform(() => success({ conversation_id: '1', to_id: 5, to_name: 'buyer_a', to_avatar: '' }));
  expect(await fetchBuyer(context, '1')).toMatchObject({ externalId: '5', commerceId: '5', name: 'buyer_a' });
  const refusing = platform(() => answer({ error: 'error_not_found', message: '' }));
  expect(await fetchBuyer(refusing.context, '1')).toBeNull();
});
