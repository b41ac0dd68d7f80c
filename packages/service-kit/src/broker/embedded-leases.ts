import type { TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';

/** A partition a member may read until its lease ends. */
export interface Lease {
  readonly topic: TopicName;
  readonly partition: number;
  readonly generation: bigint;
  /** The next record to process. */
  position: bigint;
}

/**
 * Renews the leases the member knows of and commits their positions; returns the generation of each partition it still
 * owns. Nothing is written for a partition that another member holds now. A lease it does not know of (the answer to its
 * claim was lost) runs out.
 */
export async function extendLeases(
  pool: Pool,
  group: string,
  memberId: string,
  held: readonly Lease[],
  leaseMs: number,
): Promise<Map<string, bigint>> {
  if (held.length === 0) return new Map();
  const { rows } = await pool.query<{ topic: string; partition: number; generation: string }>({
    name: 'log-extend',
    text: `update group_partition g set leased_until = now() + $3 * interval '1 millisecond', next_position = mine.position
      from ${mine(4)}
      where g.group_name = $1 and g.owner_id = $2 and ${isMine}
      returning g.topic, g.partition, g.generation`,
    values: [group, memberId, leaseMs, ...columnsOf(held)],
  });
  return new Map(rows.map((row) => [`${row.topic}/${row.partition}`, BigInt(row.generation)]));
}

/** Gives partitions back, with the positions up to which they are done. Those that another member holds stay as they are. */
export async function releaseLeases(
  pool: Pool,
  group: string,
  memberId: string,
  leases: readonly Lease[],
): Promise<void> {
  if (leases.length === 0) return;
  await pool.query(
    `update group_partition g set next_position = mine.position, owner_id = null, leased_until = null
      from ${mine(3)}
      where g.group_name = $1 and g.owner_id = $2 and ${isMine}`,
    [group, memberId, ...columnsOf(leases)],
  );
}

/** Leases as the rows of a statement, from its given parameter on. */
const mine = (from: number): string =>
  `unnest($${from}::text[], $${from + 1}::int[], $${from + 2}::bigint[], $${from + 3}::bigint[]) as mine (topic, partition, generation, position)`;
const isMine = 'g.topic = mine.topic and g.partition = mine.partition and g.generation = mine.generation';

function columnsOf(leases: readonly Lease[]): unknown[] {
  return [
    leases.map(({ topic }) => topic),
    leases.map(({ partition }) => partition),
    leases.map(({ generation }) => generation.toString()),
    leases.map(({ position }) => position.toString()),
  ];
}

/** Reports to the group that the member is alive, and returns the number of partitions that are its fair share. */
export async function balance(
  pool: Pool,
  group: string,
  memberId: string,
  leaseMs: number,
  partitions: number,
): Promise<number> {
  const { rows } = await pool.query<{ member_id: string }>(
    `with me as (
       insert into group_member (group_name, member_id) values ($1, $2)
       on conflict (group_name, member_id) do update set seen_at = now()
     )
     select member_id from group_member
     where group_name = $1 and member_id <> $2 and seen_at > now() - $3 * interval '1 millisecond'
     union select $2 order by member_id`,
    [group, memberId, leaseMs],
  );
  const rank = rows.findIndex((row) => row.member_id === memberId);
  return Math.floor(partitions / rows.length) + (rank < partitions % rows.length ? 1 : 0);
}

/**
 * Claims up to `wanted` partitions that nobody holds. Each claim raises the generation, which fences off the previous
 * owner.
 */
export async function claimPartitions(
  pool: Pool,
  group: string,
  memberId: string,
  leaseMs: number,
  all: readonly { topic: TopicName; partition: number }[],
  wanted: number,
): Promise<Lease[]> {
  await pool.query(
    `insert into group_partition (group_name, topic, partition, next_position)
     select $1, a.topic, a.partition, coalesce(h.earliest_position, 0)
     from unnest($2::text[], $3::int[]) as a (topic, partition)
     left join partition_head h using (topic, partition)
     on conflict do nothing`,
    [group, all.map((a) => a.topic), all.map((a) => a.partition)],
  );
  const { rows } = await pool.query<{ topic: TopicName; partition: number; generation: string; next_position: string }>(
    `update group_partition g set owner_id = $2, generation = g.generation + 1, leased_until = now() + $3 * interval '1 millisecond'
     from (
       select topic, partition from group_partition
       where group_name = $1 and (owner_id is null or leased_until < now())
         and (topic, partition) in (select * from unnest($5::text[], $6::int[]))
       order by topic, partition limit $4 for update skip locked
     ) free
     where g.group_name = $1 and g.topic = free.topic and g.partition = free.partition
     returning g.topic, g.partition, g.generation, g.next_position`,
    [group, memberId, leaseMs, wanted, all.map((a) => a.topic), all.map((a) => a.partition)],
  );
  return rows.map((row) => ({
    topic: row.topic,
    partition: row.partition,
    generation: BigInt(row.generation),
    position: BigInt(row.next_position),
  }));
}

/** Gives everything back, so that others need not wait for leases to end. */
export async function leaveGroup(pool: Pool, group: string, memberId: string, held: readonly Lease[]): Promise<void> {
  await releaseLeases(pool, group, memberId, held);
  await pool.query(
    `update group_partition set owner_id = null, leased_until = null where group_name = $1 and owner_id = $2`,
    [group, memberId],
  );
  await pool.query(`delete from group_member where group_name = $1 and member_id = $2`, [group, memberId]);
}
