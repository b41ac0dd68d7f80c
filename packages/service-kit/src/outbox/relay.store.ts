import type { Client } from 'pg';
import type { KitRow } from '../db/kit-tables.ts';

export interface PendingEvent extends Pick<
  KitRow<'outbox_event'>,
  'event_id' | 'tenant_id' | 'topic' | 'key' | 'traceparent'
> {
  readonly envelope: string;
  readonly event_type: string;
  readonly event_version: string;
}

/** Makes this session the relay of the service until it ends; false while another session is the relay. */
export async function lockRelay(client: Client, service: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1)) as held', [
    `relay ${service}`,
  ]);
  return rows[0]?.held === true;
}

/** Events that are not marked as published, lowest seq first: at least one, and then as many as the bytes allow. */
export async function pendingEvents(client: Client, limit: number, bytesMax: number): Promise<PendingEvent[]> {
  const { rows } = await client.query<PendingEvent>({
    name: 'relay-pending',
    text: `select event_id, tenant_id, topic, key, envelope, event_type, event_version, traceparent from (
             select *, sum(octet_length(envelope)) over (order by seq rows unbounded preceding)
               - octet_length(envelope) as bytes_before
             from (
               select seq, event_id, tenant_id, topic, key, envelope::text as envelope, envelope ->> 'type' as event_type,
                 envelope ->> 'version' as event_version, traceparent
               from outbox_event
               where published_at is null order by seq limit ${limit}
             ) pending
           ) counted
           where bytes_before < ${bytesMax} order by seq`,
  });
  return rows;
}

export async function markPublished(client: Client, events: readonly PendingEvent[]): Promise<void> {
  await client.query({
    name: 'relay-mark',
    text: 'update outbox_event set published_at = now() where event_id = any($1::uuid[])',
    values: [events.map((event) => event.event_id)],
  });
}
