import type * as original from '../../../../packages/service-kit/src/broker/embedded-leases.ts';

export * from '../../../../packages/service-kit/src/broker/embedded-leases.ts';

/** Commits a position without checking who holds the partition now. */
export const commitPosition: typeof original.commitPosition = async (pool, group, _memberId, lease, position, then) => {
  const release = then === 'release' ? ', owner_id = null, leased_until = null' : '';
  const { rowCount } = await pool.query(
    `update group_partition set next_position = $4 ${release} where group_name = $1 and topic = $2 and partition = $3`,
    [group, lease.topic, lease.partition, position.toString()],
  );
  return rowCount === 1;
};
