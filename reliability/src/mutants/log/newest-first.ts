import * as original from '../../../../packages/service-kit/src/outbox/relay.store.ts';

export * from '../../../../packages/service-kit/src/outbox/relay.store.ts';

/** Reads the newest events first. */
export const takePending: typeof original.takePending = async (client, published, limit) => {
  await original.takePending(client, published, 0, 0);
  const { rows } = await client.query<original.PendingEvent>(
    `select event_id, topic, key, envelope::text, traceparent from outbox_event
     where published_at is null order by seq desc limit $1`,
    [limit],
  );
  return rows;
};
