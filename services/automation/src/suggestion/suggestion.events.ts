import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Row } from '../db.ts';
import type { Outcome } from './suggestion.domain.ts';

export function suggestionSettled(
  aggregate: LockedAggregate,
  row: Row<'suggestion'>,
  { outcome, isObserved }: { readonly outcome: Outcome; readonly isObserved: boolean },
  origin: Origin,
): EventDraft<'automation.suggestion-settled'> {
  return {
    aggregate,
    type: 'automation.suggestion-settled',
    origin,
    data: {
      suggestionId: row.id,
      conversationId: row.conversation_id,
      messageId: row.message_id,
      sourceKind: row.source_kind,
      sourceId: row.source_id,
      outcome,
      isObserved,
    },
  };
}
