import type { SealedPlace } from '@crossdesk/service-kit';
import type { AssistantRow } from './assistant.store.ts';
import type { Limits, Price } from './budget.domain.ts';

export function limitsOf({ tokens_per_month_max: tokens, cost_per_month_max: cost }: AssistantRow): Limits {
  return { tokens, cost };
}

/** Null: the price is not known. */
export function priceOf({ currency, input_price: input, output_price: output }: AssistantRow): Price | null {
  return currency === null || input === null || output === null ? null : { currency, input, output };
}

export function placeOf({ tenant_id: tenantId, id }: Pick<AssistantRow, 'tenant_id' | 'id'>): SealedPlace {
  return { tenantId, table: 'assistant', column: 'sealed_key', row: id };
}
