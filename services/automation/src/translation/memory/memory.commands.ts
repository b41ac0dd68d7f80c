import { newId, type TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import type { TmUnitId } from '../ids.ts';
import { languageOf } from '../text/locale.domain.ts';
import { fill, importedPattern, type Pattern, similarity, similarityMin, sourcePattern } from './memory.domain.ts';
import { findSimilar, type LanguagePair, listUnits, saveUnits } from './memory.store.ts';
import { readTmx, TmxError, writeTmx } from './tmx.domain.ts';
import { segment } from '../text/segment.domain.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;
type Reading = Pick<ServiceRuntime<DB>, 'db'>;

const unitsMax = 5_000;
const unitCharactersMax = 4_000;

export interface CheckedImport {
  readonly pair: LanguagePair;
  readonly patterns: readonly Pattern[];
  readonly areApproved: boolean;
  /** Units in other languages, empty or too long ones, and those whose numbers and names differ. */
  readonly skipped: number;
}

export interface ImportRequest {
  readonly tmx: string;
  readonly sourceLocale: string;
  readonly targetLocale: string;
  readonly areApproved: boolean;
}

/** Reads a TMX file for two languages. */
export function readImport({ tmx, areApproved, ...locales }: ImportRequest): Decision<CheckedImport, 'INVALID_INPUT'> {
  const pair = readPair(locales);
  if (!pair.ok) return pair;
  try {
    const units = readTmx(tmx);
    if (units.length > unitsMax)
      return refuse('INVALID_INPUT', 'tmx', `The file has ${units.length} units: import at most ${unitsMax} at once.`);
    const patterns = units.flatMap(({ texts }) => patternIn(texts, pair.value) ?? []);
    return accept({ pair: pair.value, patterns, areApproved, skipped: units.length - patterns.length });
  } catch (error) {
    if (error instanceof TmxError) return refuse('INVALID_INPUT', 'tmx', error.message);
    throw error;
  }
}

function readPair(locales: { sourceLocale: string; targetLocale: string }): Decision<LanguagePair, 'INVALID_INPUT'> {
  const [source, target] = [canonicalLocale(locales.sourceLocale), canonicalLocale(locales.targetLocale)];
  if (source === null) return refuse('INVALID_INPUT', 'sourceLocale', noLocale);
  if (target === null) return refuse('INVALID_INPUT', 'targetLocale', noLocale);
  return accept({ source: languageOf(source), target: languageOf(target) });
}

const noLocale = 'This is no language: write BCP 47, for instance pt-BR.';

function patternIn(texts: ReadonlyMap<string, string>, { source, target }: LanguagePair): Pattern | null {
  const textIn = (language: string) => {
    for (const [name, text] of texts) {
      const locale = canonicalLocale(name.replaceAll('_', '-'));
      if (locale !== null && languageOf(locale) === language) return text.trim();
    }
    return '';
  };
  const [from, to] = [textIn(source), textIn(target)];
  const isUsable = [from, to].every((text) => text !== '' && text.length <= unitCharactersMax);
  return isUsable ? importedPattern(from, to) : null;
}

/** Adds sentences to the memory. */
export async function importMemory(
  { clock }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { pair, patterns, areApproved, skipped }: CheckedImport,
): Promise<Outcome<{ readonly imported: number; readonly skipped: number }, never>> {
  const units = patterns.map((pattern) => ({
    ...pattern,
    isApproved: areApproved,
    origin: 'import' as const,
    conversationId: null,
  }));
  const imported = await saveUnits(trx, tenantId, pair, units, clock.now());
  return changed({ imported, skipped: skipped + units.length - imported }, newId());
}

export interface ExportRequest {
  readonly sourceLocale: string;
  readonly targetLocale: string;
  readonly first: number;
  readonly after: TmUnitId | null;
}

/** A part of the memory as a TMX file; null for a language that is none. */
export async function exportMemory({ db }: Reading, tenantId: TenantId, { first, after, ...locales }: ExportRequest) {
  const pair = readPair(locales);
  if (!pair.ok) return null;
  const rows = await db.forTenant(tenantId, (trx) => listUnits(trx, tenantId, pair.value, { first, after }));
  const page = rows.slice(0, first);
  const pairs = page.map(({ source, target, is_approved: isApproved, changed_at: changedAt }) => ({
    ...{ source, target, isApproved, changedAt },
  }));
  return {
    tmx: writeTmx(pair.value.source, pair.value.target, pairs),
    unitCount: page.length,
    hasNextPage: rows.length > first,
    endCursor: page.at(-1)?.id ?? null,
  };
}

export interface Match {
  readonly source: string;
  readonly target: string;
  readonly similarity: number;
  readonly isApproved: boolean;
}

const matchesMax = 5;

/** Sentences of the memory that are nearly those of a text, with the values of the text. The best ones come first. */
export async function matchesFor(
  { db }: Reading,
  tenantId: TenantId,
  { text, source, target }: { readonly text: string; readonly source: string; readonly target: string },
): Promise<Match[]> {
  const pair = { source: languageOf(source), target: languageOf(target) };
  const { segments } = segment(text, source);
  const found = await db.forTenant(tenantId, async (trx) => {
    const matches: Match[] = [];
    for (const { pieces } of segments.slice(0, sentencesMax)) {
      const pattern = sourcePattern(pieces);
      for (const unit of await findSimilar(trx, tenantId, pair, pattern)) {
        const score = similarity(pattern, unit.source);
        const filled = score < similarityMin ? null : fill(unit.target, pieces);
        if (filled !== null)
          matches.push({
            ...{ source: fill(unit.source, pieces) ?? unit.source, target: filled },
            ...{ similarity: score, isApproved: unit.is_approved },
          });
      }
    }
    return matches;
  });
  return found.toSorted((one, other) => other.similarity - one.similarity).slice(0, matchesMax);
}

const sentencesMax = 10;
