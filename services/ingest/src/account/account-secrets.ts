import { seal, type SealedPlace, unseal } from '@crossdesk/service-kit';
import { createHash, randomBytes } from 'node:crypto';
import type { ChannelAccount, Credentials } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountRow } from './account.store.ts';

type SecretDeps = Pick<IngestDeps, 'sealingKey' | 'publicWebhookUrl'>;
type AccountPlace = Pick<AccountRow, 'tenant_id' | 'id'>;

export function newWebhookToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Tokens are looked up by their hash, so that the table alone opens no door. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function sealToken(deps: SecretDeps, place: AccountPlace, token: string): Buffer {
  return seal(deps.sealingKey, placeOf(place, 'sealed_token'), token);
}

export function sealCredentials(deps: SecretDeps, place: AccountPlace, credentials: Credentials): Buffer {
  return seal(deps.sealingKey, placeOf(place, 'sealed_credentials'), JSON.stringify(credentials));
}

export function webhookUrlOf(deps: SecretDeps, row: AccountRow): string {
  const token = unseal(deps.sealingKey, placeOf(row, 'sealed_token'), row.sealed_token);
  return `${deps.publicWebhookUrl}/webhooks/${row.channel}/${token}`;
}

/** The account with its secrets opened: to be kept no longer than a call takes. */
export function openAccount(deps: SecretDeps, row: AccountRow): ChannelAccount {
  // Only this service seals this column, so what it opens is the record that was sealed.
  const credentials = JSON.parse(
    unseal(deps.sealingKey, placeOf(row, 'sealed_credentials'), row.sealed_credentials),
  ) as Credentials;
  return {
    id: row.id,
    tenantId: row.tenant_id,
    channel: row.channel,
    externalAccountId: row.external_account_id,
    webhookUrl: webhookUrlOf(deps, row),
    baseUrls: { api: row.api_base_url, auth: row.auth_base_url },
    credentials,
  };
}

function placeOf({ tenant_id, id }: AccountPlace, column: string): SealedPlace {
  return { tenantId: tenant_id, table: 'channel_account', column, row: id };
}
