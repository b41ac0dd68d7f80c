import type { Place } from '../finding.ts';

interface Phrase {
  readonly text: string;
  readonly isOpenBefore: boolean;
  readonly isOpenBehind: boolean;
}

export type Phrases = readonly Phrase[];

/** Phrases by language, parted by bars. `refund*` stands for words that begin so, `*refund` for those that end so. */
export type Words = Readonly<Record<string, string>>;

/** Scripts without blanks between words, and those that join articles and particles to a word. */
const isJoined =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Hebrew}]/u;
const isWordCharacter = /[\p{L}\p{M}\p{N}]/u;

export function phrasesOf(list: string): Phrases {
  return list
    .split('|')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const text = entry.replaceAll('*', '').normalize('NFKC').toLowerCase();
      const edge = (character: string | undefined) => isJoined.test(character ?? '');
      return {
        text,
        isOpenBefore: entry.startsWith('*') || edge(text[0]),
        isOpenBehind: entry.endsWith('*') || edge(text.at(-1)),
      };
    });
}

/** The phrases of all languages together: sellers mix languages, and the language of a text is not certain. */
export function phrasesOfAll(words: Words): Phrases {
  return phrasesOf(Object.values(words).join('|'));
}

/** Every place where one of the phrases stands. */
export function findPhrases(phrases: Phrases, text: string): Place[] {
  const found: Place[] = [];
  for (const { text: phrase, isOpenBefore, isOpenBehind } of phrases) {
    for (let start = text.indexOf(phrase); start >= 0; start = text.indexOf(phrase, start + 1)) {
      const end = start + phrase.length;
      if ((isOpenBefore || !isWordAt(text, start - 1)) && (isOpenBehind || !isWordAt(text, end)))
        found.push({ start, end });
    }
  }
  return found;
}

export function hasPhrase(phrases: Phrases, text: string): boolean {
  return findPhrases(phrases, text).length > 0;
}

function isWordAt(text: string, index: number): boolean {
  const character = text[index] ?? '';
  return isWordCharacter.test(character) && !isJoined.test(character);
}
