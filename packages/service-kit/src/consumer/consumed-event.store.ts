import { sql, type Transaction } from 'kysely';
import type { KitRow } from '../db/kit-tables.ts';

/**
 * Marks those events as consumed whose key has no blocking parked event, and returns the new ones. An event that is
 * missing in the answer had been consumed before, or is blocked.
 */
export async function takeUnblocked<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  events: readonly { readonly id: string; readonly key: string }[],
): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const { rows } = await sql<Pick<KitRow<'consumed_event'>, 'event_id'>>`
    insert into consumed_event (consumer, event_id)
    select ${consumer}, id from unnest(${events.map(({ id }) => id)}::uuid[], ${events.map(({ key }) => key)}::text[]) as e (id, key)
    where not exists (
      select from dead_letter d
      where d.consumer = ${consumer} and d.key = e.key and d.replayed_at is null and d.is_blocking)
    order by id
    on conflict do nothing returning event_id`.execute(trx);
  return new Set(rows.map((row) => row.event_id));
}

/**
 * Marks events as consumed by a consumer and returns the new ones. The unique key decides, not a check before: of two
 * transactions with the same event, one waits and then finds it consumed.
 */
export async function takeNew<Tables>(
  trx: Transaction<Tables>,
  consumer: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set();
  const { rows } = await sql<Pick<KitRow<'consumed_event'>, 'event_id'>>`
    insert into consumed_event (consumer, event_id)
    select ${consumer}, id from unnest(${eventIds}::uuid[]) as id order by id
    on conflict do nothing returning event_id`.execute(trx);
  return new Set(rows.map((row) => row.event_id));
}
