import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { capabilitiesOf } from '@crossdesk/channels';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { claimDue, insertIntents } from '../src/delivery/delivery.store.ts';
import { pauseSends, takeSend } from '../src/delivery/send-quota.store.ts';
import type { Trx } from '../src/db.ts';
import { conversationOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
beforeAll(async () => {
  here = await openPlatforms('send quota');
});
afterAll(() => here.close());

const twentyASecond = { sendsPerSecondMax: 20, sendsPerDayMax: null };
/** Its window outlasts any test. */
const oneAnHour = { sendsPerSecondMax: 1 / 3_600, sendsPerDayMax: null };

type Store = Parameters<typeof takeSend>[1];

function aStore(): Store {
  return { tenantId: newId<TenantId>(), accountId: newId<ChannelAccountId>() };
}

function inTransaction<Result>(work: (trx: Trx) => Promise<Result>): Promise<Result> {
  return here.ingest.runtime.db.asWorker(work);
}

/** All at the same instant: the time does not change within a transaction. */
async function sendsTaken(store: Store): Promise<number> {
  return inTransaction(async (trx) => {
    let taken = 0;
    while ((await takeSend(trx, store, twentyASecond)) === 'taken') taken += 1;
    return taken;
  });
}

/** Moves the stored times of a store by `ms`: back as if that time had passed, ahead as if the clock was set back. */
function move(store: Store, ms: number): Promise<unknown> {
  return inTransaction((trx) =>
    sql`update send_quota set window_ends_at = window_ends_at + ${ms} * interval '1 millisecond',
      waits_until = waits_until + ${ms} * interval '1 millisecond'
      where account_id = ${store.accountId}`.execute(trx),
  );
}

test('a store sends as many a second as its channel allows, and as many again a second later', async () => {
  const store = aStore();
  expect(await sendsTaken(store)).toBe(20);
  await move(store, -1_001);
  expect(await sendsTaken(store)).toBe(20);
});

test('however many processes ask at once, one of them gets the last send', async () => {
  const store = aStore();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => inTransaction((trx) => takeSend(trx, store, oneAnHour))),
  );
  expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
  expect(await inTransaction((trx) => takeSend(trx, aStore(), oneAnHour))).toBe('taken');
});

test('a window that lies ahead because the clock was set back counts as a new one', async () => {
  const store = aStore();
  await inTransaction((trx) => takeSend(trx, store, twentyASecond));
  await move(store, 3_600_000);
  expect(await sendsTaken(store)).toBe(20);
});

test('a pause that the platform asked for applies to every process, and a shorter one does not end it', async () => {
  const store = aStore();
  await inTransaction((trx) => pauseSends(trx, store, 60_000));
  await inTransaction((trx) => pauseSends(trx, store, 1_000));
  expect(await sendsTaken(store)).toBe(0);
  await move(store, -30_000);
  expect(await sendsTaken(store)).toBe(0);
  await move(store, -30_001);
  expect(await sendsTaken(store)).toBe(20);
});

function reply(store: Store, given: { conversationId?: ConversationId; isBulk?: boolean } = {}) {
  return {
    ...store,
    messageId: newId<MessageId>(),
    conversationId: newId<ConversationId>(),
    content: { kind: 'text', text: 'It ships tomorrow.' } as const,
    fingerprint: '',
    isBulk: false,
    traceparent: null,
    ...given,
  };
}

test('replies of a bulk job go out after those that people write, but before a later one of their conversation', async () => {
  const store = aStore();
  const [first, second] = [reply(store, { isBulk: true }), reply(store, { isBulk: true })];
  const [elsewhere, later] = [reply(store), reply(store, { conversationId: second.conversationId })];
  const claimed = await inTransaction(async (trx) => {
    await insertIntents(trx, [first, second]);
    await insertIntents(trx, [elsewhere, later]);
    const taken: string[][] = [];
    for (const limit of [2, 10]) {
      const due = await claimDue(trx, limit, 1_000, null);
      taken.push(due.map((intent) => intent.message_id).toSorted());
      await sql`delete from delivery_intent where status = 'sending'`.execute(trx);
    }
    await sql`delete from delivery_intent`.execute(trx);
    return taken;
  });
  // `second` yields no longer, because `later` waits for it.
  const ids = (...replies: { messageId: string }[]) => replies.map(({ messageId }) => messageId).toSorted();
  expect(claimed).toEqual([ids(second, elsewhere), ids(first, later)]);
});

test('replies of a store that waits are skipped, those of others are taken', async () => {
  const [waiting, other] = [aStore(), aStore()];
  const claimed = await inTransaction(async (trx) => {
    await pauseSends(trx, waiting, 60_000);
    await insertIntents(trx, [reply(waiting), reply(other)]);
    const due = await claimDue(trx, 10, 1_000, null);
    // Deleted in the same transaction, so nobody else sees them.
    await sql`delete from delivery_intent`.execute(trx);
    return due.map((intent) => intent.account_id);
  });
  expect(claimed).toEqual([other.accountId]);
});

const threeADay = { sendsPerSecondMax: 20, sendsPerDayMax: 3 };

test('a store sends as many a UTC day as its channel allows, and as many again the next day', async () => {
  const store = aStore();
  const five = () =>
    inTransaction(async (trx) => {
      const rights: string[] = [];
      for (let n = 0; n < 5; n += 1) rights.push(await takeSend(trx, store, threeADay));
      return rights;
    });
  const oneDay = ['taken', 'taken', 'taken', 'day used up', 'day used up'];
  expect(await five()).toEqual(oneDay);
  expect(await inTransaction((trx) => takeSend(trx, aStore(), threeADay))).toBe('taken');
  await inTransaction((trx) =>
    sql`update send_quota set day = day - 1 where account_id = ${store.accountId}`.execute(trx),
  );
  expect(await five()).toEqual(oneDay);
});

test('of ten processes that ask at once for the last two sends of a day, two get one', async () => {
  const store = aStore();
  await inTransaction((trx) => takeSend(trx, store, threeADay));
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => inTransaction((trx) => takeSend(trx, store, threeADay))),
  );
  expect(answers.filter((answer) => answer === 'taken')).toHaveLength(2);
  expect(answers.filter((answer) => answer === 'day used up')).toHaveLength(8);
});

test('a reply beyond the quota of the day fails and says so; nothing reaches the platform', async () => {
  const shop = await here.connect(newId<TenantId>(), 'tiktok-shop', '7490000000000000821');
  const conversationId = await conversationOf(here, shop, 'quota');
  await inTransaction((trx) =>
    sql`insert into send_quota values (${shop.tenantId}, ${shop.accountId}, now(), 0, '-infinity',
      (now() at time zone 'UTC')::date, ${capabilitiesOf('tiktok-shop').sendsPerDayMax})`.execute(trx),
  );
  const request = replyTo(shop, conversationId, 'one too many');
  await here.harness.publish(request);
  const { data } = await statusOf(here, request.data.messageId, 'failed');
  expect(data).toMatchObject({ failure: 'QUOTA', detail: expect.stringContaining('tomorrow') });
  expect(here.twin.journal().filter(({ text }) => text === 'one too many')).toEqual([]);
});

test('a reply whose window closed while it waited fails; a new message of the buyer opens the window', async () => {
  const shop = await here.connect(newId<TenantId>(), 'whatsapp', '820600000000009');
  const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * 3_600_000);
  const { messageId } = here.twin.buyerSays({
    shop: shop.shop,
    buyer: 'late',
    content: { kind: 'text', text: 'hello' },
    at: at(25),
  });
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === messageId,
  );
  const late = replyTo(shop, data.conversationId, 'window closed');
  await here.harness.publish(late);
  expect((await statusOf(here, late.data.messageId, 'failed')).data.failure).toBe('WINDOW_CLOSED');
  here.twin.buyerSays({ shop: shop.shop, buyer: 'late', content: { kind: 'text', text: 'still there?' }, at: at(1) });
  await here.twin.settled();
  const inTime = replyTo(shop, data.conversationId, 'window open');
  await here.harness.publish(inTime);
  await statusOf(here, inTime.data.messageId, 'sent');
  const sent = here.twin.journal().map(({ text }) => text);
  expect(sent).toEqual(expect.arrayContaining(['window open']));
  expect(sent).not.toEqual(expect.arrayContaining(['window closed']));
});
