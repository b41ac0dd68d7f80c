import {
  type ChannelAccountId,
  erasedOrderFields,
  newId,
  type PlatformOrder,
  type TenantId,
} from '@crossdesk/contracts';
import type { Channel } from '@crossdesk/channels';
import { countRows, type Keyset, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

export type OrderRow = Omit<Row<'customer_order'>, 'version' | 'placed_at' | 'erased_at'>;

export const orderColumns = sql`tenant_id, order_id, account_id, channel, external_order_id, snapshot, platform_updated_at, refreshed_at`;

export interface OrderToSave {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly channel: Channel;
  readonly order: PlatformOrder;
}

export interface SavedOrder {
  readonly row: OrderRow;
  readonly aggregate: LockedAggregate;
}

const reported = sql`excluded.snapshot || case when o.erased_at is null then '{}'
  else ${JSON.stringify(erasedOrderFields)}::jsonb end`;

/**
 * Whether a report is newer than the known state. A repeated report whose time was not believed has a new time of
 * receipt, but the same content.
 */
const isNewer = sql`excluded.platform_updated_at >= o.platform_updated_at and not (
  excluded.snapshot ? 'claimedUpdatedAt'
  and (${reported}) - '{placedAt,platformUpdatedAt}'::text[] = o.snapshot - '{placedAt,platformUpdatedAt}'::text[])`;

/**
 * Saves reported orders. Returns only those that are new or changed: a repeated report, or one older than the known
 * state, only updates the time of the last report.
 */
export async function saveOrders(trx: Trx, orders: readonly OrderToSave[], now: Date): Promise<SavedOrder[]> {
  if (orders.length === 0) return [];
  const { rows } = await sql<OrderRow & Pick<Row<'customer_order'>, 'version'> & { is_change: boolean }>`
    insert into customer_order as o (tenant_id, order_id, account_id, channel, external_order_id, snapshot, placed_at,
      platform_updated_at, refreshed_at)
    select *, ${now} from unnest(${orders.map((o) => o.tenantId)}::uuid[], ${orders.map(() => newId())}::uuid[],
      ${orders.map((o) => o.accountId)}::uuid[], ${orders.map((o) => o.channel)}::text[],
      ${orders.map((o) => o.order.externalOrderId)}::text[], ${orders.map((o) => JSON.stringify(o.order))}::jsonb[],
      ${orders.map((o) => o.order.placedAt)}::timestamptz[], ${orders.map((o) => o.order.platformUpdatedAt)}::timestamptz[])
      as n (tenant_id, order_id, account_id, channel, external_order_id, snapshot, placed_at, platform_updated_at)
    order by tenant_id, account_id, external_order_id
    on conflict (tenant_id, account_id, external_order_id) do update set
      refreshed_at = excluded.refreshed_at,
      version = o.version + 1,
      snapshot = case when ${isNewer} then ${reported} else o.snapshot end,
      placed_at = case when ${isNewer} then excluded.placed_at else o.placed_at end,
      platform_updated_at = case when ${isNewer} then excluded.platform_updated_at else o.platform_updated_at end
    returning ${orderColumns}, version,
      old.order_id is null or old.snapshot is distinct from new.snapshot as is_change`.execute(trx);
  return rows.filter((row) => row.is_change).map(toSavedOrder);
}

export function toSavedOrder(row: OrderRow & { readonly version: number }): SavedOrder {
  return { row, aggregate: lockedAggregate({ tenantId: row.tenant_id, id: row.order_id, version: row.version }) };
}

export async function findOrders(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<OrderRow[]> {
  const { rows } = await sql<OrderRow>`
    select ${orderColumns} from customer_order where tenant_id = ${tenantId} and order_id = any(${ids}::uuid[])`.execute(
    trx,
  );
  return rows;
}

/** Null: not filtered by it. */
export interface OrderFilter {
  readonly accountIds: readonly string[] | null;
  readonly states: readonly PlatformOrder['state'][] | null;
  readonly placedFrom: Date | null;
  readonly placedBefore: Date | null;
}

export async function listOrders(
  trx: Trx,
  tenantId: TenantId,
  { first, after, filter }: { first: number; after: Keyset | null; filter: OrderFilter },
): Promise<OrderRow[]> {
  const behind =
    after === null ? sql`` : sql`and (platform_updated_at, order_id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<OrderRow>`
    select ${orderColumns} from customer_order where tenant_id = ${tenantId} ${matching(filter)} ${behind}
    order by platform_updated_at desc, order_id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countOrders(trx: Trx, tenantId: TenantId, filter: OrderFilter): Promise<number> {
  return countRows(trx, sql`select 1 from customer_order where tenant_id = ${tenantId} ${matching(filter)}`);
}

function matching({ accountIds, states, placedFrom, placedBefore }: OrderFilter) {
  return sql.join(
    [
      ...(accountIds === null ? [] : [sql`and account_id = any(${accountIds}::uuid[])`]),
      ...(states === null ? [] : [sql`and snapshot ->> 'state' = any(${states}::text[])`]),
      ...(placedFrom === null ? [] : [sql`and placed_at >= ${placedFrom}`]),
      ...(placedBefore === null ? [] : [sql`and placed_at < ${placedBefore}`]),
    ],
    sql` `,
  );
}

export interface OrderHint {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly externalOrderId: string;
}

/** Records orders to be fetched; several hints at the same order cause one fetch. */
export async function hintOrders(trx: Trx, hints: readonly OrderHint[]): Promise<void> {
  if (hints.length === 0) return;
  await sql`
    insert into order_fetch (tenant_id, account_id, external_order_id)
    select distinct * from unnest(${hints.map((h) => h.tenantId)}::uuid[], ${hints.map((h) => h.accountId)}::uuid[],
      ${hints.map((h) => h.externalOrderId)}::text[]) as h (tenant_id, account_id, external_order_id)
    order by 1, 2, 3
    on conflict (tenant_id, account_id, external_order_id) do update set due_at = now(), attempts = 0`.execute(trx);
}

/**
 * Records orders to be fetched that messages name, unless they are known or waiting already. `hintOrders` is for reports
 * that an order changed.
 */
export async function hintUnknownOrders(trx: Trx, hints: readonly OrderHint[]): Promise<void> {
  if (hints.length === 0) return;
  await sql`
    insert into order_fetch (tenant_id, account_id, external_order_id)
    select distinct * from unnest(${hints.map((h) => h.tenantId)}::uuid[], ${hints.map((h) => h.accountId)}::uuid[],
      ${hints.map((h) => h.externalOrderId)}::text[]) as h (tenant_id, account_id, external_order_id)
    where not exists (select from customer_order o where o.tenant_id = h.tenant_id and o.account_id = h.account_id
      and o.external_order_id = h.external_order_id)
    order by 1, 2, 3
    on conflict do nothing`.execute(trx);
}

const isConnected = sql`exists (select from channel_account a where a.tenant_id = f.tenant_id and a.id = f.account_id
  and a.status = 'connected')`;

export type DueFetch = Omit<Row<'order_fetch'>, 'attempts' | 'last_error'>;

/**
 * Takes orders to be fetched. A fetch that fails or is interrupted is due again after a pause that grows to an hour.
 */
export async function claimFetches(trx: Trx, limit: number): Promise<DueFetch[]> {
  const { rows } = await sql<DueFetch>`
    update order_fetch set attempts = attempts + 1, due_at = now() + least(interval '1 hour', interval '15 seconds' * 2 ^ least(attempts, 10))
    where (tenant_id, account_id, external_order_id) in (
      select tenant_id, account_id, external_order_id from order_fetch f where due_at <= now() and ${isConnected}
      order by due_at limit ${limit} for update skip locked
    )
    returning tenant_id, account_id, external_order_id, due_at`.execute(trx);
  return rows;
}

/** The platform was not asked, because the account cannot be used: the fetch is due when it is connected again. */
export async function releaseFetch(trx: Trx, fetch: DueFetch): Promise<void> {
  await sql`update order_fetch set due_at = now(), attempts = greatest(attempts - 1, 0)
    where tenant_id = ${fetch.tenant_id} and account_id = ${fetch.account_id}
      and external_order_id = ${fetch.external_order_id}`.execute(trx);
}

/** Ends a fetch, unless another hint came meanwhile: then the order is fetched once more. */
export async function endFetch(trx: Trx, fetch: DueFetch): Promise<void> {
  await trx
    .deleteFrom('order_fetch')
    .where('tenant_id', '=', fetch.tenant_id)
    .where('account_id', '=', fetch.account_id)
    .where('external_order_id', '=', fetch.external_order_id)
    .where('due_at', '=', fetch.due_at)
    .execute();
}
