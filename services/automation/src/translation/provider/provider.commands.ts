import { newId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Keyring,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import type { TranslationProviderId } from '../ids.ts';
import { sealKey } from './provider-key.ts';
import type { CheckedProvider } from './provider.domain.ts';
import { deleteProvider, lockProviders, type ProviderRow, providersMax, saveProvider } from './provider.store.ts';

interface Deps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'clock'>;
  readonly sealingKey: Keyring;
}

/** Connects an engine. Connecting the same name again replaces its key and settings. */
export async function connectProvider(
  { runtime, sealingKey }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { apiKey, ...provider }: CheckedProvider,
): Promise<Outcome<ProviderRow, 'INVALID_INPUT'>> {
  const present = await lockProviders(trx, tenantId);
  const known = present.find((row) => row.display_name === provider.displayName);
  if (known === undefined && present.length >= providersMax)
    return refuse('INVALID_INPUT', null, `There are ${providersMax} engines already: disconnect one first.`);
  const owner = { tenant_id: tenantId, id: known?.id ?? newId<TranslationProviderId>() };
  const row: ProviderRow = {
    ...owner,
    kind: provider.kind,
    display_name: provider.displayName,
    base_url: provider.baseUrl,
    region: provider.region,
    model: provider.model,
    sealed_key: apiKey === null ? null : sealKey(sealingKey, owner, apiKey),
    position: provider.position,
    characters_per_day_max: provider.charactersPerDayMax,
    version: (known?.version ?? 0) + 1,
    connected_at: known?.connected_at ?? runtime.clock.now(),
  };
  await saveProvider(trx, row);
  return changed(row, row.id);
}

/** Forgets an engine with its key. */
export async function disconnectProvider(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  id: TranslationProviderId,
): Promise<Outcome<ProviderRow, 'NOT_FOUND'>> {
  const row = (await lockProviders(trx, tenantId)).find((one) => one.id === id);
  if (row === undefined)
    return refuse('NOT_FOUND', 'providerId', 'There is no such engine here: take the id from translationProviders.');
  await deleteProvider(trx, tenantId, id);
  return changed(row, row.id);
}
