import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { bytesArray, textArray } from '../src/db/binary-array.ts';
import { openProbe, type Probe } from './support/probe.ts';

let probe: Probe;
beforeAll(async () => {
  probe = await openProbe();
});
afterAll(() => probe.close());

test.each([[[]], [['one']], [['', null, 'NULL', '{"a":"\\"b\\\\"}', "it's, {x}", 'Zoë 你好 😀', 'x'.repeat(100_000)]]])(
  'texts arrive unchanged and in order',
  async (values: (string | null)[]) => {
    const { rows } = await sql<{ value: string | null }>`
    select value from unnest(${textArray(values)}::text[]) with ordinality as t (value, n) order by n`.execute(
      probe.db.worker,
    );
    expect(rows.map(({ value }) => value)).toEqual(values);
  },
);

test('bytes arrive unchanged', async () => {
  const values = [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, byte) => byte), Buffer.from('\0\\x')];
  const { rows } = await sql<{ value: Buffer }>`
    select value from unnest(${bytesArray(values)}::bytea[]) with ordinality as t (value, n) order by n`.execute(
    probe.db.worker,
  );
  expect(rows.map(({ value }) => [...value])).toEqual(values.map((value) => [...value]));
});
