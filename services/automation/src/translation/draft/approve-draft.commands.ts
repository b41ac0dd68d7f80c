import {
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { lockForEvents } from '../../analysis/analysis.store.ts';
import type { DB } from '../../db.ts';
import { termsFor } from '../glossary/glossary.store.ts';
import type { TranslationDraftId } from '../ids.ts';
import { editDistance, type Pattern, patternOf } from '../memory/memory.domain.ts';
import { saveUnits } from '../memory/memory.store.ts';
import { translationCorrected } from '../message/message-translation.events.ts';
import { termsIn } from '../text/glossary.domain.ts';
import { languageOf } from '../text/locale.domain.ts';
import { segment } from '../text/segment.domain.ts';
import { sourceOf } from '@crossdesk/outgoing-lint/text';
import { type DraftRow, lockDraft, saveApproval } from './draft.store.ts';

const textCharactersMax = 8_000;

/** Keeps the text that a person approved, measures what they changed, and feeds the memory with its sentences. */
export async function approveDraft(
  { clock, outbox }: Pick<ServiceRuntime<DB>, 'clock' | 'outbox'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { id, text }: { readonly id: TranslationDraftId; readonly text: string },
): Promise<Outcome<DraftRow, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const malformed = refuseText('text', text, textCharactersMax);
  if (malformed !== null) return malformed;
  const draft = await lockDraft(trx, tenantId, id);
  if (draft === null || draft.source === '')
    return refuse('NOT_FOUND', 'translationId', 'There is no such translation here: take the id from translateDraft.');
  if (draft.approved_text === text) return unchanged(draft);
  const now = clock.now();
  const row: DraftRow = {
    ...draft,
    approved_text: text,
    approved_at: now,
    // A person who wrote the whole translation says nothing about an engine.
    edit_distance: draft.target === null ? null : editDistance(draft.target.trim(), text.trim()),
    version: draft.version + 1,
  };
  await saveApproval(trx, row);
  const pair = { source: languageOf(row.source_locale), target: languageOf(row.target_locale) };
  if (pair.source !== pair.target) {
    const terms = await termsFor(trx, tenantId, row.source_locale, row.target_locale);
    const units = sentencePatterns(row, text, terms).map((pattern) => ({
      ...pattern,
      isApproved: true,
      origin: 'edit' as const,
      conversationId: row.conversation_id,
    }));
    await saveUnits(trx, tenantId, pair, units, now);
  }
  const [aggregate] = await lockForEvents(trx, [{ tenantId, conversationId: row.conversation_id }]);
  if (aggregate !== undefined) await outbox.append(trx, [translationCorrected(aggregate, row, origin)]);
  return changed(row, row.id);
}

/** Sentence by sentence, if both texts have as many; what cannot be used for other values is left out. */
function sentencePatterns(draft: DraftRow, text: string, terms: Parameters<typeof termsIn>[1]): Pattern[] {
  const source = segment(draft.source, draft.source_locale, termsIn(draft.source, terms)).segments;
  const target = segment(text, draft.target_locale).segments;
  if (source.length !== target.length) return [];
  return source.flatMap(({ pieces }, index) => patternOf(pieces, sourceOf(target[index]?.pieces ?? [])) ?? []);
}
