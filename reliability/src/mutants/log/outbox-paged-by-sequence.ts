import type { Client } from 'pg';
import * as original from '../../../../packages/service-kit/src/outbox/relay.store.ts';

export * from '../../../../packages/service-kit/src/outbox/relay.store.ts';

/** The last sequence number that each relay has seen. */
const lastSeqs = new WeakMap<Client, string>();

/** Reads after the last sequence number, instead of what is not published yet. */
export const takePending: typeof original.takePending = async (client, published, limit) => {
  await original.takePending(client, published, 0, 0);
  const { rows } = await client.query<original.PendingEvent & { seq: string }>(
    `select seq, event_id, topic, key, envelope::text, traceparent from outbox_event
     where seq > $1 order by seq limit $2`,
    [lastSeqs.get(client) ?? '0', limit],
  );
  const last = rows.at(-1);
  if (last !== undefined) lastSeqs.set(client, last.seq);
  return rows;
};
