import type { CampaignId, TenantId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
import type { DB, Row } from '../db.ts';
import { type Campaign, firstSends } from './campaign.domain.ts';

type Trx = Transaction<DB>;

export async function lockCampaign(trx: Trx, tenantId: TenantId, id: CampaignId): Promise<Campaign | null> {
  const row = await trx
    .selectFrom('campaign')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toCampaign(row);
}

export async function readCampaign(trx: Trx, tenantId: TenantId, id: CampaignId): Promise<Campaign | null> {
  const row = await trx
    .selectFrom('campaign')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toCampaign(row);
}

/** A page of campaigns, the latest made first, and one more. */
export async function listCampaigns(
  trx: Trx,
  tenantId: TenantId,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<Campaign[]> {
  const rows = await trx
    .selectFrom('campaign')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .$if(after !== null, (query) => query.where('id', '<', sql<CampaignId>`${after?.id ?? null}::uuid`))
    .orderBy('id', 'desc')
    .limit(first + 1)
    .execute();
  return rows.map(toCampaign);
}

/** The campaign that is to be looked at first; those that another process works on are left out. */
export async function claimCampaign(trx: Trx, now: Date): Promise<Campaign | null> {
  const row = await trx
    .selectFrom('campaign')
    .selectAll()
    .where('look_at', '<=', now)
    .orderBy('look_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row === undefined ? null : toCampaign(row);
}

export async function nextLookInMs(trx: Trx, now: Date): Promise<number | null> {
  const row = await trx
    .selectFrom('campaign')
    .select('look_at')
    .where('look_at', 'is not', null)
    .orderBy('look_at')
    .limit(1)
    .executeTakeFirst();
  return row?.look_at == null ? null : row.look_at.getTime() - now.getTime();
}

export async function saveCampaign(trx: Trx, campaign: Campaign): Promise<void> {
  const values = {
    name: campaign.name,
    purpose: campaign.purpose,
    segment_id: campaign.segmentId,
    condition: JSON.stringify(campaign.condition),
    account_id: campaign.accountId,
    texts: JSON.stringify(campaign.texts),
    hold_out_share: campaign.holdOutShare,
    valid_hours: campaign.validHours,
    state: campaign.state,
    pause_reason: campaign.pauseReason,
    pauses_itself: campaign.pausesItself,
    version: campaign.version,
    updated_by: campaign.updatedBy,
    updated_at: campaign.updatedAt,
    launched_by: campaign.launchedBy,
    launched_at: campaign.launchedAt,
    finished_at: campaign.finishedAt,
    frozen_after: campaign.frozenAfter,
    is_frozen: campaign.isFrozen,
    released_after: campaign.releasedAfter,
    is_released: campaign.isReleased,
    member_count: campaign.memberCount,
    look_at: campaign.lookAt,
  };
  await trx
    .insertInto('campaign')
    .values({ tenant_id: campaign.tenantId, id: campaign.id, ...values })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(values))
    .execute();
}

/** Lets the gate look now at what waits: after the campaign goes on, or to end it. What a gate has claimed stays its. */
export async function wakeMessages(trx: Trx, { tenantId, id }: Campaign, now: Date): Promise<void> {
  const claimedUntil = new Date(now.getTime() + 2 * 60_000);
  await sql`
    update outreach set due_at = ${now} where subject = ${id} and tenant_id = ${tenantId} and state = 'planned'
      and (due_at is null or due_at > ${claimedUntil})`.execute(trx);
}

/** What became of the messages of a campaign, counted. */
export interface Tally {
  readonly state: Row<'outreach'>['state'];
  readonly reason: string | null;
  readonly count: number;
}

export async function tallyOf(trx: Trx, { tenantId, id }: Campaign): Promise<Tally[]> {
  const { rows } = await sql<Tally>`
    select state, reason, count(*)::int as count from outreach
    where subject = ${id} and tenant_id = ${tenantId} group by 1, 2 order by 3 desc, 1, 2`.execute(trx);
  return rows;
}

/** How the first messages of a campaign fared. */
export async function firstOnes(
  trx: Trx,
  { tenantId, id }: Campaign,
): Promise<{ readonly sent: number; readonly failed: number }> {
  const { rows } = await sql<{ sent: number; failed: number }>`
    select count(*)::int as sent, count(*) filter (where state = 'failed')::int as failed from (
      select state from outreach where subject = ${id} and tenant_id = ${tenantId} and state in ('decided', 'sent', 'failed')
      order by decided_at, id limit ${firstSends}) as first`.execute(trx);
  return rows[0] ?? { sent: 0, failed: 0 };
}

/** One side of the experiment of a campaign. */
export interface ArmNumbers {
  readonly arm: Row<'campaign_member'>['arm'];
  readonly members: number;
  readonly buyers: number;
  readonly orders: number;
}

/**
 * Who was in it, by arm, and what they bought within some days after the launch. People count once, on the side of their
 * oldest profile, whatever was merged since.
 */
export async function armsOf(trx: Trx, campaign: Campaign, withinDays: number): Promise<ArmNumbers[]> {
  const { tenantId, id, launchedAt } = campaign;
  if (launchedAt === null) return [];
  const until = new Date(launchedAt.getTime() + withinDays * 86_400_000);
  const { rows } = await sql<ArmNumbers>`
    with person as (
      select distinct on (p.customer_id) p.customer_id, m.arm
      from campaign_member m join profile p on p.tenant_id = m.tenant_id and p.id = m.profile_id
      where m.tenant_id = ${tenantId} and m.campaign_id = ${id}
      order by p.customer_id, m.profile_id)
    select person.arm, count(*)::int as members, count(*) filter (where bought.orders > 0)::int as buyers,
      coalesce(sum(bought.orders), 0)::int as orders
    from person cross join lateral (
      select count(*) as orders from (${buyerIdsOf(tenantId, sql`person.customer_id`)}) as i
      join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
      where o.placed_at > ${launchedAt} and o.placed_at <= ${until}
        and o.state is distinct from 'pending_payment' and o.state is distinct from 'cancelled') as bought
    group by person.arm order by person.arm desc`.execute(trx);
  return rows;
}

function toCampaign(row: Row<'campaign'>): Campaign {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    purpose: row.purpose,
    segmentId: row.segment_id,
    condition: row.condition,
    accountId: row.account_id,
    texts: row.texts,
    holdOutShare: row.hold_out_share,
    validHours: row.valid_hours,
    state: row.state,
    pauseReason: row.pause_reason,
    pausesItself: row.pauses_itself,
    version: row.version,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
    launchedBy: row.launched_by,
    launchedAt: row.launched_at,
    finishedAt: row.finished_at,
    frozenAfter: row.frozen_after,
    isFrozen: row.is_frozen,
    releasedAfter: row.released_after,
    isReleased: row.is_released,
    memberCount: row.member_count,
    lookAt: row.look_at,
  };
}
