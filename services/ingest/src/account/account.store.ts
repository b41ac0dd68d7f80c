import type { Channel } from '@crossdesk/channels';
import { type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate, type NamePlace } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { ChannelAppId } from '../ids.ts';

/** An account, with the sealed credentials of its app if it has one. */
export type AccountRow = Omit<Row<'channel_account'>, 'token_hash' | 'renewal_id' | 'renewing_until'> & {
  readonly app_sealed_credentials: Buffer | null;
};

export type AccountStatus = AccountRow['status'];

const columns = sql`tenant_id, id, channel, external_account_id, display_name, country, app_id, sealed_token, sealed_credentials,
  api_base_url, auth_base_url, status, status_reason, loss, version, last_webhook_at, connected_at, sync_every_seconds,
  (select p.sealed_credentials from channel_app p
    where p.tenant_id = channel_account.tenant_id and p.id = channel_account.app_id) as app_sealed_credentials`;

export interface NewAccount {
  readonly tenantId: TenantId;
  readonly id: ChannelAccountId;
  readonly channel: Channel;
  readonly externalAccountId: string;
  readonly displayName: string;
  /** The new name for an account that exists already; null keeps its name. */
  readonly renamesTo: string | null;
  /** Null keeps the known one. */
  readonly country: string | null;
  readonly appId: ChannelAppId | null;
  readonly tokenHash: Buffer;
  readonly sealedToken: Buffer;
  readonly sealedCredentials: Buffer;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

/** The account of a webhook address; the tenant is not known yet. */
export async function findByToken(trx: Trx, tokenHash: Buffer): Promise<AccountRow | null> {
  const { rows } =
    await sql<AccountRow>`select ${columns} from channel_account where token_hash = ${tokenHash}`.execute(trx);
  return rows[0] ?? null;
}

/** The account that a platform's id names within a workspace. */
export async function findByExternalId(
  trx: Trx,
  tenantId: TenantId,
  channel: Channel,
  externalAccountId: string,
): Promise<AccountRow | null> {
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account
    where tenant_id = ${tenantId} and channel = ${channel} and external_account_id = ${externalAccountId}`.execute(trx);
  return rows[0] ?? null;
}

/** The accounts of a workspace, or only those of one app, by name; one more than asked for. */
export async function listAccounts(
  trx: Trx,
  tenantId: TenantId,
  appId: ChannelAppId | null,
  { first, after }: { readonly first: number; readonly after: NamePlace | null },
): Promise<AccountRow[]> {
  const behind = after === null ? sql`` : sql`and (display_name, id) > (${after.name}, ${after.id}::uuid)`;
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account where tenant_id = ${tenantId} ${ofApp(appId)} ${behind}
    order by display_name, id limit ${first + 1}`.execute(trx);
  return rows;
}

export function countAccounts(trx: Trx, tenantId: TenantId, appId: ChannelAppId | null): Promise<number> {
  return countRows(trx, sql`select 1 from channel_account where tenant_id = ${tenantId} ${ofApp(appId)}`);
}

function ofApp(appId: ChannelAppId | null) {
  return appId === null ? sql`` : sql`and app_id = ${appId}`;
}

export async function findAccounts(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    select ${columns} from channel_account where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return rows;
}

export interface LockedAccount {
  readonly row: AccountRow;
  /** The version after the change. */
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

/** Inserts the account, or locks the existing one with this platform id in the workspace. */
export async function insertOrLock(trx: Trx, account: NewAccount): Promise<LockedAccount | null> {
  const { rows } = await sql<AccountRow>`
    insert into channel_account (tenant_id, id, channel, external_account_id, display_name, country, app_id, token_hash,
      sealed_token, sealed_credentials, api_base_url, auth_base_url, status, version)
    values (${account.tenantId}, ${account.id}, ${account.channel}, ${account.externalAccountId},
      ${account.displayName}, ${account.country}, ${account.appId}, ${account.tokenHash}, ${account.sealedToken}, ${account.sealedCredentials}, ${account.apiBaseUrl},
      ${account.authBaseUrl}, 'connected', 0)
    on conflict (tenant_id, channel, external_account_id) do update
      set display_name = coalesce(${account.renamesTo}::text, channel_account.display_name),
        country = coalesce(excluded.country, channel_account.country), app_id = excluded.app_id
    returning ${columns}`.execute(trx);
  return locked(rows[0]);
}

export interface AccountChange {
  readonly status: AccountStatus;
  readonly statusReason: string | null;
  /** How the authorisation was lost; null while it is not. */
  readonly loss: AccountRow['loss'];
  readonly sealedCredentials: Buffer;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
  /** Null: as often as the installation is configured. */
  readonly syncEverySeconds: number | null;
}

export async function saveAccount(trx: Trx, { row }: LockedAccount, change: AccountChange): Promise<void> {
  await trx
    .updateTable('channel_account')
    .set({
      status: change.status,
      status_reason: change.statusReason,
      loss: change.loss,
      sealed_credentials: change.sealedCredentials,
      api_base_url: change.apiBaseUrl,
      auth_base_url: change.authBaseUrl,
      sync_every_seconds: change.syncEverySeconds,
    })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .execute();
}

/** Counts a change of a locked account that is published. */
export async function saveVersion(trx: Trx, { row, aggregate }: LockedAccount): Promise<void> {
  await trx
    .updateTable('channel_account')
    .set({ version: aggregate.version })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .execute();
}

export interface Renewal {
  readonly id: string;
  /** True when an earlier renewal never ended: the platform may already have accepted the refresh token. */
  readonly isAfterCutOff: boolean;
}

/** Takes the lease to renew the token of a locked account; null while another process has it. */
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

/** Gives the lease back, unless another process has it by now. True when it was still the caller's. */
export async function endRenewal(trx: Trx, { row }: LockedAccount, { id }: Renewal): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('channel_account')
    .set({ renewal_id: null, renewing_until: null })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .where('renewal_id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Notes when accounts last heard from their platform. */
export async function touchAccounts(trx: Trx, ids: readonly ChannelAccountId[], at: Date): Promise<void> {
  await sql`
    update channel_account set last_webhook_at = ${at}
    where id = any(${ids}::uuid[])`.execute(trx);
}

/** Starts the polls of an account, or makes them due now. */
export async function makeSyncDue(
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId,
  kinds: readonly Row<'sync_cursor'>['kind'][],
  now: Date,
): Promise<void> {
  await sql`
    insert into sync_cursor (tenant_id, account_id, kind, next_due_at)
    select ${tenantId}, ${accountId}, kind, ${now} from unnest(${kinds}::text[]) as kind
    on conflict (tenant_id, account_id, kind) do update set next_due_at = excluded.next_due_at`.execute(trx);
}

/** Lists the messages of the accounts now, because a push did not tell them. */
export async function listMessagesSoon(
  trx: Trx,
  accounts: readonly { readonly tenantId: TenantId; readonly id: ChannelAccountId }[],
  now: Date,
): Promise<void> {
  if (accounts.length === 0) return;
  await sql`
    update sync_cursor c set next_due_at = ${now}
    from unnest(${accounts.map((a) => a.tenantId)}::uuid[], ${accounts.map((a) => a.id)}::uuid[]) as a (tenant_id, id)
    where c.tenant_id = a.tenant_id and c.account_id = a.id and c.kind = 'messages'`.execute(trx);
}

/** The polls of an account are due an interval after the last ones. */
export async function moveSyncs(
  trx: Trx,
  { tenant_id, id }: Pick<AccountRow, 'tenant_id' | 'id'>,
  everySeconds: number,
  now: Date,
): Promise<void> {
  await sql`
    update sync_cursor set next_due_at =
      greatest(${now}::timestamptz, coalesce(last_succeeded_at, ${now}::timestamptz) + ${everySeconds} * interval '1 second')
    where tenant_id = ${tenant_id} and account_id = ${id}`.execute(trx);
}
