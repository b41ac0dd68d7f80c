import { leavesOf } from '@crossdesk/condition';
import { containsPhrase, type Phrase, readPhrase, readText } from './phrase.domain.ts';
import { noRules, type RuleSet, type RuleVersion, type Trigger } from './rule.domain.ts';

/** A rule set with what is read from it once. */
export interface CompiledSet extends RuleSet {
  readonly phrases: ReadonlyMap<string, Phrase>;
  /** The triggers of rules that are not off. */
  readonly triggers: ReadonlySet<Trigger>;
  /** The rules that are not off and look later. */
  readonly delayed: readonly RuleVersion[];
}

export function compile(set: RuleSet): CompiledSet {
  const active = set.rules.filter(({ mode }) => mode !== 'off');
  const written = active
    .flatMap(({ condition }) => leavesOf(condition))
    .flatMap(({ leaf }) => (leaf.op === 'contains' ? leaf.values : []));
  const phrases = new Map<string, Phrase>();
  for (const value of written) {
    const phrase = readPhrase(value);
    if (phrase !== null) phrases.set(value, phrase);
  }
  const delayed = active.filter(({ afterMinutes }) => afterMinutes !== null);
  return { ...set, phrases, triggers: new Set(active.map(({ trigger }) => trigger)), delayed };
}

export const emptySet = compile(noRules);

/** The phrases of the set that a text has; null for no text. */
export function phrasesIn({ phrases }: CompiledSet, text: string | null, language: string | null): string[] | null {
  if (text === null) return null;
  if (phrases.size === 0) return [];
  const read = readText(text);
  return [...phrases].flatMap(([value, phrase]) => (containsPhrase(read, language, phrase) ? [value] : []));
}
