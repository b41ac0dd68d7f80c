import { type TopicName, topics } from '@crossdesk/contracts';
import { Pool } from 'pg';
import { textArray } from '../db/binary-array.ts';
import type { Logger } from '../runtime/log.ts';
import type { Broker, OutgoingRecord } from './broker.port.ts';
import { positionsOf } from './positions.ts';
import { createNudges } from './embedded-nudges.ts';
import { startGroupMember } from './embedded-group.ts';
import { startRetention } from './embedded-retention.ts';
import { startTail } from './embedded-tail.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { partitionOf } from './partition-of.ts';

export interface EmbeddedBrokerOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  /** A member that is silent for this long loses its partitions. */
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

/**
 * A killed process keeps its partitions for this long: with 10 s a message waited 12 s for its restart (median). A
 * member that is slow for longer keeps its partitions as long as no other member claims them.
 */
const leaseDefaultMs = 2_000;

/**
 * The log in Postgres, for one machine: with it one command runs everything and nothing else has to be installed.
 * Consumers in the same process are nudged at each append; those of other processes poll.
 */
export function openEmbeddedBroker(options: EmbeddedBrokerOptions): Broker {
  const { log, leaseMs = leaseDefaultMs, pollMs = 2_000 } = options;
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: 8,
    statement_timeout: 30_000,
    application_name: 'crossdesk log',
  });
  pool.on('error', (err) => log.warn({ err }, 'the log lost an idle connection'));
  const nudges = createNudges();
  const keeper = createLeaseKeeper(pool, log, leaseMs);
  const stopRetention = startRetention(pool, log);

  async function bounds(topic: TopicName) {
    const { rows } = await pool.query<{ partition: number; earliest: string; next: string }>(
      `select partition, earliest_position as earliest, next_position as next from partition_head where topic = $1`,
      [topic],
    );
    const known = new Map(
      rows.map((row) => [row.partition, { earliest: BigInt(row.earliest), next: BigInt(row.next) }]),
    );
    const all = Array.from({ length: topics[topic].partitions }, (_, partition) => partition);
    return new Map(all.map((partition) => [partition, known.get(partition) ?? { earliest: 0n, next: 0n }]));
  }

  return {
    async publish(batch) {
      if (batch.length === 0) return;
      await append(pool, batch);
      nudges.nudge(new Set(batch.map((record) => record.topic)));
    },
    subscribe: (subscription, onBatch) =>
      startGroupMember({ pool, log, leaseMs, pollMs, nudges, keeper }, subscription, onBatch),
    tail: (tail, onBatch) => startTail({ pool, log, pollMs, nudges }, tail, onBatch),
    bounds,
    async committed(group, names) {
      const { rows } = await pool.query<{ topic: TopicName; partition: number; next: string }>(
        `select topic, partition, next_position as next from group_partition
         where group_name = $1 and topic = any($2::text[])`,
        [group, names],
      );
      return positionsOf(rows.map(({ topic, partition, next }) => ({ topic, partition, next: BigInt(next) })));
    },
    async lag(group, names) {
      const { rows } = await pool.query<{ lag: string }>(
        `select coalesce(sum(h.next_position - greatest(coalesce(g.next_position, 0), h.earliest_position)), 0) as lag
         from partition_head h
         left join group_partition g on g.group_name = $1 and g.topic = h.topic and g.partition = h.partition
         where h.topic = any($2::text[])`,
        [group, names],
      );
      return BigInt(rows[0]?.lag ?? 0);
    },
    close: async () => {
      await stopRetention();
      await pool.end();
    },
  };
}

/** One statement that locks heads in a fixed order, so that two publishers cannot deadlock. */
async function append(pool: Pool, batch: readonly OutgoingRecord[]): Promise<void> {
  await pool.query({
    name: 'log-append',
    text: `
      with incoming as (
        select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::jsonb[])
          with ordinality as i (topic, partition, key, value, headers, ord)
      ), counts as (
        select topic, partition, count(*) as n from incoming group by topic, partition order by topic, partition
      ), heads as (
        insert into partition_head as h (topic, partition, next_position)
        select topic, partition, n from counts order by topic, partition
        on conflict (topic, partition) do update set next_position = h.next_position + excluded.next_position
        returning topic, partition, next_position
      )
      insert into record (topic, partition, position, key, value, headers)
      select i.topic, i.partition,
        h.next_position - c.n + row_number() over (partition by i.topic, i.partition order by i.ord) - 1,
        i.key, i.value, i.headers
      from incoming i
      join counts c using (topic, partition)
      join heads h using (topic, partition)`,
    values: [
      batch.map((record) => record.topic),
      batch.map((record) => partitionOf(record.key, topics[record.topic].partitions)),
      batch.map((record) => record.key),
      textArray(batch.map((record) => record.value)),
      batch.map((record) => JSON.stringify(record.headers)),
    ],
  });
}
