import type { CustomerId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
import type { DB } from '../db.ts';
import type { Arm } from '../outreach/outreach.domain.ts';
import { customersIn } from '../value/segment/segment.store.ts';
import type { Campaign } from './campaign.domain.ts';

type Trx = Transaction<DB>;

/** The next customers in the order of their ids who were known at a time and for whom the condition holds. */
export async function customersMeant(
  trx: Trx,
  { tenantId, condition }: Pick<Campaign, 'tenantId' | 'condition'>,
  page: { readonly currency: string; readonly at: Date; readonly after: CustomerId | null; readonly limit: number },
): Promise<CustomerId[]> {
  const { currency, at, after, limit } = page;
  const behind = after === null ? sql`` : sql`and c.id > ${after}::uuid`;
  const { rows } = await sql<{ id: CustomerId }>`
    select c.id ${customersIn({ tenantId, condition, text: '', currency, now: at })} and c.first_seen_at <= ${at} ${behind}
    order by c.id limit ${limit}`.execute(trx);
  return rows.map(({ id }) => id);
}

export async function saveMembers(
  trx: Trx,
  { tenantId, id }: Campaign,
  members: readonly { readonly profileId: CustomerId; readonly arm: Arm }[],
): Promise<void> {
  await sql`
    insert into campaign_member (tenant_id, campaign_id, profile_id, arm)
    select ${tenantId}::uuid, ${id}::uuid, * from unnest(${members.map((one) => one.profileId)}::uuid[],
      ${members.map((one) => one.arm)}::text[])
    on conflict do nothing`.execute(trx);
}

/** A member, with what their message can tell of their last order. */
export interface Member {
  readonly profileId: CustomerId;
  readonly arm: Arm;
  readonly variables: Readonly<Record<string, string>>;
}

/** The next members in the order of their ids. */
export async function nextMembers(
  trx: Trx,
  { tenantId, id, releasedAfter }: Campaign,
  limit: number,
): Promise<Member[]> {
  const behind = releasedAfter === null ? sql`` : sql`and m.profile_id > ${releasedAfter}::uuid`;
  const { rows } = await sql<{ profile_id: CustomerId; arm: Arm }>`
    select m.profile_id, m.arm from campaign_member m
    where m.tenant_id = ${tenantId} and m.campaign_id = ${id} ${behind}
    order by m.profile_id limit ${limit}`.execute(trx);
  const variables = await variablesOf(
    trx,
    tenantId,
    rows.map((row) => row.profile_id),
  );
  return rows.map((row) => ({
    profileId: row.profile_id,
    arm: row.arm,
    variables: variables.get(row.profile_id) ?? {},
  }));
}

/** The number and an article of the last order that each customer paid. Whoever has none has no values. */
export async function variablesOf(
  trx: Trx,
  tenantId: Campaign['tenantId'],
  profileIds: readonly CustomerId[],
): Promise<Map<CustomerId, Readonly<Record<string, string>>>> {
  const { rows } = await sql<{ profile_id: CustomerId; number: string; sku: string | null }>`
    select p.id as profile_id, o.external_order_id as number, o.skus[1] as sku
    from profile p cross join lateral (
      select o.external_order_id, o.skus from (${buyerIdsOf(tenantId, sql`p.customer_id`)}) as i
      join order_ref o on o.tenant_id = p.tenant_id and o.account_id = i.account_id and o.buyer_external_id = i.value
      where o.state is distinct from 'pending_payment' and o.state is distinct from 'cancelled'
      order by o.placed_at desc, o.order_id limit 1) as o
    where p.tenant_id = ${tenantId} and p.id = any(${profileIds}::uuid[])`.execute(trx);
  return new Map(rows.map(({ profile_id: id, number: order, sku }) => [id, sku === null ? { order } : { order, sku }]));
}

/** Whether so many messages are with the gate that more would only wait; and whether any is not over. */
export async function openMessages(
  trx: Trx,
  { tenantId, id }: Campaign,
  openMax: number,
): Promise<{ readonly isFull: boolean; readonly isAnyOpen: boolean }> {
  // What waits for the morning of its buyer keeps nobody else from being written to.
  const { rows } = await sql<{ busy: number; any_open: boolean }>`
    select (select count(*)::int from (select from outreach where subject = ${id} and tenant_id = ${tenantId}
        and state in ('planned', 'decided') and (state = 'decided' or reason is null) limit ${openMax}) as busy) as busy,
      exists (select from outreach where subject = ${id} and tenant_id = ${tenantId}
        and state in ('planned', 'decided')) as any_open`.execute(trx);
  const [found] = rows;
  return { isFull: (found?.busy ?? 0) >= openMax, isAnyOpen: found?.any_open ?? false };
}
