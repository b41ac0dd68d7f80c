import { type Keyring, seal, type SealedPlace, unseal } from '@crossdesk/service-kit';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { EndpointRow } from './endpoint.store.ts';

type Owner = Pick<EndpointRow, 'tenant_id' | 'id'>;

/** A secret as Standard Webhooks writes it. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function sealSecret(key: Keyring, owner: Owner, secret: string): Buffer {
  return seal(key, placeOf(owner, 'sealed_secret'), secret);
}

export function sealPreviousSecret(key: Keyring, owner: Owner, secret: string): Buffer {
  return seal(key, placeOf(owner, 'sealed_previous_secret'), secret);
}

export function secretOf(key: Keyring, row: EndpointRow): string {
  return unseal(key, placeOf(row, 'sealed_secret'), row.sealed_secret);
}

/** Signs with every secret that is valid, the newest first. */
export function signatureOf(
  key: Keyring,
  row: EndpointRow,
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
): string {
  const { sealed_previous_secret: previous, previous_secret_until: until } = row;
  const isPreviousValid = previous !== null && until !== null && until > at;
  const secrets = [
    secretOf(key, row),
    ...(isPreviousValid ? [unseal(key, placeOf(row, 'sealed_previous_secret'), previous)] : []),
  ];
  return secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' ');
}

function placeOf({ tenant_id: tenantId, id }: Owner, column: SealedPlace['column']): SealedPlace {
  return { tenantId, table: 'webhook_endpoint', column, row: id };
}
