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

/** A member of a group, with the leases it knows of. */
export interface Leaseholder {
  readonly group: string;
  readonly memberId: string;
  leases(): readonly Lease[];
}

export interface Renewed {
  /** The leases that are still their member's. */
  readonly kept: ReadonlySet<Lease>;
  /** The living members of each group, sorted. */
  readonly living: ReadonlyMap<string, readonly string[]>;
}

interface RenewedRow {
  /** The number of a lease in the question; null in the row of a member. */
  readonly lease: number | null;
  readonly group_name: string;
  readonly member_id: string;
}

/**
 * Renews the leases that members know of, commits their positions and reports that the members are alive. Nothing is
 * written for a partition that another member holds now. A lease that its member does not know of (the answer to its
 * claim was lost) runs out.
 */
export async function renewLeases(pool: Pool, members: readonly Leaseholder[], leaseMs: number): Promise<Renewed> {
  const leases = members.flatMap(({ group, memberId, leases }) =>
    leases().map((lease) => ({ group, memberId, lease })),
  );
  const { rows } = await pool.query<RenewedRow>({
    name: 'log-renew',
    text: `
      with me as (
        select * from unnest($2::text[], $3::uuid[]) as me (group_name, member_id) order by 1, 2
      ), seen as (
        insert into group_member (group_name, member_id) select * from me
        on conflict (group_name, member_id) do update set seen_at = now()
      ), kept as (
        update group_partition g
        set leased_until = now() + $1 * interval '1 millisecond', next_position = mine.position
        from unnest($4::text[], $5::uuid[], $6::text[], $7::int[], $8::bigint[], $9::bigint[]) with ordinality
          as mine (group_name, member_id, topic, partition, generation, position, lease)
        where g.group_name = mine.group_name and g.owner_id = mine.member_id
          and g.topic = mine.topic and g.partition = mine.partition and g.generation = mine.generation
        returning mine.lease::int, g.group_name, g.owner_id as member_id
      )
      select * from kept
      union all (
        select null::int, group_name, member_id from me
        union
        select null::int, group_name, member_id from group_member
        where group_name in (select group_name from me) and seen_at > now() - $1 * interval '1 millisecond'
        order by 3)`,
    values: [
      leaseMs,
      members.map(({ group }) => group),
      members.map(({ memberId }) => memberId),
      leases.map(({ group }) => group),
      leases.map(({ memberId }) => memberId),
      ...columnsOf(leases.map(({ lease }) => lease)),
    ],
  });
  const isKept = new Set(rows.map(({ lease }) => lease));
  const living = Map.groupBy(
    rows.filter(({ lease }) => lease === null),
    (row) => row.group_name,
  );
  return {
    kept: new Set(leases.flatMap(({ lease }, index) => (isKept.has(index + 1) ? [lease] : []))),
    living: new Map([...living].map(([group, alive]) => [group, alive.map((row) => row.member_id)])),
  };
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
      from unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[]) as mine (topic, partition, generation, position)
      where g.group_name = $1 and g.owner_id = $2
        and g.topic = mine.topic and g.partition = mine.partition and g.generation = mine.generation`,
    [group, memberId, ...columnsOf(leases)],
  );
}

function columnsOf(leases: readonly Lease[]): unknown[] {
  return [
    leases.map(({ topic }) => topic),
    leases.map(({ partition }) => partition),
    leases.map(({ generation }) => generation.toString()),
    leases.map(({ position }) => position.toString()),
  ];
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
