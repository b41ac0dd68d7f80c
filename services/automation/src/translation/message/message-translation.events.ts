import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { DraftRow } from '../draft/draft.store.ts';
import type { Translation } from '../translation.domain.ts';
import type { MessageTranslationRow } from './message-translation.store.ts';

export function messageTranslated(
  aggregate: LockedAggregate,
  row: MessageTranslationRow,
  { state, engine }: Pick<Translation, 'state' | 'engine'>,
  origin: Origin,
): EventDraft<'automation.message-translated'> {
  return {
    aggregate,
    type: 'automation.message-translated',
    origin,
    data: {
      conversationId: row.conversation_id,
      messageId: row.message_id,
      sourceLocale: row.source_locale,
      targetLocale: row.target_locale,
      state,
      engine,
    },
  };
}

export function translationCorrected(
  aggregate: LockedAggregate,
  row: DraftRow,
  origin: Origin,
): EventDraft<'automation.translation-corrected'> {
  return {
    aggregate,
    type: 'automation.translation-corrected',
    origin,
    data: {
      conversationId: row.conversation_id,
      translationId: row.id,
      sourceLocale: row.source_locale,
      targetLocale: row.target_locale,
      engine: row.engine,
      editDistance: row.edit_distance,
    },
  };
}
