import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { claimDue, insertIntents } from '../src/delivery/delivery.store.ts';
import { pauseSends, takeSend } from '../src/delivery/send-quota.store.ts';
import type { Trx } from '../src/db.ts';
import { openPlatforms, type Platforms } from './platforms.ts';

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

/** All within one instant: the time of a transaction stands still. */
async function sendsTaken(store: Store): Promise<number> {
  return inTransaction(async (trx) => {
    let taken = 0;
    while ((await takeSend(trx, store, twentyASecond)) === 'taken') taken += 1;
    return taken;
  });
}

/** Moves what is known of a store by so much: back is as if that time had passed, ahead as if the clock was set back. */
function move(store: Store, ms: number): Promise<unknown> {
  return inTransaction((trx) =>
    sql`update send_quota set window_ends_at = window_ends_at + ${ms} * interval '1 millisecond',
      waits_until = waits_until + ${ms} * interval '1 millisecond'
      where account_id = ${store.accountId}`.execute(trx),
  );
}

test('a store sends as much a second as its channel allows, and as much again a second later', async () => {
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

test('what is left of a window that was cut off by a clock set back counts as a new one', async () => {
  const store = aStore();
  await inTransaction((trx) => takeSend(trx, store, twentyASecond));
  await move(store, 3_600_000);
  expect(await sendsTaken(store)).toBe(20);
});

test('a pause that the platform asked for holds for every process, and a shorter one does not end it', async () => {
  const store = aStore();
  await inTransaction((trx) => pauseSends(trx, store, 60_000));
  await inTransaction((trx) => pauseSends(trx, store, 1_000));
  expect(await sendsTaken(store)).toBe(0);
  await move(store, -30_000);
  expect(await sendsTaken(store)).toBe(0);
  await move(store, -30_001);
  expect(await sendsTaken(store)).toBe(20);
});

test('replies of a store that waits are left alone, those of others are taken', async () => {
  const [waiting, other] = [aStore(), aStore()];
  const reply = (store: Store) => ({
    ...store,
    messageId: newId<MessageId>(),
    conversationId: newId<ConversationId>(),
    content: { kind: 'text', text: 'It ships tomorrow.' } as const,
    fingerprint: '',
    status: 'queued' as const,
    failure: null,
    detail: null,
    traceparent: null,
  });
  const claimed = await inTransaction(async (trx) => {
    await pauseSends(trx, waiting, 60_000);
    await insertIntents(trx, [reply(waiting), reply(other)]);
    const due = await claimDue(trx, 10, 1_000);
    // Nobody else ever sees them.
    await sql`delete from delivery_intent`.execute(trx);
    return due.map((intent) => intent.account_id);
  });
  expect(claimed).toEqual([other.accountId]);
});
