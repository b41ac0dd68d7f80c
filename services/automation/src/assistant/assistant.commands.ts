import { firstIdAt, newId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Keyring,
  type Outcome,
  refuse,
  seal,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { AssistantId, Connection } from './assistant.domain.ts';
import { type AssistantRow, deleteAssistant, lockAssistant, saveAssistant } from './assistant.store.ts';
import { placeOf } from './assistant-row.ts';

interface Deps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'clock'>;
  readonly sealingKey: Keyring;
}

/** Connects the model of a workspace, or replaces all its settings. */
export async function connectAssistant(
  { runtime, sealingKey }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { apiKey, limits, price, ...connection }: Connection,
): Promise<Outcome<AssistantRow, never>> {
  const known = await lockAssistant(trx, tenantId);
  const now = runtime.clock.now();
  const mayClassify = connection.purposes.includes('classify');
  // Only messages from now on: nobody asked for those before.
  const begins = known?.purposes.includes('classify') === true ? known.classified_to : firstIdAt(now);
  const owner = { tenant_id: tenantId, id: known?.id ?? newId<AssistantId>() };
  const row: AssistantRow = {
    ...owner,
    base_url: connection.baseUrl,
    model: connection.model,
    sealed_key: apiKey === null ? null : seal(sealingKey, placeOf(owner), apiKey),
    purposes: [...connection.purposes],
    tokens_per_month_max: limits.tokens,
    cost_per_month_max: limits.cost,
    currency: price?.currency ?? null,
    input_price: price?.input ?? null,
    output_price: price?.output ?? null,
    // Another budget may be reached once more.
    alarmed_month: null,
    classified_to: begins,
    classify_due_at: mayClassify ? now : null,
    version: (known?.version ?? 0) + 1,
    event_version: known?.event_version ?? 0,
    connected_at: known?.connected_at ?? now,
  };
  await saveAssistant(trx, row);
  return changed(row, row.id);
}

export const noAssistant = refuse('NOT_FOUND', null, 'No model is connected: use connectAssistant.');

/** Forgets the model with its key. What it used stays counted. */
export async function disconnectAssistant({
  trx,
  actor: { tenantId },
}: CommandCall<DB>): Promise<Outcome<AssistantRow, 'NOT_FOUND'>> {
  const row = await lockAssistant(trx, tenantId);
  if (row === null) return noAssistant;
  await deleteAssistant(trx, tenantId);
  return changed(row, row.id);
}
