import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Channel } from '@crossdesk/channels';
import { type ConversationId, type MessageId, newId } from '@crossdesk/contracts';
import { ask } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { messagePagesQuery } from '../src/message/message.store.ts';
import {
  aDelivery,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  readConversation,
  send,
  type Workspace,
} from './given.ts';

const noon = new Date('2026-01-02T12:00:00.000Z');
const after = (ms: number) => new Date(noon.getTime() + ms);
let time = noon;
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => time });
});
afterAll(() => bench.close());

const query = `query ($id: ID!, $after: String, $oldestFirst: Boolean!) { conversation(id: $id) {
  messages(first: 2, after: $after, oldestFirst: $oldestFirst) { edges { node { text } } pageInfo { hasNextPage endCursor } } } }`;

/** The texts of a conversation, read page by page. */
async function read({ agent }: Workspace, id: string, oldestFirst = true): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor: string | null = null; ;) {
    const answer = await ask(bench.service.subgraph, agent, query, { id, oldestFirst, after: cursor });
    const { edges, pageInfo } = dataOf(answer).conversation.messages;
    texts.push(...edges.map(({ node }) => node.text));
    if (!pageInfo.hasNextPage) return texts;
    cursor = pageInfo.endCursor;
  }
}

async function givenThread(channel: Channel) {
  const workspace = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const { tenantId } = workspace;
  const say = (text: string, occurredAt: Date, sequence: string | null = null) =>
    givenInbound(bench, {
      tenantId,
      conversationId,
      channel,
      occurredAt,
      sequence,
      content: { kind: 'text', text },
    });
  const { accountId } = await say('question', after(-60_000), channel === 'tiktok-shop' ? '1' : null);
  const reply = async (text: string) => {
    const { message } = await send(bench, workspace.agent, { conversationId, text });
    return message.id as MessageId;
  };
  /** The platform reports the place of a reply. */
  const place = async (messageId: MessageId, occurredAt: Date, sequence: string | null) => {
    const platformPosition = { occurredAt: occurredAt.toISOString(), sequence };
    const report = { messageId, conversationId, accountId, status: 'sent', platformPosition } as const;
    await bench.harness.publish(aDelivery(tenantId, report));
    await bench.harness.events.next('conversation.delivery-changed', ({ data }) => data.messageId === messageId);
  };
  return { workspace, conversationId, say, reply, place };
}

test('messages of one second keep the sequence of the platform, however they arrive, on every page', async () => {
  const { workspace, conversationId, say } = await givenThread('shopee');
  // Longer numbers are larger; they exceed the precision of a double.
  for (const n of ['9007199254740993', '9007199254740992', '99', '100000000000000000000001', '100', '9'])
    await say(n, noon, n);
  const inOrder = ['question', '9', '99', '100', '9007199254740992', '9007199254740993', '100000000000000000000001'];
  expect(await read(workspace, conversationId)).toEqual(inOrder);
  expect(await read(workspace, conversationId, false)).toEqual(inOrder.toReversed());
});

describe.each(['shopee', 'tiktok-shop', 'whatsapp'] as const)('%s, which reports whole seconds', (channel) => {
  test('the answer of the buyer in the same second as our reply comes after it', async () => {
    const { workspace, conversationId, say, reply } = await givenThread(channel);
    time = after(700);
    await reply('reply');
    await say('answer', noon, channel === 'whatsapp' ? null : '50');
    expect(await read(workspace, conversationId)).toEqual(['question', 'reply', 'answer']);
    expect(await readConversation(bench, workspace.agent, conversationId)).toMatchObject({
      state: 'UNREAD',
      lastMessagePreview: 'answer',
    });
  });

  test('a reply in the same second comes after the message it answers', async () => {
    const { workspace, conversationId, say, reply } = await givenThread(channel);
    await say('last words', noon, channel === 'whatsapp' ? null : '50');
    time = after(700);
    await reply('reply');
    expect(await read(workspace, conversationId)).toEqual(['question', 'last words', 'reply']);
    expect(await readConversation(bench, workspace.agent, conversationId)).toMatchObject({ state: 'HANDLED' });
  });

  test('an error of our clock, which is ahead, is corrected once the platform reports', async () => {
    const { workspace, conversationId, say, reply, place } = await givenThread(channel);
    time = after(5_300);
    const id = await reply('reply');
    await say('answer', after(2_000), channel === 'whatsapp' ? null : '50');
    expect(await read(workspace, conversationId)).toEqual(['question', 'answer', 'reply']);
    await place(id, after(1_000), channel === 'whatsapp' ? null : '40');
    expect(await read(workspace, conversationId)).toEqual(['question', 'reply', 'answer']);
    expect(await readConversation(bench, workspace.agent, conversationId)).toMatchObject({
      lastMessageAt: after(2_000).toISOString(),
    });
  });
});

test('the sequence of the platform puts a reply before or after other messages of its second', async () => {
  const { workspace, conversationId, say, reply, place } = await givenThread('tiktok-shop');
  time = after(400);
  const id = await reply('reply');
  await say('later', noon, '12');
  await say('earlier', noon, '10');
  await place(id, noon, '11');
  expect(await read(workspace, conversationId)).toEqual(['question', 'earlier', 'reply', 'later']);
});

test('the generic channel reports milliseconds: they decide, and for equal times the recording does', async () => {
  const { workspace, conversationId, say, reply } = await givenThread('generic');
  time = after(5);
  await reply('reply');
  await say('answer', after(5));
  await say('before', after(4));
  expect(await read(workspace, conversationId)).toEqual(['question', 'before', 'reply', 'answer']);
});

test('a page of a long conversation is a short index scan, in both directions and after a cursor', async () => {
  const { tenantId } = await givenWorkspace(bench);
  const conversationId = newId<ConversationId>();
  const { db } = bench.service.runtime;
  await db.asWorker((trx) =>
    sql`insert into message (tenant_id, id, conversation_id, direction, author, content, occurred_at, received_at, recorded_at, thread_position)
      select ${tenantId}, gen_random_uuid(), case when n % 2 = 0 then ${conversationId}::uuid else gen_random_uuid() end,
        'inbound', 'buyer', '{"kind":"text","text":"x"}', ${noon}::timestamptz + (n / 10) * interval '1 second', now(), now(), n
      from generate_series(1, 20000) n`.execute(trx),
  );
  const place = { at: after(500_000), position: '5000', id: newId() };
  for (const page of [
    { first: 50, after: null, oldestFirst: false },
    { first: 50, after: place, oldestFirst: false },
    { first: 50, after: place, oldestFirst: true },
  ]) {
    const { rows } = await db.forTenant(tenantId, (trx) =>
      sql<{ 'QUERY PLAN': string }>`
        explain (analyze, costs off, timing off) ${messagePagesQuery(tenantId, [conversationId], page)}`.execute(trx),
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan (Backward )?using message_default_\S+ on message_default/);
    expect(plan).not.toMatch(/Seq Scan on message|Bitmap/);
    const examined = Number(/on message_default[^\n]*\(actual rows=([\d.]+)/.exec(plan)?.[1]);
    expect(examined).toBeLessThanOrEqual(51);
  }
});
