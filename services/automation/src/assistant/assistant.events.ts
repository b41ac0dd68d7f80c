import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { AssistantRow } from './assistant.store.ts';
import type { Used } from './budget.domain.ts';

export function budgetReached(
  aggregate: LockedAggregate,
  { model, currency, tokens_per_month_max, cost_per_month_max }: AssistantRow,
  { month, share, used }: { readonly month: string; readonly share: number; readonly used: Used },
  origin: Origin,
): EventDraft<'automation.assistant-budget-reached'> {
  return {
    aggregate,
    type: 'automation.assistant-budget-reached',
    origin,
    data: {
      model,
      month,
      share,
      tokens: used.tokens,
      tokensPerMonthMax: tokens_per_month_max,
      cost: currency === null ? null : used.micros / 1_000_000,
      costPerMonthMax: cost_per_month_max,
      currency,
    },
  };
}
