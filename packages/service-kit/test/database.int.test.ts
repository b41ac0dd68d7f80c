import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import { takeNew } from '../src/consumer/inbox.ts';
import { openProbe, type Probe } from './support/probe.ts';

let probe: Probe;
beforeAll(async () => {
  probe = await openProbe();
});
afterAll(() => probe.close());

test('a connection plans an insert once, and other statements each time', async () => {
  const texts = await probe.db.asWorker(async (trx) => {
    const [first, second] = [newId(), newId()];
    expect(await takeNew(trx, 'a', [first])).toEqual(new Set([first]));
    expect(await takeNew(trx, 'b', [first, second])).toEqual(new Set([first, second]));
    const { rows } = await sql<{ text: string }>`select statement as text from pg_prepared_statements`.execute(trx);
    return rows.map(({ text }) => text.trim().split(' ', 3).join(' '));
  });
  expect(texts).toEqual(['insert into inbox_event']);
});
