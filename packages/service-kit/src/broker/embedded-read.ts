import { envelopeBytesMax, type TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import { batchBytesMax } from './batches-under-way.ts';
import type { IncomingRecord } from './broker.port.ts';

export interface ReadFrom {
  readonly topic: TopicName;
  readonly partition: number;
  readonly position: bigint;
}

interface RecordRow {
  topic: TopicName;
  partition: number;
  position: string;
  key: string;
  value: string;
  headers: Record<string, string>;
}

/**
 * The next records of several partitions in one round trip: of each at most `limit`, as many as the bytes of a batch allow,
 * and at least one.
 */
export async function readRecords(pool: Pool, from: readonly ReadFrom[], limit: number): Promise<IncomingRecord[][]> {
  if (from.length === 0) return [];
  const { rows } = await pool.query<RecordRow>({
    name: 'log-read',
    text: `
      select r.topic, r.partition, r.position, r.key, r.value, r.headers
      from unnest($1::text[], $2::int[], $3::bigint[]) as f (topic, partition, position)
      cross join lateral (
        select * from (
          select *, sum(octet_length(value)) over (order by position rows unbounded preceding)
            - octet_length(value) as bytes_before
          from (
            select * from record where topic = f.topic and partition = f.partition and position >= f.position
            order by position limit $4
          ) next
        ) counted
        where bytes_before < ${batchBytesMax} order by position
      ) r`,
    values: [from.map((f) => f.topic), from.map((f) => f.partition), from.map((f) => f.position.toString()), limit],
  });
  const byPartition = new Map<string, IncomingRecord[]>();
  for (const row of rows) {
    const name = `${row.topic}/${row.partition}`;
    const records = byPartition.get(name) ?? [];
    records.push({ ...row, position: BigInt(row.position), value: Buffer.from(row.value) });
    byPartition.set(name, records);
  }
  return [...byPartition.values()];
}

/** Whether a read reached one of its limits. */
export function mayBeMore(records: readonly IncomingRecord[], limit: number): boolean {
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
  return records.length === limit || bytes > batchBytesMax - envelopeBytesMax;
}
