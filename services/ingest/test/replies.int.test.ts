import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { causedBySystem } from '@crossdesk/service-kit';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import pg from 'pg';
import { adapters, type NormalisedMessage } from '@crossdesk/channels/adapters';
import { fingerprintOf } from '../src/thread/fingerprint.ts';
import { reportDelivery } from '../src/inbound/report-delivery.ts';
import { recordMessages } from '../src/inbound/record-messages.ts';
import { type Connected, conversationOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
let shopee: Connected;
let whatsapp: Connected;
let tiktok: Connected;
const tenantId = newId<TenantId>();
const origin = causedBySystem();

beforeAll(async () => {
  here = await openPlatforms('replies');
  shopee = await here.connect(tenantId, 'shopee', '810000001');
  tiktok = await here.connect(tenantId, 'tiktok-shop', '7490000000000000811');
  whatsapp = await here.connect(tenantId, 'whatsapp', '810600000000001');
});
afterAll(() => here.close());

const executed = (text: string) => here.twin.journal().filter((sent) => sent.text === text);
const textsOf = (conversationId: ConversationId) =>
  here.harness.events
    .of('ingest.message-received')
    .flatMap(({ data }) =>
      data.conversationId === conversationId && data.content.kind === 'text' ? [data.content.text] : [],
    );

/** Inserts a reply in a given state, as a crash or a second process would have left it. */
async function plant(
  to: Connected,
  conversationId: ConversationId,
  reply: {
    text: string;
    status: string;
    attempts: number;
    leaseEndsInSeconds?: number;
    dueInSeconds?: number;
    sender?: number;
  },
): Promise<MessageId> {
  const messageId = newId<MessageId>();
  const content = { kind: 'text', text: reply.text } as const;
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`insert into delivery_intent (tenant_id, message_id, conversation_id, account_id, content, fingerprint, status,
        attempts, attempted_at, leased_until, due_at, sender)
      values (${to.tenantId}, ${messageId}, ${conversationId}, ${to.accountId}, ${JSON.stringify(content)}::jsonb,
        ${fingerprintOf(content)}, ${reply.status}, ${reply.attempts}, now(),
        now() + ${reply.leaseEndsInSeconds ?? 3_600} * interval '1 second',
        now() + ${reply.dueInSeconds ?? 3_600} * interval '1 second', ${reply.sender ?? null})`.execute(trx),
  );
  return messageId;
}

async function intentOf(messageId: MessageId): Promise<{ status: string; external_message_id: string | null }> {
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{ status: string; external_message_id: string | null }>`
      select status, external_message_id from delivery_intent where message_id = ${messageId}`.execute(trx),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no such reply');
  return row;
}

test('what becomes of two replies are two chains of events: a rule may act on each', async () => {
  const conversationId = await conversationOf(here, shopee, 'chains');
  const requests = ['Chain 1', 'Chain 2'].map((text) => replyTo(shopee, conversationId, text));
  await here.harness.publish(...requests);
  const chains = new Set<string>();
  for (const { data } of requests) {
    await statusOf(here, data.messageId, 'sent');
    const told = here.harness.events
      .of('ingest.delivery-updated')
      .filter((one) => one.data.messageId === data.messageId);
    for (const { correlationId } of told) chains.add(`${data.messageId} ${correlationId}`);
  }
  const ofChains = [...chains].map((chain) => chain.split(' ')[1]);
  expect(ofChains.length).toBeGreaterThanOrEqual(2);
  expect(new Set(ofChains).size).toBe(ofChains.length);
});

test.each(['before-answer', 'after-answer'] as const)(
  'an echo that comes %s never becomes a second message',
  async (mode) => {
    here.twin.setEchoes('shopee', mode);
    const conversationId = await conversationOf(here, shopee, `echo ${mode}`);
    const request = replyTo(shopee, conversationId, `Echo ${mode}`);
    await here.harness.publish(request);
    await statusOf(here, request.data.messageId, 'sent');
    await here.twin.settled();
    here.twin.sellerSaysInConsole({
      shop: shopee.shop,
      buyer: `echo ${mode}`,
      content: { kind: 'text', text: 'last' },
    });
    await eventually(async () => expect(textsOf(conversationId)).toContain('last'));
    here.twin.setEchoes('shopee', 'after-answer');
    expect(textsOf(conversationId)).toEqual([`Hello from echo ${mode}`, 'last']);
    expect(executed(`Echo ${mode}`)).toHaveLength(1);
  },
);

test.each(['shopee', 'tiktok-shop', 'whatsapp'] as const)(
  '%s reports the place of a sent reply in its thread once: in whole seconds, with its sequence if it has one',
  async (platform) => {
    const to = { shopee, 'tiktok-shop': tiktok, whatsapp }[platform];
    const conversationId = await conversationOf(here, to, 'placed');
    const request = replyTo(to, conversationId, 'Placed');
    await here.harness.publish(request);
    const placed = await here.harness.events.next(
      'ingest.delivery-updated',
      ({ data }) => data.messageId === request.data.messageId && data.platformPosition !== undefined,
    );
    expect(placed.data.platformPosition).toEqual({
      occurredAt: expect.stringMatching(/\.000Z$/),
      sequence: platform === 'whatsapp' ? null : expect.stringMatching(/^[0-9]+$/),
    });
    // Echoes and receipts that come later contain nothing new.
    await here.twin.settled();
    here.twin.buyerSays({ shop: to.shop, buyer: 'placed', content: { kind: 'text', text: 'marker' } });
    await eventually(async () => expect(textsOf(conversationId)).toContain('marker'));
    const told = here.harness.events
      .of('ingest.delivery-updated')
      .filter(({ data }) => data.messageId === request.data.messageId && data.platformPosition !== undefined);
    expect(told).toHaveLength(1);
  },
);

test('a console message waits while a reply is being sent and appears once, as written elsewhere', async () => {
  const conversationId = await conversationOf(here, shopee, 'held');
  const messageId = await plant(shopee, conversationId, { text: 'ours', status: 'sending', attempts: 1 });
  here.twin.sellerSaysInConsole({ shop: shopee.shop, buyer: 'held', content: { kind: 'text', text: 'theirs' } });
  await here.twin.settled();
  const before = await here.ingest.runtime.db.asWorker((trx) =>
    sql`select from held_message where conversation_id = ${conversationId}`.execute(trx),
  );
  expect(before.rows).toHaveLength(1);
  const key = { tenantId, conversationId, messageId };
  await here.ingest.runtime.db.asWorker((trx) =>
    reportDelivery({ runtime: here.ingest.runtime, adapters, nudgeMedia: () => undefined }, trx, key, {
      status: 'sent',
      externalMessageId: 'ours-1',
      attempt: 1,
      origin,
    }),
  );
  await eventually(async () => expect(textsOf(conversationId)).toEqual(['Hello from held', 'theirs']));
});

test('a known console message with the same text does not count as the echo of a reply in doubt', async () => {
  const conversationId = await conversationOf(here, shopee, 'same words');
  const [thread] = here.harness.events
    .of('ingest.message-received')
    .filter(({ data }) => data.conversationId === conversationId);
  if (thread === undefined) throw new Error('no message');
  const outgoing = (externalMessageId: string): NormalisedMessage => ({
    externalMessageId,
    externalThreadId: thread.data.externalThreadId,
    direction: 'outbound',
    author: 'seller',
    buyer: thread.data.buyer,
    content: { kind: 'text', text: 'One moment' },
    occurredAt: new Date(),
    sequence: null,
    replyToExternalId: null,
    externalOrderIds: [],
    raw: '{}',
  });
  const account = { id: shopee.accountId, tenantId, channel: 'shopee', country: null } as const;
  const record = (...ids: string[]) =>
    here.ingest.runtime.db.asWorker((trx) =>
      recordMessages(
        { runtime: here.ingest.runtime, adapters, nudgeMedia: () => undefined },
        trx,
        ids.map((id) => ({
          account,
          message: outgoing(id),
          claimedAt: null,
          receivedAt: new Date(),
          traceparent: null,
          rawId: null,
        })),
      ),
    );
  await record('console-1');
  const messageId = await plant(shopee, conversationId, { text: 'One moment', status: 'unknown', attempts: 1 });
  await record('console-1', 'echo-1');
  expect(await intentOf(messageId)).toEqual({ status: 'sent', external_message_id: 'echo-1' });
  await statusOf(here, messageId, 'sent');
  expect(textsOf(conversationId).filter((text) => text === 'One moment')).toHaveLength(1);
});

test.each(['execute-then-hang', 'execute-then-reset'] as const)(
  'a reply in doubt after %s is settled as sent by reading back, executed once',
  async (fault) => {
    here.twin.setEchoes('shopee', 'off');
    here.twin.faults.next('shopee', fault);
    const conversationId = await conversationOf(here, shopee, fault);
    const request = replyTo(shopee, conversationId, fault);
    await here.harness.publish(request);
    await statusOf(here, request.data.messageId, 'unknown');
    await statusOf(here, request.data.messageId, 'sent');
    here.twin.setEchoes('shopee', 'after-answer');
    expect(executed(fault)).toHaveLength(1);
  },
);

test('a sender that died before its call leaves a reply in doubt, which is looked up and sent once', async () => {
  const conversationId = await conversationOf(here, shopee, 'dead sender');
  const text = 'Claimed by the dead';
  const messageId = await plant(shopee, conversationId, {
    text,
    status: 'sending',
    attempts: 1,
    leaseEndsInSeconds: -1,
  });
  await statusOf(here, messageId, 'unknown');
  await statusOf(here, messageId, 'sent');
  expect(executed(text)).toHaveLength(1);
});

test.each(['queued', 'unknown', 'failed'] as const)(
  'a late %s of a fenced sender leaves the next attempt alone',
  async (status) => {
    const conversationId = await conversationOf(here, shopee, `fenced ${status}`);
    const messageId = await plant(shopee, conversationId, { text: 'x', status: 'sending', attempts: 2 });
    const key = { tenantId, conversationId, messageId };
    const report = (attempt: number, what: 'queued' | 'unknown' | 'failed' | 'sent') =>
      here.ingest.runtime.db.asWorker((trx) =>
        reportDelivery({ runtime: here.ingest.runtime, adapters, nudgeMedia: () => undefined }, trx, key, {
          status: what,
          attempt,
          dueInMs: 3_600_000,
          origin,
        }),
      );
    expect(await report(1, status)).toBe(false);
    expect((await intentOf(messageId)).status).toBe('sending');
    // The buyer has it: this report counts, even late and from a fenced sender.
    expect(await report(1, 'sent')).toBe(true);
  },
);

test('what a process was sending when it died is settled at once, and the next reply of the conversation goes out', async () => {
  const process = new pg.Client({ connectionString: here.harness.databaseUrl });
  await process.connect();
  await process.query('select pg_advisory_lock(61, 1)');
  const claimedBy = async (sender: number) => {
    const conversationId = await conversationOf(here, shopee, `claimed by ${sender}`);
    const claim = { text: `of ${sender}`, status: 'sending', attempts: 1, sender };
    const messageId = await plant(shopee, conversationId, claim);
    const next = replyTo(shopee, conversationId, `after ${sender}`);
    await here.harness.publish(next);
    return { messageId, nextId: next.data.messageId };
  };
  const living = await claimedBy(1);
  const dead = await claimedBy(2);
  await statusOf(here, dead.nextId, 'sent');
  expect((await intentOf(living.messageId)).status).toBe('sending');
  await process.end();
  await statusOf(here, living.nextId, 'sent');
  for (const text of ['of 1', 'after 1', 'of 2', 'after 2']) expect(executed(text)).toHaveLength(1);
});

test('a sender that gave its claim back is fenced from the next attempt like any other', async () => {
  const conversationId = await conversationOf(here, shopee, 'given back');
  const messageId = await plant(shopee, conversationId, { text: 'x', status: 'sending', attempts: 1 });
  const { runtime } = here.ingest;
  const report = (what: { isUntried?: boolean; isRefuted?: boolean }) =>
    runtime.db.asWorker((trx) =>
      reportDelivery(
        { runtime, adapters, nudgeMedia: () => undefined },
        trx,
        { tenantId, conversationId, messageId },
        { status: 'queued', attempt: 1, origin, ...what },
      ),
    );
  await runtime.db.asWorker(async (trx) => {
    await sql`insert into send_quota values (${tenantId}, ${shopee.accountId}, now(), 0, now() + interval '1 hour', current_date, 0)
      on conflict (tenant_id, account_id) do update set waits_until = excluded.waits_until`.execute(trx);
  });
  expect(await report({ isUntried: true })).toBe(true);
  await runtime.db.asWorker(async (trx) => {
    await sql`update delivery_intent set status = 'sending', attempts = attempts + 1,
      leased_until = now() + interval '1 hour' where message_id = ${messageId}`.execute(trx);
    await sql`delete from send_quota where account_id = ${shopee.accountId}`.execute(trx);
  });
  // A reader looked for the first attempt and reports only now that it is not in the thread.
  expect(await report({ isRefuted: true })).toBe(false);
  expect((await intentOf(messageId)).status).toBe('sending');
});

test('a reply that was tried often goes out as soon as the pause of a busy platform is over', async () => {
  const conversationId = await conversationOf(here, whatsapp, 'often tried');
  here.twin.faults.next('whatsapp', 'rate-limit');
  const due = { status: 'queued', attempts: 7, dueInSeconds: 0 };
  const messageId = await plant(whatsapp, conversationId, { text: 'the eighth time', ...due });
  await statusOf(here, messageId, 'sent');
  expect(executed('the eighth time')).toHaveLength(1);
});

test('50 replies of one thread arrive in order, once each, while faults strike', async () => {
  const conversationId = await conversationOf(here, tiktok, 'fifty');
  const requests = Array.from({ length: 50 }, (_, n) => replyTo(tiktok, conversationId, `fifty ${n}`));
  for (const fault of ['execute-then-reset', 'token-expired', 'execute-then-hang', 'execute-then-reset'] as const)
    here.twin.faults.next('tiktok-shop', fault);
  await here.harness.publish(...requests);
  const arrived = () => here.twin.journal().flatMap(({ text }) => (text?.startsWith('fifty ') === true ? [text] : []));
  await statusOf(here, requests[49]?.data.messageId ?? newId<MessageId>(), 'sent');
  expect(arrived()).toEqual(requests.map((_, n) => `fifty ${n}`));
});

test('8 replies with an expired token renew it once', async () => {
  const mine = await here.connect(tenantId, 'shopee', '810000002');
  const conversations = await Promise.all(Array.from({ length: 8 }, (_, n) => conversationOf(here, mine, `many ${n}`)));
  const statuses = () =>
    here.harness.events
      .of('ingest.account-changed')
      .flatMap(({ data }) => (data.accountId === mine.accountId ? [data.status] : []));
  here.twin.faults.next('shopee', 'token-expired');
  const requests = conversations.map((conversationId, n) => replyTo(mine, conversationId, `many ${n}`));
  await here.harness.publish(...requests);
  await Promise.all(requests.map(({ data }) => statusOf(here, data.messageId, 'sent')));
  // A second refresh with the single-use token would have been refused, and the account would need a person. The events
  // of accounts may arrive later than those of deliveries.
  await eventually(async () => expect(statuses()).toEqual(['connected', 'connected']));
  expect(here.twin.journal().filter(({ text }) => text?.startsWith('many ') === true)).toHaveLength(8);
});

test.each([
  ['SENT', 'sent', 1],
  ['RESEND', 'sent', 2],
  ['GIVE_UP', 'failed', 1],
] as const)('a person settles a reply in doubt on WhatsApp: %s', async (decision, status, executions) => {
  here.twin.setReceipts('whatsapp', false);
  here.twin.faults.next('whatsapp', 'execute-then-reset');
  const conversationId = await conversationOf(here, whatsapp, `doubt ${decision}`);
  const text = `In doubt: ${decision}`;
  const { messageId } = (
    await here.harness
      .publish(replyTo(whatsapp, conversationId, text))
      .then(() =>
        here.harness.events.next('ingest.delivery-updated', ({ data }) => data.conversationId === conversationId),
      )
  ).data;
  const supervisor = anAgent(tenantId, 'supervisor');
  const list = `{ unknownDeliveries { edges { node { message { id } } } } }`;
  await eventually(async () =>
    expect(JSON.stringify((await ask(here.ingest.subgraph, supervisor, list)).data)).toContain(messageId),
  );
  const resolve = `mutation($input: ResolveUnknownDeliveryInput!) { resolveUnknownDelivery(input: $input) { message { id } errors { code } } }`;
  const input = { messageId, decision };
  expect((await ask(here.ingest.subgraph, supervisor, resolve, { input })).data).toEqual({
    resolveUnknownDelivery: { message: { id: messageId }, errors: [] },
  });
  await statusOf(here, messageId, status);
  expect(executed(text)).toHaveLength(executions);
  expect((await ask(here.ingest.subgraph, supervisor, resolve, { input })).data).toMatchObject({
    resolveUnknownDelivery: { errors: [{ code: 'ALREADY_SETTLED' }] },
  });
  here.twin.setReceipts('whatsapp', true);
});

test('a backlog above the limit of a store goes out in time, costs no tries, and delays no other store', async () => {
  const store = await here.connect(tenantId, 'shopee', '810000007');
  const buyers = Array.from({ length: 8 }, (_, n) => `patient ${n}`);
  const conversations = await Promise.all(buyers.map((buyer) => conversationOf(here, store, buyer)));
  const elsewhere = await conversationOf(here, tiktok, 'elsewhere');
  const backlog = conversations.map((conversationId, n) => replyTo(store, conversationId, `patient answer ${n}`));
  const other = replyTo(tiktok, elsewhere, 'not held up');
  await here.harness.publish(...backlog, other);
  await Promise.all([...backlog, other].map(({ data }) => statusOf(here, data.messageId, 'sent')));
  const sentOrder = here.twin.journal().map(({ text }) => text);
  expect(sentOrder.indexOf('not held up')).toBeLessThan(
    Math.max(...backlog.map((_, n) => sentOrder.indexOf(`patient answer ${n}`))),
  );
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{
      tries: number;
    }>`select attempts - untried as tries from delivery_intent where account_id = ${store.accountId}`.execute(trx),
  );
  expect(rows.map(({ tries }) => tries)).toEqual(backlog.map(() => 1));
});
