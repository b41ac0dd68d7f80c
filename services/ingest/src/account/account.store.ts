import { type Channel, type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Trx } from '../deps.ts';

export type AccountStatus = 'connected' | 'reauthorise' | 'disabled';

export interface AccountRow {
  readonly tenant_id: TenantId;
  readonly id: ChannelAccountId;
  readonly channel: Channel;
  readonly external_account_id: string;
  readonly display_name: string;
  readonly sealed_token: Buffer;
  readonly sealed_credentials: Buffer;
  readonly api_base_url: string;
  readonly auth_base_url: string;
  readonly status: AccountStatus;
  readonly status_reason: string | null;
  readonly version: number;
  readonly last_webhook_at: Date | null;
  readonly connected_at: Date;
}

const columns = sql`tenant_id, id, channel, external_account_id, display_name, sealed_token, sealed_credentials, api_base_url,
  auth_base_url, status, status_reason, version, last_webhook_at, connected_at`;

export interface NewAccount {
  readonly tenantId: TenantId;
  readonly id: ChannelAccountId;
  readonly channel: Channel;
  readonly externalAccountId: string;
  readonly displayName: string;
  readonly tokenHash: Buffer;
  readonly sealedToken: Buffer;
  readonly sealedCredentials: Buffer;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

/** The account of a webhook address, before any tenant is known. */
export async function findByToken(trx: Trx, tokenHash: Buffer): Promise<AccountRow | null> {
  const { rows } =
    await sql<AccountRow>`select ${columns} from channel_account where token_hash = ${tokenHash}`.execute(trx);
  return rows[0] ?? null;
}

export async function listAccounts(trx: Trx, tenantId: TenantId): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account where tenant_id = ${tenantId} order by display_name, id`.execute(trx);
  return rows;
}

export async function findAccounts(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return rows;
}

export interface LockedAccount {
  readonly row: AccountRow;
  /** The version the change leads to. */
  readonly aggregate: LockedAggregate;
}

function locked(row: AccountRow | undefined): LockedAccount | null {
  if (row === undefined) return null;
  return { row, aggregate: lockedAggregate({ tenantId: row.tenant_id, id: row.id, version: row.version + 1 }) };
}

export async function lockAccount(trx: Trx, tenantId: TenantId, id: ChannelAccountId): Promise<LockedAccount | null> {
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account where tenant_id = ${tenantId} and id = ${id} for update`.execute(trx);
  return locked(rows[0]);
}

/** Inserts the account, or locks the one that the platform's id already has in this workspace. */
export async function insertOrLock(trx: Trx, account: NewAccount): Promise<LockedAccount | null> {
  const { rows } = await sql<AccountRow>`
    insert into channel_account (tenant_id, id, channel, external_account_id, display_name, token_hash, sealed_token,
      sealed_credentials, api_base_url, auth_base_url, status, version)
    values (${account.tenantId}, ${account.id}, ${account.channel}, ${account.externalAccountId}, ${account.displayName},
      ${account.tokenHash}, ${account.sealedToken}, ${account.sealedCredentials}, ${account.apiBaseUrl}, ${account.authBaseUrl},
      'connected', 0)
    on conflict (tenant_id, channel, external_account_id) do update set display_name = excluded.display_name
    returning ${columns}`.execute(trx);
  return locked(rows[0]);
}

export interface AccountChange {
  readonly status: AccountStatus;
  readonly statusReason: string | null;
  readonly sealedCredentials: Buffer;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

export async function saveAccount(trx: Trx, { aggregate }: LockedAccount, change: AccountChange): Promise<void> {
  await sql`
    update channel_account set version = ${aggregate.version}, status = ${change.status}, status_reason = ${change.statusReason},
      sealed_credentials = ${change.sealedCredentials}, api_base_url = ${change.apiBaseUrl}, auth_base_url = ${change.authBaseUrl}
    where tenant_id = ${aggregate.tenantId} and id = ${aggregate.id}`.execute(trx);
}

export interface Renewal {
  readonly id: string;
  /** True when whoever renewed before never came back: the platform may have used the refresh token up. */
  readonly isAfterCutOff: boolean;
}

/** Takes the right to renew the token of a locked account; null while somebody has it. */
export async function claimRenewal(trx: Trx, { row }: LockedAccount, leaseMs: number): Promise<Renewal | null> {
  const id = newId();
  const { rows } = await sql<{ is_after_cut_off: boolean }>`
    update channel_account a set renewal_id = ${id}, renewing_until = now() + ${leaseMs} * interval '1 millisecond'
    from (select renewal_id from channel_account where tenant_id = ${row.tenant_id} and id = ${row.id}) as before
    where a.tenant_id = ${row.tenant_id} and a.id = ${row.id} and (a.renewing_until is null or a.renewing_until < now())
    returning before.renewal_id is not null as is_after_cut_off`.execute(trx);
  const [claimed] = rows;
  return claimed === undefined ? null : { id, isAfterCutOff: claimed.is_after_cut_off };
}

/** Gives the right back, unless somebody else has it by now. True when it was still the caller's. */
export async function endRenewal(trx: Trx, { row }: LockedAccount, { id }: Renewal): Promise<boolean> {
  const { rows } = await sql`
    update channel_account set renewal_id = null, renewing_until = null
    where tenant_id = ${row.tenant_id} and id = ${row.id} and renewal_id = ${id} returning id`.execute(trx);
  return rows.length === 1;
}

/** Starts the polls of an account, or makes them due now. */
export async function makeSyncDue(
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId,
  kinds: readonly string[],
): Promise<void> {
  await sql`
    insert into sync_cursor (tenant_id, account_id, kind)
    select ${tenantId}, ${accountId}, kind from unnest(${kinds}::text[]) as kind
    on conflict (tenant_id, account_id, kind) do update set next_due_at = now()`.execute(trx);
}
