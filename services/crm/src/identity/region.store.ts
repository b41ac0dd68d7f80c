import type { ChannelAccountId, ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { parseId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { everywhere, type IdentityKind } from '../customer/identity.domain.ts';
import type { DB } from '../db.ts';
import {
  claimersMax,
  type ClaimFact,
  type DecisionFact,
  type IdentityFacts,
  pairOf,
  type ProfileFact,
} from './resolve.domain.ts';

type Trx = Transaction<DB>;

/** All facts that decide about some profiles, and whose customer each profile is as stored. */
export interface Region extends IdentityFacts {
  readonly stored: ReadonlyMap<CustomerId, CustomerId>;
}

/**
 * The region of some profiles: who was one customer with them, who claims what they claim, about whom somebody decided
 * together with them, and so on until nobody is added. What too many claim leads no further, unless it led further before
 * these profiles claimed it: whoever was joined by it is separated then.
 */
export async function readRegion(trx: Trx, tenantId: TenantId, seeds: readonly CustomerId[]): Promise<Region> {
  const known = new Set<CustomerId>();
  let added: readonly CustomerId[] = [...new Set(seeds)];
  let isFirst = true;
  while (added.length > 0) {
    for (const id of added) known.add(id);
    const reach = isFirst ? claimersMax + added.length : claimersMax;
    isFirst = false;
    const near = await readNeighbours(trx, tenantId, added, reach);
    added = near.filter((id) => !known.has(id));
  }
  const ids = [...known];
  const profiles = await readProfiles(trx, tenantId, ids);
  const claims = await readClaims(trx, tenantId, ids);
  return {
    profiles: profiles.map(({ fact }) => fact),
    stored: new Map(profiles.map(({ fact, customerId }) => [fact.id, customerId])),
    claims: claims.map(({ fact }) => fact),
    blockedKeys: new Set(claims.filter(({ isBlocked }) => isBlocked).map(({ fact }) => fact.key)),
    decisions: await readDecisions(trx, tenantId, ids),
  };
}

async function readNeighbours(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
  reach: number,
): Promise<CustomerId[]> {
  const { rows } = await sql<{ id: CustomerId }>`
    with own as (select id, customer_id from profile
      where tenant_id = ${tenantId} and id = any(${ids}::uuid[]) and not is_erased)
    select p.id from own join profile p on p.customer_id = own.customer_id and p.tenant_id = ${tenantId} and not p.is_erased
    union
    select other.profile_id from own
    join customer_identity i on i.profile_id = own.id and i.tenant_id = ${tenantId}
    cross join lateral (
      select array_agg(found.profile_id) as ids from (
        select profile_id from customer_identity
        where tenant_id = i.tenant_id and kind = i.kind and account_id = i.account_id and value = i.value
        limit case when i.kind in ('conversation', 'platform_commerce') then null else ${reach + 1}::int end) as found
    ) as claimers
    cross join lateral unnest(claimers.ids) as other (profile_id)
    where i.kind <> 'platform'
      and (i.kind in ('conversation', 'platform_commerce') or cardinality(claimers.ids) <= ${reach})
    union
    select case when d.profile_a = own.id then d.profile_b else d.profile_a end
    from own join identity_decision d on d.tenant_id = ${tenantId} and d.revoked_at is null
      and (d.profile_a = own.id or d.profile_b = own.id)`.execute(trx);
  return rows.map(({ id }) => id);
}

async function readProfiles(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]) {
  type Found = {
    readonly id: CustomerId;
    readonly customer_id: CustomerId;
    readonly account_id: ChannelAccountId | null;
    readonly channel: string | null;
    readonly display_name: string | null;
    readonly place: string | null;
  };
  const { rows } = await sql<Found>`
    select p.id, p.customer_id, p.account_id, p.channel, p.display_name,
      (select concat_ws(' ', i.account_id, i.value) from customer_identity i
        where i.tenant_id = p.tenant_id and i.profile_id = p.id
        order by i.kind = 'platform' desc, i.kind, i.value limit 1) as place
    from profile p
    where p.tenant_id = ${tenantId} and p.id = any(${ids}::uuid[]) and not p.is_erased order by p.id`.execute(trx);
  return rows.map((row) => ({
    customerId: row.customer_id,
    fact: {
      id: row.id,
      place: row.place ?? row.id,
      accountId: row.account_id,
      channel: row.channel,
      name: row.display_name,
    } satisfies ProfileFact,
  }));
}

async function readClaims(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]) {
  type Found = {
    readonly profile_id: CustomerId;
    readonly kind: IdentityKind;
    readonly account_id: string;
    readonly value: string;
    readonly first_on: string;
    readonly last_on: string;
    readonly is_blocked: boolean;
  };
  const { rows } = await sql<Found>`
    select i.profile_id, i.kind, i.account_id, i.value, (i.first_seen_at at time zone 'UTC')::date::text as first_on,
      i.last_seen_on::text as last_on,
      exists (select from blocked_key b
        where b.tenant_id = i.tenant_id and b.kind = i.kind and b.value = i.value) as is_blocked
    from customer_identity i
    where i.tenant_id = ${tenantId} and i.profile_id = any(${ids}::uuid[]) and i.kind <> 'platform'`.execute(trx);
  return rows.map((row) => ({
    isBlocked: row.is_blocked,
    fact: {
      profileId: row.profile_id,
      kind: row.kind,
      key: row.account_id === everywhere ? row.value : `${row.account_id} ${row.value}`,
      firstOn: row.first_on,
      lastOn: row.last_on,
    } satisfies ClaimFact,
  }));
}

async function readDecisions(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<DecisionFact[]> {
  const rows = await trx
    .selectFrom('identity_decision')
    .select(['id', 'profile_a', 'profile_b', 'verdict', 'decided_at'])
    .where('tenant_id', '=', tenantId)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`profile_a = any(${ids}::uuid[])`)
    .where(sql<boolean>`profile_b = any(${ids}::uuid[])`)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    pair: pairOf(row.profile_a, row.profile_b),
    verdict: row.verdict,
    decidedAt: row.decided_at,
  }));
}

/** Puts profiles into other customers. Returns their conversations. */
export async function moveProfiles(
  trx: Trx,
  tenantId: TenantId,
  moved: readonly { readonly id: CustomerId; readonly into: CustomerId }[],
): Promise<ConversationId[]> {
  const rows = sql`unnest(${moved.map(({ id }) => id)}::uuid[], ${moved.map(({ into }) => into)}::uuid[]) as m (id, into_id)`;
  await sql`
    update profile p set customer_id = m.into_id from ${rows} where p.tenant_id = ${tenantId} and p.id = m.id`.execute(
    trx,
  );
  const { rows: claims } = await sql<{ kind: IdentityKind; value: string }>`
    update customer_identity i set customer_id = m.into_id from ${rows}
    where i.tenant_id = ${tenantId} and i.profile_id = m.id
    returning i.kind, i.value`.execute(trx);
  const ids = claims.flatMap(({ kind, value }) =>
    kind === 'conversation' ? (parseId<ConversationId>(value) ?? []) : [],
  );
  return [...new Set(ids)];
}
