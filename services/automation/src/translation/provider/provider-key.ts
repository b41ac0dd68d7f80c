import { type Keyring, seal, type SealedPlace, unseal } from '@crossdesk/service-kit';
import type { EngineAccess } from '../engines/engine.port.ts';
import type { ProviderRow } from './provider.store.ts';

type Owner = Pick<ProviderRow, 'tenant_id' | 'id'>;

export function sealKey(keyring: Keyring, owner: Owner, apiKey: string): Buffer {
  return seal(keyring, placeOf(owner), apiKey);
}

/** The engine with its key opened. */
export function openAccess(keyring: Keyring, row: ProviderRow): EngineAccess {
  const { base_url: baseUrl, region, model, sealed_key: sealed } = row;
  return { baseUrl, region, model, apiKey: sealed === null ? null : unseal(keyring, placeOf(row), sealed) };
}

function placeOf({ tenant_id: tenantId, id }: Owner): SealedPlace {
  return { tenantId, table: 'translation_provider', column: 'sealed_key', row: id };
}
