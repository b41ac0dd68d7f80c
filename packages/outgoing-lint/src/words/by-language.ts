import { type Phrases, phrasesOf, type Words } from '../text/phrases.ts';

/** The phrases of each language, by its code. */
export function byLanguage(words: Words): ReadonlyMap<string, Phrases> {
  return new Map(Object.entries(words).map(([language, list]) => [language, phrasesOf(list)]));
}
