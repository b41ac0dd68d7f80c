import { newId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import type { GlossaryTermId } from '../ids.ts';
import { deleteTerm, lockTerm, saveTerm, type TermRow, termsPerPairMax } from './glossary.store.ts';

export interface TermContent {
  readonly sourceLocale: string;
  readonly targetLocale: string;
  readonly source: string;
  /** Null: it is not translated. */
  readonly target: string | null;
  readonly isCaseSensitive: boolean;
}

const termCharactersMax = 200;
const noLocale = 'This is no language: write BCP 47, for instance pt-BR.';

/** Decodes what people write. */
export function readTerm(content: TermContent): Decision<TermContent, 'INVALID_INPUT'> {
  const [sourceLocale, targetLocale] = [canonicalLocale(content.sourceLocale), canonicalLocale(content.targetLocale)];
  if (sourceLocale === null) return refuse('INVALID_INPUT', 'sourceLocale', noLocale);
  if (targetLocale === null) return refuse('INVALID_INPUT', 'targetLocale', noLocale);
  const malformed =
    refuseText('source', content.source, termCharactersMax) ??
    (content.target === null ? null : refuseText('target', content.target, termCharactersMax));
  if (malformed !== null) return malformed;
  const { source, target, isCaseSensitive } = content;
  return accept({ sourceLocale, targetLocale, source: source.trim(), target: target?.trim() ?? null, isCaseSensitive });
}

/** Creates the term of these words, or replaces it. */
export async function upsertTerm(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { content, expectedVersion }: { readonly content: TermContent; readonly expectedVersion: number | null },
): Promise<Outcome<TermRow, 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const { present, count } = await lockTerm(trx, tenantId, content);
  const isSame = present?.target === content.target && present.is_case_sensitive === content.isCaseSensitive;
  if (present !== null && isSame) return unchanged(present);
  if (present === null && expectedVersion !== null)
    return refuse('NOT_FOUND', 'source', 'There is no such term: leave expectedVersion out to create it.');
  if (present !== null && present.version !== expectedVersion) {
    const message = `The term is at version ${present.version} now: read it, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  if (present === null && count >= termsPerPairMax)
    return refuse('INVALID_INPUT', null, `There are ${count} terms for these languages: delete some first.`);
  const row: TermRow = {
    tenant_id: tenantId,
    id: present?.id ?? newId<GlossaryTermId>(),
    source_locale: content.sourceLocale,
    target_locale: content.targetLocale,
    source: content.source,
    target: content.target,
    is_case_sensitive: content.isCaseSensitive,
    version: (present?.version ?? 0) + 1,
    updated_at: clock.now(),
  };
  await saveTerm(trx, row);
  return changed(row, row.id);
}

export async function removeTerm(
  { trx, actor: { tenantId } }: CommandCall<DB>,
  id: GlossaryTermId,
): Promise<Outcome<TermRow, 'NOT_FOUND'>> {
  const row = await deleteTerm(trx, tenantId, id);
  if (row === null)
    return refuse('NOT_FOUND', 'termId', 'There is no term with this id here: take it from glossaryTerms.');
  return changed(row, row.id);
}
