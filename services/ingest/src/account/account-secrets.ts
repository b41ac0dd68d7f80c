import type { Channel } from '@crossdesk/channels';
import type { Credentials, WebhookAddress } from '@crossdesk/channels/adapters';
import type { TenantId } from '@crossdesk/contracts';
import { seal, type SealedPlace, unseal } from '@crossdesk/service-kit';
import { createHash, randomBytes } from 'node:crypto';
import type { ChannelAppRow } from './channel-app.store.ts';
import type { IngestDeps } from '../deps.ts';
import type { WebhookAddressId } from '../ids.ts';
import type { AccountRow } from './account.store.ts';
import type { ConnectedAccount } from './connected-account.ts';

export type SecretDeps = Pick<IngestDeps, 'sealingKey' | 'publicWebhookUrl'>;

/** The owner of the secrets: sealed text opens only in the row it was sealed for. */
export interface SecretPlace {
  readonly table: 'channel_account' | 'channel_app';
  readonly tenantId: TenantId;
  readonly id: WebhookAddressId;
}

/** The secret part of an address: random, so that nobody can guess it. */
export function newSecretToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Tokens are looked up by their hash, so that nobody can use the table alone to deliver. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function sealToken(deps: SecretDeps, place: SecretPlace, token: string): Buffer {
  return seal(deps.sealingKey, placeOf(place, 'sealed_token'), token);
}

export function sealCredentials(deps: SecretDeps, place: SecretPlace, credentials: Credentials): Buffer {
  return seal(deps.sealingKey, placeOf(place, 'sealed_credentials'), JSON.stringify(credentials));
}

function unsealCredentials(deps: SecretDeps, place: SecretPlace, sealed: Buffer): Credentials {
  // Only this service seals this column, so the opened text has the shape that was sealed.
  return JSON.parse(unseal(deps.sealingKey, placeOf(place, 'sealed_credentials'), sealed)) as Credentials;
}

export function accountPlace({ tenant_id: tenantId, id }: Pick<AccountRow, 'tenant_id' | 'id'>): SecretPlace {
  return { table: 'channel_account', tenantId, id };
}

export function appPlace({ tenant_id: tenantId, id }: Pick<ChannelAppRow, 'tenant_id' | 'id'>): SecretPlace {
  return { table: 'channel_app', tenantId, id };
}

function webhookUrl(deps: SecretDeps, place: SecretPlace, row: { channel: Channel; sealed_token: Buffer }): string {
  const token = unseal(deps.sealingKey, placeOf(place, 'sealed_token'), row.sealed_token);
  return `${deps.publicWebhookUrl}/webhooks/${row.channel}/${token}`;
}

export function webhookUrlOf(deps: SecretDeps, row: AccountRow): string {
  return webhookUrl(deps, accountPlace(row), row);
}

export function webhookUrlOfApp(deps: SecretDeps, row: ChannelAppRow): string {
  return webhookUrl(deps, appPlace(row), row);
}

export function credentialsOfApp(deps: SecretDeps, row: ChannelAppRow): Credentials {
  return unsealCredentials(deps, appPlace(row), row.sealed_credentials);
}

/** The address a platform sends the browser to after the seller has agreed. */
export function redirectUrlOf({ publicWebhookUrl }: Pick<SecretDeps, 'publicWebhookUrl'>, channel: Channel): string {
  return `${publicWebhookUrl}/authorisations/${channel}`;
}

/** The address that takes the deliveries of all accounts of an app. */
export function openAppAddress(deps: SecretDeps, row: ChannelAppRow): WebhookAddress {
  return {
    webhookUrl: webhookUrlOfApp(deps, row),
    credentials: credentialsOfApp(deps, row),
    externalAccountId: null,
  };
}

/** The account with its secrets opened, those of its app among them. */
export function openAccount(deps: SecretDeps, row: AccountRow): ConnectedAccount {
  const own = unsealCredentials(deps, accountPlace(row), row.sealed_credentials);
  return {
    id: row.id,
    tenantId: row.tenant_id,
    channel: row.channel,
    country: row.country,
    externalAccountId: row.external_account_id,
    webhookUrl: webhookUrlOf(deps, row),
    baseUrls: { api: row.api_base_url, auth: row.auth_base_url },
    credentials: { ...appCredentialsOf(deps, row), ...own },
  };
}

/** The credentials that the account has from its app; empty for an account without one. */
function appCredentialsOf(deps: SecretDeps, row: AccountRow): Credentials {
  const { app_id: id, app_sealed_credentials: sealed, tenant_id } = row;
  return id === null || sealed === null ? {} : unsealCredentials(deps, appPlace({ tenant_id, id }), sealed);
}

function placeOf({ tenantId, table, id }: SecretPlace, column: SealedPlace['column']): SealedPlace {
  return { tenantId, table, column, row: id };
}
