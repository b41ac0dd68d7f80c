import type { Channel } from '@crossdesk/channels';
import type { TenantId } from '@crossdesk/contracts';
import { countRows, type NamePlace } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { ChannelAppId } from '../ids.ts';

export type ChannelAppRow = Omit<Row<'channel_app'>, 'token_hash'>;

const columns = [
  ...(['tenant_id', 'id', 'channel', 'display_name', 'sealed_token', 'sealed_credentials'] as const),
  ...(['api_base_url', 'auth_base_url', 'registered_at'] as const),
] as const;

/** The app of a webhook address; the tenant is not known yet. */
export async function findAppByToken(trx: Trx, tokenHash: Buffer): Promise<ChannelAppRow | null> {
  const row = await trx
    .selectFrom('channel_app')
    .select(columns)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row ?? null;
}

export async function findApps(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<ChannelAppRow[]> {
  return trx
    .selectFrom('channel_app')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
}

/** The apps of a workspace by name, one more than asked for. */
export async function listApps(
  trx: Trx,
  tenantId: TenantId,
  { first, after }: { readonly first: number; readonly after: NamePlace | null },
): Promise<ChannelAppRow[]> {
  const behind =
    after === null ? sql<boolean>`true` : sql<boolean>`(display_name, id) > (${after.name}, ${after.id}::uuid)`;
  return trx
    .selectFrom('channel_app')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where(behind)
    .orderBy('display_name')
    .orderBy('id')
    .limit(first + 1)
    .execute();
}

export function countApps(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from channel_app where tenant_id = ${tenantId}`);
}

/** Locks the app of a channel that has this name in the workspace; null when there is none. */
export async function lockAppByName(
  trx: Trx,
  tenantId: TenantId,
  channel: Channel,
  displayName: string,
): Promise<ChannelAppRow | null> {
  const row = await trx
    .selectFrom('channel_app')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where('channel', '=', channel)
    .where('display_name', '=', displayName)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export interface NewChannelApp {
  readonly tenantId: TenantId;
  readonly id: ChannelAppId;
  readonly channel: Channel;
  readonly displayName: string;
  readonly tokenHash: Buffer;
  readonly sealedToken: Buffer;
  readonly sealedCredentials: Buffer;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

/** Inserts an app; null when one with this name was registered meanwhile. */
export async function insertApp(trx: Trx, app: NewChannelApp): Promise<ChannelAppRow | null> {
  const row = await trx
    .insertInto('channel_app')
    .values({
      tenant_id: app.tenantId,
      id: app.id,
      channel: app.channel,
      display_name: app.displayName,
      token_hash: app.tokenHash,
      sealed_token: app.sealedToken,
      sealed_credentials: app.sealedCredentials,
      api_base_url: app.apiBaseUrl,
      auth_base_url: app.authBaseUrl,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'channel', 'display_name']).doNothing())
    .returning(columns)
    .executeTakeFirst();
  return row ?? null;
}

/** Replaces the credentials and addresses of a registered app. */
export async function saveApp(
  trx: Trx,
  { tenant_id, id }: ChannelAppRow,
  change: Pick<NewChannelApp, 'sealedCredentials' | 'apiBaseUrl' | 'authBaseUrl'>,
): Promise<ChannelAppRow> {
  // The accounts of an app are reached where the app is.
  await trx
    .updateTable('channel_account')
    .set({ api_base_url: change.apiBaseUrl, auth_base_url: change.authBaseUrl })
    .where('tenant_id', '=', tenant_id)
    .where('app_id', '=', id)
    .execute();
  return trx
    .updateTable('channel_app')
    .set({
      sealed_credentials: change.sealedCredentials,
      api_base_url: change.apiBaseUrl,
      auth_base_url: change.authBaseUrl,
    })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow();
}
