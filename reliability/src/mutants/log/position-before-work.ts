import * as original from '../../../../packages/service-kit/src/broker/embedded-group.ts';

export * from '../../../../packages/service-kit/src/broker/embedded-group.ts';

/** Commits the position after a batch before the batch is processed. */
export const startGroupMember: typeof original.startGroupMember = (deps, subscription, onBatch) =>
  original.startGroupMember(deps, subscription, async (batch) => {
    for (const { topic, partition, position } of batch.records) {
      await deps.pool.query(
        `update group_partition set next_position = $4 where group_name = $1 and topic = $2 and partition = $3`,
        [subscription.group, topic, partition, (position + 1n).toString()],
      );
    }
    await onBatch(batch);
  });
