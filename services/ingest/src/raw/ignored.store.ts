import type { Channel } from '@crossdesk/channels';
import { newId, type TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { WebhookAddressId } from '../ids.ts';

export type IgnoredRow = Row<'ignored_event'>;

/** A part of a delivery that is shown nowhere. */
export interface Ignored {
  readonly tenantId: TenantId;
  readonly addressId: WebhookAddressId;
  readonly channel: Channel;
  readonly kind: string;
  readonly reason: IgnoredRow['reason'];
  readonly at: Date;
}

/** Kinds of one address and day; a sender of ever new kinds would fill the table. Later ones count as one kind. */
const kindsMax = 100;
const otherKinds = 'other';
const keptDays = 90;

/**
 * Counts what was ignored. It waits for others who count the same, so it has to be the last statement of a transaction:
 * whoever holds these rows must not wait for anything else.
 */
export async function countIgnored(trx: Trx, ignored: readonly Ignored[]): Promise<void> {
  if (ignored.length === 0) return;
  await sql`
    with item as (
      select tenant_id, address_id, channel, kind, reason, at, (at at time zone 'UTC')::date as day
      from unnest(${ignored.map((one) => one.tenantId)}::uuid[], ${ignored.map((one) => one.addressId)}::uuid[],
        ${ignored.map((one) => one.channel)}::text[], ${ignored.map((one) => one.kind)}::text[],
        ${ignored.map((one) => one.reason)}::text[], ${ignored.map((one) => one.at)}::timestamptz[])
        as n (tenant_id, address_id, channel, kind, reason, at)
    ), known as (
      select i.tenant_id, i.address_id, i.day, i.kind, count(distinct e.kind) as kinds, coalesce(bool_or(e.kind = i.kind), false) as is_known
      from (select distinct tenant_id, address_id, day, kind from item) i
      left join ignored_event e using (tenant_id, address_id, day) group by 1, 2, 3, 4
    ), named as (
      select *, case when is_known or ${kindsMax} >= kinds + row_number() over (partition by tenant_id, address_id, day, is_known order by kind)
        then kind else ${otherKinds} end as name
      from known
    ), counted as (
      select tenant_id, address_id, channel, day, name as kind, reason, count(*) as count, min(at) as first_at,
        max(at) as last_at, row_number() over () as number
      from item join named using (tenant_id, address_id, day, kind)
      group by tenant_id, address_id, channel, day, name, reason
    )
    insert into ignored_event (tenant_id, id, address_id, channel, kind, reason, day, count, first_at, last_at)
    select tenant_id, (${ignored.map(() => newId())}::uuid[])[number], address_id, channel, kind, reason, day, count, first_at, last_at
    from counted order by tenant_id, address_id, day, kind, reason
    on conflict (tenant_id, address_id, day, kind, reason) do update set count = ignored_event.count + excluded.count,
      first_at = least(ignored_event.first_at, excluded.first_at),
      last_at = greatest(ignored_event.last_at, excluded.last_at)`.execute(trx);
}

/** The latest days first. */
export async function listIgnored(
  trx: Trx,
  tenantId: TenantId,
  first: number,
  after: Keyset | null,
): Promise<IgnoredRow[]> {
  const { rows } = await sql<IgnoredRow>`
    select tenant_id, id, address_id, channel, kind, reason, day, count, first_at, last_at from ignored_event
    where tenant_id = ${tenantId} and (${after?.id ?? null}::uuid is null or id < ${after?.id ?? null}::uuid)
    order by id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countIgnoredRows(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from ignored_event where tenant_id = ${tenantId}`);
}

export async function forgetIgnored(trx: Trx): Promise<void> {
  await sql`delete from ignored_event where last_at < now() - make_interval(days => ${keptDays})`.execute(trx);
}
