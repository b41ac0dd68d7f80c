import type { TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';
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

/** The next records of several partitions in one round trip, at most `limit` of each. */
export async function readRecords(pool: Pool, from: readonly ReadFrom[], limit: number): Promise<IncomingRecord[][]> {
  if (from.length === 0) return [];
  const { rows } = await pool.query<RecordRow>({
    name: 'log-read',
    text: `
      select r.topic, r.partition, r.position, r.key, r.value, r.headers
      from unnest($1::text[], $2::int[], $3::bigint[]) as f (topic, partition, position)
      cross join lateral (
        select * from record where topic = f.topic and partition = f.partition and position >= f.position
        order by position limit $4
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
