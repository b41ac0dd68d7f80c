import type { Client } from 'pg';
import { type Figure, percentile, rounded } from './figures.ts';
import { type BenchSystem, startSystem } from './system.ts';

const rounds = 300;
const messagesPerConversation = 10;
const query = `query Inbox($states: [ConversationState!]) { conversations(first: 25, filter: { states: $states }) { edges { node { id number state buyerName lastMessageAt lastMessagePreview unreadCount
  messages(first: 5) { edges { node { id direction kind text occurredAt } } } } } pageInfo { hasNextPage endCursor } } }`;

/** The first page of the inbox through the gateway, in a small workspace and in one with a million messages. */
export async function benchInboxList(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await seed(system.database, 1_000);
    const small = await p95(system);
    await seed(system.database, 99_000);
    const large = await p95(system);
    const ratio = large / small;
    const detail = `${rounded(small)} ms at 10,000 messages`;
    return [
      {
        name: 'inbox list p95 at 1,000,000 messages',
        value: large,
        unit: 'ms',
        target: '< 50',
        isReached: large < 50,
        detail,
      },
      {
        name: 'inbox list p95 at 1,000,000 messages, times that at 10,000',
        value: ratio,
        unit: 'x',
        target: '<= 1.5',
        isReached: ratio <= 1.5,
      },
    ];
  } finally {
    await system.stop();
  }
}

async function p95(system: BenchSystem): Promise<number> {
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await system.ask(query, { states: round % 2 === 0 ? null : ['UNREAD'] });
    // The first third warms up plans, caches and the compiler.
    if (round > rounds / 3) tookMs.push(performance.now() - startedAt);
  }
  return percentile(tookMs, 0.95);
}

const chunkConversations = 50_000;

/** Adds conversations with ten messages each, in several languages. */
export async function seedInbox(database: Client, conversations: number): Promise<void> {
  for (let made = 0; made < conversations; made += chunkConversations)
    await seed(database, Math.min(chunkConversations, conversations - made));
}

/** Adds conversations with ten messages each by SQL: only the size of the tables matters, not how they were filled. */
async function seed(database: Client, conversations: number): Promise<void> {
  await database.query(
    `with workspace as materialized (
       select w.tenant_id, (select coalesce(max(number), 0) from conversation.conversation c where c.tenant_id = w.tenant_id) as numbered
       from conversation.workspace w
     ), made as (
       insert into conversation.conversation (tenant_id, id, number, account_id, channel, external_thread_id, buyer_name, state,
         unread_count, waiting_since, last_message_at, last_message_preview, last_inbound_at, version, revision, created_at)
       select tenant_id, uuidv7(), numbered + n, gen_random_uuid(), 'generic', 'seed-' || (numbered + n), 'Buyer ' || n,
         (array['unread', 'pending', 'handled'])[1 + n % 3], case when n % 3 = 0 then 1 else 0 end,
         case when n % 3 = 2 then null else now() - n * interval '1 second' end, now() - n * interval '1 second', 'Where is my parcel?',
         now() - n * interval '1 second', 1, 1, now() - n * interval '1 second'
       from workspace, generate_series(1, $1::int) as n
       returning tenant_id, id, last_message_at
     )
     insert into conversation.message (tenant_id, id, conversation_id, direction, author, content, thread_position, occurred_at, received_at, recorded_at)
     select tenant_id, uuidv7(), id, 'inbound', 'buyer', jsonb_build_object('kind', 'text', 'text',
         (array['Where is my parcel?', '我的包裹在哪里', 'พัสดุของฉันอยู่ที่ไหน', 'أين الطلب من فضلك', 'Где моя посылка?'])[1 + m % 5]), 0,
       last_message_at - m * interval '1 minute', last_message_at, last_message_at
     from made, generate_series(0, $2::int - 1) as m`,
    [conversations, messagesPerConversation],
  );
  await database.query('analyze conversation.conversation, conversation.message');
}
