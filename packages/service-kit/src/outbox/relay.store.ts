import { type Client, escapeIdentifier } from 'pg';
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

/** Sessions that are not the relay tell it here that they have committed events. */
const channelOf = (service: string): string => escapeIdentifier(`relay ${service}`);

export async function listenForEvents(client: Client, service: string, wake: () => void): Promise<void> {
  client.on('notification', wake);
  await client.query(`listen ${channelOf(service)}`);
}

export async function tellRelay(client: Client, service: string): Promise<void> {
  await client.query(`notify ${channelOf(service)}`);
}

/**
 * Marks events as published and returns the next ones, lowest seq first: at least one, and then as many as the bytes
 * allow.
 */
export async function takePending(
  client: Client,
  published: readonly PendingEvent[],
  limit: number,
  bytesMax: number,
): Promise<PendingEvent[]> {
  const { rows } = await client.query<PendingEvent>({
    name: 'relay-take',
    text: `with marked as (update outbox_event set published_at = now() where event_id = any($1::uuid[]))
           select event_id, tenant_id, topic, key, envelope, event_type, event_version, traceparent from (
             select *, sum(octet_length(envelope)) over (order by seq rows unbounded preceding)
               - octet_length(envelope) as bytes_before
             from (
               select seq, event_id, tenant_id, topic, key, envelope::text as envelope, envelope ->> 'type' as event_type,
                 envelope ->> 'version' as event_version, traceparent
               from outbox_event
               where published_at is null and event_id <> all($1::uuid[]) order by seq limit $2
             ) pending
           ) counted
           where bytes_before < $3 order by seq`,
    values: [published.map((event) => event.event_id), limit, bytesMax],
  });
  return rows;
}
