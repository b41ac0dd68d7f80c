import type { ChannelAccountId, ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { everywhere, type Identity, identityKey } from '../customer/identity.domain.ts';
import type { DB, Row } from '../db.ts';
import type { Claim, Known, KnownClaim, ProfileRecord, SightingPlan } from './sighting.domain.ts';

type Trx = Transaction<DB>;

type KnownRow = Pick<Row<'customer_identity'>, 'tenant_id' | 'kind' | 'account_id' | 'value' | 'first_seen_at'> &
  Omit<Row<'profile'>, 'first_seen_at' | 'is_erased' | 'version' | 'customer_id' | 'name_key'> & {
    readonly last_seen_on: string;
    readonly known_since: Date;
    /** The profile's own place: the one above is that of the identity. */
    readonly own_account_id: ChannelAccountId | null;
  };

/**
 * What is known of identities: the profiles that are named by an id or a thread among them, and what these claim of the
 * rest. Who else claims a number is left out: everybody may.
 */
export async function readKnown(trx: Trx, identities: readonly Identity[]): Promise<Known> {
  const { rows } = await sql<KnownRow>`
    with seen as materialized (
      select distinct * from unnest(${identities.map((i) => i.tenantId)}::uuid[], ${identities.map((i) => i.kind)}::text[],
        ${identities.map((i) => i.accountId ?? everywhere)}::uuid[], ${identities.map((i) => i.value)}::text[])
        as s (tenant_id, kind, account_id, value)
    ), named as materialized (
      select i.* from seen cross join lateral (
        select * from customer_identity where tenant_id = seen.tenant_id and kind = seen.kind
          and account_id = seen.account_id and value = seen.value) as i
      where seen.kind in ('platform', 'conversation')
    ), claimed as (
      select * from named
      union all
      select i.* from seen cross join lateral (
        select * from customer_identity where tenant_id = seen.tenant_id and kind = seen.kind
          and account_id = seen.account_id and value = seen.value
          and profile_id = any(array(select profile_id from named))) as i
      where seen.kind not in ('platform', 'conversation')
    )
    select i.tenant_id, i.kind, i.account_id, i.value, i.first_seen_at, i.last_seen_on::text,
      p.id, p.account_id as own_account_id, p.channel, p.display_name, p.locale, p.avatar_url, p.profiled_at,
      p.first_seen_at as known_since
    from claimed i
    cross join lateral (select * from profile where tenant_id = i.tenant_id and id = i.profile_id limit 1) as p`.execute(
    trx,
  );
  const claims = Map.groupBy(rows, (row) => identityKey(identityOf(row)));
  return {
    claims: new Map([...claims].map(([key, found]) => [key, found.map(toKnownClaim)])),
    profiles: new Map(rows.map((row) => [row.id, toProfile(row)])),
  };
}

function identityOf({ tenant_id: tenantId, kind, account_id: accountId, value }: KnownRow): Identity {
  return { tenantId, kind, accountId: accountId === everywhere ? null : accountId, value };
}

function toKnownClaim(row: KnownRow): KnownClaim {
  return { profileId: row.id, firstSeenAt: row.first_seen_at, lastSeenOn: row.last_seen_on };
}

function toProfile(row: KnownRow): ProfileRecord {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    accountId: row.own_account_id,
    channel: row.channel,
    displayName: row.display_name,
    locale: row.locale,
    avatarUrl: row.avatar_url,
    profiledAt: row.profiled_at,
    firstSeenAt: row.known_since,
  };
}

/** Writes a plan; the tenants in it must have an exclusive turn. */
export async function carryOut(trx: Trx, { created, changed, claims }: SightingPlan): Promise<void> {
  if (created.length > 0) await insertProfiles(trx, created);
  if (changed.length > 0) await updateFaces(trx, changed);
  if (claims.length > 0) await saveClaims(trx, claims);
}

async function insertProfiles(trx: Trx, profiles: readonly ProfileRecord[]): Promise<void> {
  await sql`
    insert into profile (tenant_id, id, customer_id, account_id, channel, display_name, locale, avatar_url, profiled_at,
      first_seen_at)
    select n.tenant_id, n.id, n.id, n.account_id, n.channel, n.display_name, n.locale, n.avatar_url, n.profiled_at,
      n.first_seen_at
    from ${recordsOf(profiles)}`.execute(trx);
}

async function updateFaces(trx: Trx, profiles: readonly ProfileRecord[]): Promise<void> {
  await sql`
    update profile p set display_name = n.display_name, locale = n.locale, avatar_url = n.avatar_url,
      profiled_at = n.profiled_at, first_seen_at = n.first_seen_at
    from ${recordsOf(profiles)}
    where p.tenant_id = n.tenant_id and p.id = n.id`.execute(trx);
}

function recordsOf(profiles: readonly ProfileRecord[]) {
  return sql`unnest(${profiles.map((p) => p.tenantId)}::uuid[], ${profiles.map((p) => p.id)}::uuid[],
    ${profiles.map((p) => p.accountId)}::uuid[], ${profiles.map((p) => p.channel)}::text[],
    ${profiles.map((p) => p.displayName)}::text[], ${profiles.map((p) => p.locale)}::text[],
    ${profiles.map((p) => p.avatarUrl)}::text[], ${profiles.map((p) => p.profiledAt)}::timestamptz[],
    ${profiles.map((p) => p.firstSeenAt)}::timestamptz[])
    as n (tenant_id, id, account_id, channel, display_name, locale, avatar_url, profiled_at, first_seen_at)`;
}

async function saveClaims(trx: Trx, claims: readonly Claim[]): Promise<void> {
  await sql`
    insert into customer_identity as known
      (tenant_id, kind, account_id, value, profile_id, customer_id, first_seen_at, last_seen_on)
    select n.tenant_id, n.kind, n.account_id, n.value, n.profile_id, p.customer_id, n.first_seen_at, n.last_seen_on
    from ${claimRows(claims)} join profile p on p.tenant_id = n.tenant_id and p.id = n.profile_id
    on conflict (tenant_id, kind, account_id, value, profile_id) do update
    set first_seen_at = excluded.first_seen_at, last_seen_on = excluded.last_seen_on`.execute(trx);
}

function claimRows(claims: readonly Claim[]) {
  const identities = claims.map(({ identity }) => identity);
  return sql`unnest(${identities.map((i) => i.tenantId)}::uuid[], ${identities.map((i) => i.kind)}::text[],
    ${identities.map((i) => i.accountId ?? everywhere)}::uuid[], ${identities.map((i) => i.value)}::text[],
    ${claims.map((one) => one.profileId)}::uuid[], ${claims.map((one) => one.firstSeenAt)}::timestamptz[],
    ${claims.map((one) => one.lastSeenOn)}::date[])
    as n (tenant_id, kind, account_id, value, profile_id, first_seen_at, last_seen_on)`;
}

/** Those of the profiles that made new claims which others claim too: for them it may be another customer now. */
export async function claimedByOthersToo(
  trx: Trx,
  claims: readonly Claim[],
): Promise<{ readonly tenantId: TenantId; readonly profileId: CustomerId }[]> {
  if (claims.length === 0) return [];
  const { rows } = await sql<{ tenant_id: TenantId; profile_id: CustomerId }>`
    select distinct n.tenant_id, n.profile_id from ${claimRows(claims)}
    where n.kind <> 'platform' and exists (
      select from customer_identity other
      where other.tenant_id = n.tenant_id and other.kind = n.kind and other.account_id = n.account_id
        and other.value = n.value and other.profile_id <> n.profile_id)`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, profileId: row.profile_id }));
}

/**
 * Whoever was known by a thread is known by the one that it was joined into: who else is known by that one is the same
 * buyer. Returns them. The claims of the thread itself end with its link.
 */
export async function passThreadOn(
  trx: Trx,
  tenantId: TenantId,
  { from, into }: { readonly from: ConversationId; readonly into: ConversationId },
): Promise<CustomerId[]> {
  const { rows } = await sql<{ profile_id: CustomerId }>`
    insert into customer_identity as known
      (tenant_id, kind, account_id, value, profile_id, customer_id, first_seen_at, last_seen_on)
    select tenant_id, kind, account_id, ${into}, profile_id, customer_id, first_seen_at, last_seen_on
    from customer_identity
    where tenant_id = ${tenantId} and kind = 'conversation' and account_id = ${everywhere}::uuid and value = ${from}
    on conflict (tenant_id, kind, account_id, value, profile_id) do update
    set first_seen_at = least(known.first_seen_at, excluded.first_seen_at)
    returning profile_id`.execute(trx);
  return rows.map((row) => row.profile_id);
}
