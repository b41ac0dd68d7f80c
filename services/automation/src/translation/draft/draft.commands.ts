import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  refuseText,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { detectLanguage } from '../../language/detect-language.ts';
import type { TranslationDraftId } from '../ids.ts';
import { translateText, type TranslateDeps } from '../translate-text.ts';
import type { TextToTranslate, Translation } from '../translation.domain.ts';
import { languageOfConversation } from '../../analysis/analysis.store.ts';
import { type DraftRow, findSameDraft, insertDraft } from './draft.store.ts';

export interface DraftRequest {
  readonly conversationId: ConversationId;
  readonly text: string;
  readonly sourceLocale: string | null;
  readonly targetLocale: string | null;
}

/** A reply with its translation, ready to be written down. */
export interface PreparedDraft extends TextToTranslate {
  readonly conversationId: ConversationId;
  /** Null: the same reply was translated a moment ago. */
  readonly translation: Translation | null;
}

type Code = 'INVALID_INPUT' | 'NOT_FOUND';

const textCharactersMax = 4_000;
/** All engines together: a person waits for it. */
const waitMsMax = 6_000;
/** A repeated request gets the first proposal. */
const sameForMs = 600_000;
const sureConfidence = 0.5;

/** Finds out both languages and asks the engines, outside of any transaction. */
export async function prepareDraft(
  deps: TranslateDeps,
  tenantId: TenantId,
  { conversationId, ...request }: DraftRequest,
): Promise<Decision<PreparedDraft, Code>> {
  const malformed = refuseText('text', request.text, textCharactersMax);
  if (malformed !== null) return malformed;
  const { db, clock } = deps.runtime;
  const conversation = await db.forTenant(tenantId, (trx) => languageOfConversation(trx, tenantId, conversationId));
  if (!conversation.isKnown) return noConversation;
  const languages = languagesOf(request, conversation.locale);
  if (!languages.ok) return languages;
  const wanted = { text: request.text, ...languages.value };
  const since = new Date(clock.now().getTime() - sameForMs);
  const same = { ...keyOf(wanted), tenantId, conversationId, since };
  const earlier = await db.forTenant(tenantId, (trx) => findSameDraft(trx, same));
  if (earlier !== null) return accept({ conversationId, ...wanted, translation: null });
  const translation = await translateText(deps, tenantId, wanted, AbortSignal.timeout(waitMsMax));
  return accept({ conversationId, ...wanted, translation });
}

const noConversation = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no such conversation here, or it has no messages yet.',
);

function languagesOf(
  { text, sourceLocale, targetLocale }: Pick<DraftRequest, 'text' | 'sourceLocale' | 'targetLocale'>,
  ofConversation: string | null,
): Decision<{ readonly source: string; readonly target: string }, Code> {
  const target = targetLocale === null ? ofConversation : canonicalLocale(targetLocale);
  if (target === null)
    return refuse('INVALID_INPUT', 'targetLocale', 'The language is not known: write BCP 47, for instance pt-BR.');
  const found = detectLanguage(text);
  const detected = found.confidence >= sureConfidence ? found.language : null;
  const source = sourceLocale === null ? detected : canonicalLocale(sourceLocale);
  if (source === null)
    return refuse(
      'INVALID_INPUT',
      'sourceLocale',
      'The language of the text is not known: write BCP 47, for instance zh-CN.',
    );
  return accept({ source, target });
}

function keyOf({ text, source, target }: TextToTranslate) {
  return { source: text, sourceLocale: source, targetLocale: target };
}

/** Writes a proposal down, so that it can be approved. */
export async function recordDraft(
  { runtime: { clock } }: Pick<TranslateDeps, 'runtime'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { conversationId, translation, ...wanted }: PreparedDraft,
): Promise<Outcome<DraftRow, never>> {
  const now = clock.now();
  const since = new Date(now.getTime() - sameForMs);
  const earlier = await findSameDraft(trx, { ...keyOf(wanted), tenantId, conversationId, since });
  if (earlier !== null) return unchanged(earlier);
  const { state, text: target, engine, findings, attempts } = translation ?? nothing;
  const { source, sourceLocale, targetLocale } = keyOf(wanted);
  const row: DraftRow = {
    tenant_id: tenantId,
    id: newId<TranslationDraftId>(),
    conversation_id: conversationId,
    source_locale: sourceLocale,
    target_locale: targetLocale,
    source,
    target,
    state,
    engine,
    findings: [...findings],
    attempts: [...attempts],
    created_at: now,
    approved_text: null,
    approved_at: null,
    edit_distance: null,
    message_id: null,
    version: 1,
  };
  await insertDraft(trx, row);
  return changed(row, row.id);
}

/** The earlier proposal was erased between the two steps. */
const nothing: Translation = { state: 'none', text: null, engine: null, findings: [], attempts: [] };
