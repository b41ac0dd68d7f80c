import { describe, expect, test } from '@jest/globals';
import { type PlatformContext, PlatformRefusal } from '../port/index.ts';
import { sweepThreads } from '../shared/thread-sweep.ts';
import type { Asked } from '../conformance/asked-platform.ts';
import { readMessageAgain } from './tiktok-shop.message.ts';
import { fetchBuyer, listChangedThreads, readThread } from './tiktok-shop.messages.ts';
import { conversationId, failure, listed, now, nowSeconds, platform, success } from './tiktok-shop.samples.ts';

const listThread = async (context: PlatformContext, id: string, since: Date) =>
  (await readThread(context, id, since, null)).items;
const listMessages = (context: PlatformContext, cursor: string) =>
  sweepThreads({ listChanged: listChangedThreads, read: readThread }, context, cursor);
const anHourAgo = new Date(now.getTime() - 3_600_000);
const page = (messages: unknown[], next = '') => success({ messages, next_page_token: next });
const conversation = (id: string, secondsAgo: number) => ({
  id,
  create_time: nowSeconds - 9_999_999,
  participants: [
    { im_user_id: '1', role: 'SHOP', nickname: 'The shop', user_id: '9' },
    { im_user_id: '2', role: 'BUYER', nickname: 'Ana', user_id: `u${id}`, avatar: 'https://cdn/ana.jpg' },
  ],
  latest_message: listed(1, secondsAgo),
});
const conversations = (values: unknown[], next = '') => success({ conversations: values, next_page_token: next });
const isList = ({ path }: Asked) => path === '/customer_service/202309/conversations';

describe('reading a thread back', () => {
  test('follows the pages until a message is older than asked for', async () => {
    const { context, asked } = platform(({ query }) =>
      query['page_token'] === undefined
        ? page([listed(9, 10), listed(8, 20)], 'p2')
        : page([listed(7, 30), listed(6, 7200)], 'p3'),
    );
    const messages = await listThread(context, conversationId, anHourAgo);
    expect(messages.map(({ externalMessageId }) => externalMessageId)).toEqual(['9', '8', '7']);
    expect(messages[0]).toMatchObject({ externalThreadId: conversationId, sequence: '9', author: 'buyer' });
    expect(asked.map(({ path }) => path)).toEqual(
      Array(2).fill(`/customer_service/202309/conversations/${conversationId}/messages`),
    );
    expect(asked[0]?.query).toMatchObject({ page_size: '10', sort_order: 'DESC', sort_field: 'create_time' });
    expect(asked[1]?.query).toMatchObject({ page_token: 'p2' });
  });

  test('shows a message with an odd clock, which says nothing about the other ones', async () => {
    const odd = [0, 253, 1_767_225_600_000].map((create_time, n) => listed(20 + n, 0, { create_time }));
    const { context } = platform(({ query }) =>
      query['page_token'] === undefined
        ? page([...odd, listed(9, 10)], '8')
        : page([listed(8, 20), listed(7, 7200)], '6'),
    );
    const messages = await listThread(context, conversationId, anHourAgo);
    expect(messages.map(({ externalMessageId }) => externalMessageId)).toEqual(['20', '21', '22', '9', '8']);
  });

  test.each(['', 'p2'])('ends when the next page is "%s"', async (end) => {
    const { context, asked } = platform(({ query }) => page([listed(8, 10)], query['page_token'] ? end : 'p2'));
    await listThread(context, conversationId, anHourAgo);
    expect(asked).toHaveLength(2);
  });

  test('ends at the page limit when the platform never does', async () => {
    let token = 0;
    const { context, asked } = platform(() => page([listed(8, 10)], String((token += 1))));
    await listThread(context, conversationId, anHourAgo);
    expect(asked).toHaveLength(50);
  });

  test('finds a message of the same second as the given instant, because the platform has whole seconds', async () => {
    const { context } = platform(() => page([listed(8, 10)]));
    const since = new Date(now.getTime() - 10_000 + 700);
    expect(await listThread(context, conversationId, since)).toHaveLength(1);
  });

  test('leaves out hidden messages and tells messages without an id apart', async () => {
    const { context } = platform(() => page([listed(9, 1, { is_visible: false }), listed(8, 2), { type: 'TEXT' }]));
    const { items, unreadable } = await readThread(context, conversationId, anHourAgo, null);
    expect(items).toMatchObject([{ externalMessageId: '8' }]);
    expect(unreadable).toEqual([{ reason: 'the message id is missing', raw: expect.any(String) }]);
    expect(() => readMessageAgain(context.account, unreadable[0]?.raw ?? '')).toThrow('the message id is missing');
  });

  test('an error becomes a refusal', async () => {
    const { context } = platform(() => failure(45101003));
    await expect(listThread(context, conversationId, anHourAgo)).rejects.toMatchObject({ kind: 'permanent' });
    await expect(listThread(context, '../x', anHourAgo)).rejects.toBeInstanceOf(PlatformRefusal);
  });
});

describe('reading changed conversations', () => {
  test('reads the messages of the changed ones, with the whole buyer, and starts the next run a little earlier', async () => {
    const { context, asked } = platform((one) =>
      isList(one) ? conversations([conversation('11', 60), conversation('12', 100_000)]) : page([listed(9, 60)]),
    );
    const { items, cursor, hasMore } = await listMessages(context, '');
    expect(items).toMatchObject([
      {
        externalThreadId: '11',
        externalMessageId: '9',
        buyer: { externalId: 'conversation:11', commerceId: 'u11', name: 'Ana', avatarUrl: 'https://cdn/ana.jpg' },
      },
    ]);
    expect(asked).toHaveLength(2);
    expect(hasMore).toBe(false);
    expect(JSON.parse(cursor)).toEqual({ sinceMs: now.getTime() - 600_000 });
  });

  test('continues with the next page from the same start until a page has no changes', async () => {
    const answers = [[conversation('11', 60)], [conversation('12', 90_000)], [conversation('13', 60)]];
    const { context } = platform((one) =>
      isList(one)
        ? conversations(
            answers[Number(one.query['page_token'] ?? 0)] ?? [],
            String(Number(one.query['page_token'] ?? 0) + 1),
          )
        : page([listed(9, 60)]),
    );
    const first = await listMessages(context, '');
    expect(first.hasMore).toBe(true);
    const later = { ...context, now: () => new Date(now.getTime() + 30_000) };
    const second = await listMessages(later, first.cursor);
    expect(second).toMatchObject({ items: [], hasMore: false });
    expect(JSON.parse(second.cursor)).toEqual({ sinceMs: now.getTime() - 600_000 });
  });

  test('a page that names itself as the next one ends the run', async () => {
    const { context } = platform((one) => (isList(one) ? conversations([conversation('11', 60)], 'same') : page([])));
    const first = await listMessages(context, '');
    expect(first.hasMore).toBe(true);
    expect((await listMessages(context, first.cursor)).hasMore).toBe(false);
  });

  test('a run ends at its page limit and the next one continues from there', async () => {
    let token = 0;
    const { context, asked } = platform((one) =>
      isList(one) ? conversations([conversation('11', 60)], String((token += 1))) : page([]),
    );
    let run = await listMessages(context, '');
    while (run.hasMore) run = await listMessages(context, run.cursor);
    expect(asked.filter(isList)).toHaveLength(40);
    await listMessages(context, run.cursor);
    expect(asked.filter(isList).at(-1)?.query['page_token']).toBe('40');
  });
});

describe('reading the buyer', () => {
  test('reads pages up to the conversation of the buyer', async () => {
    const { context } = platform(({ query }) =>
      query['page_token'] === undefined
        ? conversations([conversation('11', 60)], 'p2')
        : conversations([conversation('12', 60)], 'p3'),
    );
    expect(await fetchBuyer(context, '12')).toEqual({
      externalId: 'conversation:12',
      commerceId: 'u12',
      name: 'Ana',
      phone: null,
      email: null,
      avatarUrl: 'https://cdn/ana.jpg',
      locale: null,
    });
  });

  test('gives up at the end of the list and after five pages', async () => {
    expect(await fetchBuyer(platform(() => conversations([])).context, '12')).toBeNull();
    let token = 0;
    const { context, asked } = platform(() => conversations([conversation('11', 60)], String((token += 1))));
    expect(await fetchBuyer(context, '12')).toBeNull();
    expect(asked).toHaveLength(5);
  });
});
