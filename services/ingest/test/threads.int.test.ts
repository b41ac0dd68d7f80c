import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { createHmac } from 'node:crypto';
import { fingerprintOf } from '../src/thread/fingerprint.ts';
import { connectAs, openPlatforms, type Platforms, replyTo } from './platforms.ts';

const tenantId = newId<TenantId>();
let here: Platforms;
let number: { accountId: ChannelAccountId; url: string };
beforeAll(async () => {
  here = await openPlatforms('threads');
  const credentials = ['access_token', 'verify_token', 'app_secret'].map((name) => ({ name, value: `the ${name}` }));
  const connected = await connectAs(here.ingest, tenantId, {
    channel: 'WHATSAPP',
    displayName: 'Number',
    externalAccountId: '1001',
    apiBaseUrl: 'http://127.0.0.1:9',
    credentials,
  });
  number = { accountId: connected.account?.id ?? newId<ChannelAccountId>(), url: connected.webhookUrl ?? '' };
});
afterAll(() => here.close());

async function post(value: object, field = 'messages'): Promise<void> {
  const change = { field, value: { metadata: { phone_number_id: '1001' }, ...value } };
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: 'WABA', changes: [change] }] });
  const signature = createHmac('sha256', 'the app_secret').update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  expect((await fetch(number.url, { method: 'POST', headers, body })).status).toBe(200);
}

const base = (id: string) => ({ id, timestamp: '1767322800', type: 'text', text: { body: id } });
const say = (id: string, from: object) => post({ messages: [{ ...base(id), ...from }] });
const received = (id: string) =>
  here.harness.events.next('ingest.message-received', ({ data }) => data.externalMessageId === id);
const conversationsOf = async (...ids: string[]) =>
  (await Promise.all(ids.map(received))).map(({ data }) => data.conversationId);
const isJoin = (from: ConversationId) => (event: EventOf<'ingest.threads-joined'>) =>
  event.data.conversationId === from;

test('phone only, phone and user id, user id only, an echo, a rotated id and a changed number are one thread', async () => {
  await say('p', { from: '5511999990001' });
  await say('pu', { from: '5511999990001', from_user_id: 'BR.1' });
  await say('u', { from_user_id: 'BR.1' });
  await post({ message_echoes: [{ ...base('echo'), from: '15550001111', to: '5511999990001' }] }, 'smb_message_echoes');
  const rotated = { type: 'user_changed_user_id', user_id: 'BR.2', previous_user_id: 'BR.1', body: 'changed' };
  await say('rotated', { type: 'system', from_user_id: 'BR.2', system: rotated });
  await say('u2', { from_user_id: 'BR.2' });
  const changed = { type: 'user_changed_number', wa_id: '5511999990002', body: 'changed' };
  await say('changed', { type: 'system', from: '5511999990001', system: changed });
  await say('p2', { from: '5511999990002' });
  const ids = await conversationsOf('p', 'pu', 'u', 'echo', 'rotated', 'u2', 'changed', 'p2');
  expect(new Set(ids).size).toBe(1);
  expect(here.harness.events.of('ingest.threads-joined')).toEqual([]);
});

test('two threads that turn out to be one are joined: messages, replies in flight and repeated deliveries follow', async () => {
  await say('j-1', { from: '5511999990011' });
  await say('j-2', { from_user_id: 'BR.11' });
  const [one, other] = await conversationsOf('j-1', 'j-2');
  if (one === undefined || other === undefined || one === other) throw new Error('one thread already');
  // The same message reached both, and a reply to the younger one is being sent.
  await post({
    messages: [
      { ...base('twice'), from: '5511999990011' },
      { ...base('t-1'), from: '5511999990011' },
    ],
  });
  await post({
    messages: [
      { ...base('twice'), from_user_id: 'BR.11' },
      { ...base('t-2'), from_user_id: 'BR.11' },
    ],
  });
  const both = await here.harness.events.count(
    'ingest.message-received',
    2,
    ({ data }) => data.externalMessageId === 'twice',
  );
  const content = { kind: 'text', text: 'on its way' } as const;
  const replyId = newId();
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`insert into delivery_intent (tenant_id, message_id, conversation_id, account_id, content, fingerprint, status,
        attempts, attempted_at, leased_until, due_at)
      values (${tenantId}, ${replyId}, ${other}, ${number.accountId}, ${JSON.stringify(content)}::jsonb,
        ${fingerprintOf(content)}, 'sending', 1, now(), now() + interval '1 hour', now())`.execute(trx),
  );

  await say('j-3', { from: '5511999990011', from_user_id: 'BR.11' });
  const joined = await here.harness.events.next('ingest.threads-joined', isJoin(other));
  const idIn = (id: ConversationId) => both.find(({ data }) => data.conversationId === id)?.data.messageId;
  expect(joined).toMatchObject({
    aggregateId: other,
    data: { intoConversationId: one, duplicates: [{ messageId: idIn(other), sameAsMessageId: idIn(one) }] },
  });
  await say('j-4', { from_user_id: 'BR.11' });
  expect(await conversationsOf('j-3', 'j-4')).toEqual([one, one]);

  // The status of the reply, and a reply that was requested before the requester knew of the join.
  await post({
    statuses: [{ id: 'wamid.out', status: 'sent', timestamp: '1767322801', biz_opaque_callback_data: replyId }],
  });
  const sent = await here.harness.events.next('ingest.delivery-updated', ({ data }) => data.messageId === replyId);
  expect(sent).toMatchObject({ aggregateId: one, data: { status: 'sent', conversationId: one } });
  const late = replyTo(
    {
      tenantId,
      accountId: number.accountId,
      shop: here.twin.addShop({ platform: 'whatsapp', externalAccountId: '1009' }),
    },
    other,
    'late',
  );
  await here.harness.publish(late);
  await eventually(async () => {
    const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
      sql`select conversation_id from delivery_intent where message_id = ${late.data.messageId}`.execute(trx),
    );
    expect(rows).toEqual([{ conversation_id: one }]);
  });

  // Repeated deliveries of either thread are still known, under both names.
  const again = [
    { ...base('j-2'), from_user_id: 'BR.11' },
    { ...base('j-1'), from: '5511999990011' },
    { ...base('j-5'), from: '5511999990011' },
  ];
  await post({ messages: again });
  await received('j-5');
  const texts = here.harness.events
    .of('ingest.message-received')
    .filter(({ data }) => /^j-[12]$/.test(data.externalMessageId));
  expect(texts).toHaveLength(2);
});

test('one id of a platform in two chats is two messages, and events of a joined thread end with the join', async () => {
  await post({ messages: ['BR.21', 'BR.22'].map((from_user_id) => ({ ...base('same'), from_user_id })) });
  const two = await here.harness.events.count(
    'ingest.message-received',
    2,
    ({ data }) => data.externalMessageId === 'same',
  );
  expect(new Set(two.map(({ data }) => data.conversationId)).size).toBe(2);
  const joins = here.harness.events.of('ingest.threads-joined');
  for (const { data, aggregateVersion } of joins) {
    const later = here.harness.events
      .of('ingest.message-received')
      .filter((event) => event.aggregateId === data.conversationId && event.aggregateVersion > aggregateVersion);
    expect(later).toEqual([]);
  }
  expect(joins).toHaveLength(1);
});

test('many processes that learn of one buyer at the same moment end in one thread with every message', async () => {
  const names = [
    { from: '5511999990031' },
    { from_user_id: 'BR.31' },
    { from: '5511999990031', from_user_id: 'BR.31' },
  ];
  const ids = Array.from({ length: 24 }, (_, i) => `c-${i}`);
  await Promise.all(ids.map((id, i) => say(id, names[i % 3] ?? {})));
  await Promise.all(ids.map(received));
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{ threads: number; messages: number }>`
      select count(distinct conversation_id)::int as threads, count(*)::int as messages from inbound_message
      where tenant_id = ${tenantId} and external_message_id like 'c-%'`.execute(trx),
  );
  expect(rows).toEqual([{ threads: 1, messages: 24 }]);
});
