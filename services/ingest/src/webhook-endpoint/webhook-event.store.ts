import {
  type AnyEvent,
  type ChannelAccountId,
  checkEvent,
  erasedEvent,
  type EventId,
  type TenantId,
} from '@crossdesk/contracts';
import { textArray } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { EndpointRow } from './endpoint.store.ts';

export interface WantedEvent {
  readonly event: AnyEvent;
  readonly accountId: ChannelAccountId | null;
}

/** How long an event can be replayed: as long as its topic keeps it. */
const keptDays = 30;

/** Stores events as they are on the log. Those that are stored already stay as they are. */
export async function insertEvents(trx: Trx, wanted: readonly WantedEvent[]): Promise<void> {
  const events = wanted.map(({ event }) => event);
  await sql`
    insert into webhook_event (tenant_id, event_id, key, type, account_id, envelope, recorded_at)
    select tenant_id, event_id, key, type, account_id, envelope, recorded_at
    from unnest(${events.map((e) => e.tenantId)}::uuid[], ${events.map((e) => e.id)}::uuid[],
      ${events.map((e) => e.aggregateId)}::uuid[], ${events.map((e) => e.type)}::text[],
      ${wanted.map((one) => one.accountId)}::uuid[], ${textArray(events.map((e) => JSON.stringify(e)))}::text[],
      ${events.map((e) => e.recordedAt)}::timestamptz[])
      with ordinality as n (tenant_id, event_id, key, type, account_id, envelope, recorded_at, place)
    order by place
    on conflict do nothing`.execute(trx);
}

export async function findEvent(trx: Trx, tenantId: TenantId, eventId: EventId): Promise<Row<'webhook_event'> | null> {
  const found = await trx
    .selectFrom('webhook_event')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('event_id', '=', eventId)
    .executeTakeFirst();
  return found ?? null;
}

export interface Span {
  readonly from: Date;
  readonly to: Date;
  readonly limit: number;
}

/** The stored events of a time that an address wants, in their order. */
export async function eventsBetween(
  trx: Trx,
  { tenant_id, event_types, account_ids }: EndpointRow,
  { from, to, limit }: Span,
): Promise<Pick<Row<'webhook_event'>, 'event_id' | 'key' | 'recorded_at'>[]> {
  const patterns = event_types.map((pattern) => pattern.replace('*', '%'));
  const ofAccounts = account_ids.length === 0 ? sql`` : sql`and account_id = any(${account_ids}::uuid[])`;
  const { rows } = await sql<Pick<Row<'webhook_event'>, 'event_id' | 'key' | 'recorded_at'>>`
    select event_id, key, recorded_at from webhook_event
    where tenant_id = ${tenant_id} and recorded_at >= ${from} and recorded_at < ${to}
      and type like any(${patterns}::text[]) ${ofAccounts}
    order by recorded_at, seq limit ${limit}`.execute(trx);
  return rows;
}

interface Key {
  readonly tenantId: TenantId;
  readonly key: string;
}

/** The accounts that conversations and orders belong to, by their ids. */
export async function accountsOfKeys(trx: Trx, keys: readonly Key[]): Promise<Map<string, ChannelAccountId>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ key: string; account_id: ChannelAccountId }>`
    with wanted as (
      select distinct * from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.key)}::uuid[]) as k (tenant_id, key)
    )
    select w.key, t.account_id from wanted w join thread t on t.tenant_id = w.tenant_id and t.conversation_id = w.key
    union all
    select w.key, o.account_id from wanted w join customer_order o on o.tenant_id = w.tenant_id and o.order_id = w.key`.execute(
    trx,
  );
  return new Map(rows.map((row) => [row.key, row.account_id]));
}

export interface Erasure extends Key {
  /** The service that erased; `everywhere`: the beginning of an erasure, which concerns the events of all services. */
  readonly by: string;
  readonly erasedAt: Date;
}

/** Readers of the log may do so together; an erasure waits for them, and they for it, so that neither misses the other. */
export async function lockErasures(trx: Trx, mode: 'shared' | 'exclusive'): Promise<void> {
  const lock = sql.raw(mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
  await sql`select ${lock}(hashtextextended('ingest webhook erasure', 0))`.execute(trx);
}

/** The erasures that concern these keys. */
export async function erasuresOf(trx: Trx, keys: readonly Key[]): Promise<Row<'webhook_erasure'>[]> {
  const { rows } = await sql<Row<'webhook_erasure'>>`
    select tenant_id, key, by, erased_at from webhook_erasure
    where (tenant_id, key) in (
      select * from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.key)}::uuid[]))`.execute(trx);
  return rows;
}

/**
 * Removes buyers from the stored events of these keys, delivered or not, and remembers the erasure for events that are
 * read from the log later. Returns how many were overwritten.
 */
export async function eraseEvents(trx: Trx, erasures: readonly Erasure[]): Promise<number> {
  let count = 0;
  for (const { tenantId, key, by, erasedAt } of erasures) {
    await sql`
      insert into webhook_erasure (tenant_id, key, by, erased_at) values (${tenantId}, ${key}, ${by}, ${erasedAt})
      on conflict (tenant_id, key, by) do update set erased_at = greatest(webhook_erasure.erased_at, excluded.erased_at)`.execute(
      trx,
    );
    const ofService = by === 'everywhere' ? sql`` : sql`and type like ${`${by}.%`}`;
    const { rows } = await sql<Pick<Row<'webhook_event'>, 'envelope'>>`
      select envelope from webhook_event
      where tenant_id = ${tenantId} and key = ${key} and recorded_at <= ${erasedAt} ${ofService} for update`.execute(
      trx,
    );
    const erased = rows.flatMap(({ envelope }) => erasedEvent(checkEvent(JSON.parse(envelope))) ?? []);
    await sql`
      update webhook_event e set envelope = n.envelope
      from unnest(${erased.map(({ id }) => id)}::uuid[], ${textArray(erased.map((event) => JSON.stringify(event)))}::text[])
        as n (event_id, envelope)
      where e.tenant_id = ${tenantId} and e.event_id = n.event_id`.execute(trx);
    count += erased.length;
  }
  return count;
}

/** Deletes what is older than the log keeps it, with its deliveries, and the deliveries of deleted addresses. */
export async function forgetWebhookEvents(trx: Trx): Promise<void> {
  const old = sql`now() - make_interval(days => ${keptDays})`;
  await sql`
    delete from webhook_delivery d using webhook_event e
    where e.recorded_at < ${old} and d.tenant_id = e.tenant_id and d.event_id = e.event_id and d.state <> 'pending'`.execute(
    trx,
  );
  await sql`
    delete from webhook_delivery d where not exists (
      select from webhook_endpoint e where e.tenant_id = d.tenant_id and e.id = d.endpoint_id)`.execute(trx);
  await sql`
    delete from webhook_lane l where not exists (
      select from webhook_endpoint e where e.tenant_id = l.tenant_id and e.id = l.endpoint_id)`.execute(trx);
  await sql`
    delete from webhook_event e where recorded_at < ${old} and not exists (
      select from webhook_delivery d where d.tenant_id = e.tenant_id and d.event_id = e.event_id and d.state = 'pending')`.execute(
    trx,
  );
  await sql`delete from webhook_erasure where erased_at < ${old}`.execute(trx);
}
