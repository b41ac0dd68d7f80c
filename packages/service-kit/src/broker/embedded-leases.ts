import type { TopicName } from '@crossdesk/contracts';
import type { Pool } from 'pg';

/** A partition a member may read until its lease ends. */
export interface Lease {
  readonly topic: TopicName;
  readonly partition: number;
  readonly generation: bigint;
  position: bigint;
}

/**
 * Renews the leases the member knows of; returns the generation of each partition it still owns. A lease it does not
 * know of (the answer to its claim was lost) runs out.
 */
export async function extendLeases(
  pool: Pool,
  group: string,
  memberId: string,
  held: readonly Lease[],
  leaseMs: number,
): Promise<Map<string, bigint>> {
  const { rows } = await pool.query<{ topic: string; partition: number; generation: string }>(
    `update group_partition set leased_until = now() + $3 * interval '1 millisecond'
     where group_name = $1 and owner_id = $2 and (topic, partition) in (select * from unnest($4::text[], $5::int[]))
     returning topic, partition, generation`,
    [group, memberId, leaseMs, held.map((lease) => lease.topic), held.map((lease) => lease.partition)],
  );
  return new Map(rows.map((row) => [`${row.topic}/${row.partition}`, BigInt(row.generation)]));
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

/** Commits the position of the group. False, with nothing written, when the partition now belongs to another member. */
export async function commitPosition(
  pool: Pool,
  group: string,
  memberId: string,
  lease: Lease,
  position: bigint,
  then: 'keep' | 'release',
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: `log-commit-${then}`,
    text: `update group_partition set next_position = $6 ${then === 'release' ? ', owner_id = null, leased_until = null' : ''}
      where group_name = $1 and topic = $2 and partition = $3 and owner_id = $4 and generation = $5`,
    values: [group, lease.topic, lease.partition, memberId, lease.generation.toString(), position.toString()],
  });
  return rowCount === 1;
}

/** Gives everything back, so that others need not wait for leases to end. */
export async function leaveGroup(pool: Pool, group: string, memberId: string): Promise<void> {
  await pool.query(
    `update group_partition set owner_id = null, leased_until = null where group_name = $1 and owner_id = $2`,
    [group, memberId],
  );
  await pool.query(`delete from group_member where group_name = $1 and member_id = $2`, [group, memberId]);
}
