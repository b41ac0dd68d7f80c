import {
  changed,
  type CommandCall,
  type Outcome as Result,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { lockForEvents } from '../analysis/analysis.store.ts';
import type { DB, Row } from '../db.ts';
import type { SuggestionId } from './suggestion.domain.ts';
import type { Outcome } from './suggestion.domain.ts';
import { suggestionSettled } from './suggestion.events.ts';
import { lockSuggestion, settle } from './suggestion.store.ts';

export interface SettleInput {
  readonly suggestionId: SuggestionId;
  readonly outcome: Outcome;
}

export interface Settled {
  readonly id: SuggestionId;
  readonly outcome: Outcome;
}

/** Records what a person made of a suggestion, once. */
export async function settleSuggestion(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { suggestionId: id, outcome }: SettleInput,
): Promise<Result<Settled, 'NOT_FOUND' | 'ALREADY_SETTLED'>> {
  const row = await lockSuggestion(trx, tenantId, id);
  if (row === null) return noSuggestion;
  if (row.outcome !== null) return row.outcome === outcome ? unchanged({ id, outcome }) : settledBefore(row);
  await settle(trx, row, outcome, clock.now());
  const [aggregate] = await lockForEvents(trx, [{ tenantId, conversationId: row.conversation_id }]);
  if (aggregate !== undefined)
    await outbox.append(trx, [suggestionSettled(aggregate, row, { outcome, isObserved: false }, origin)]);
  return changed({ id, outcome }, id);
}

const noSuggestion = refuse(
  'NOT_FOUND',
  'suggestionId',
  'There is no suggestion with this id: take one from suggestedReplies.',
);

function settledBefore({ outcome }: Pick<Row<'suggestion'>, 'outcome'>) {
  return refuse('ALREADY_SETTLED', 'outcome', `It is settled already: ${String(outcome)}.`);
}
