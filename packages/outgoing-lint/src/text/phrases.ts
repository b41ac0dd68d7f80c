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
const isKatakana = /[\p{Script=Katakana}ー]/u;

export function phrasesOf(list: string): Phrases {
  return list
    .split('|')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => ({
      text: entry.replaceAll('*', '').normalize('NFKC').toLowerCase(),
      isOpenBefore: entry.startsWith('*'),
      isOpenBehind: entry.endsWith('*'),
    }));
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
      if ((isOpenBefore || !isInsideWord(text, start)) && (isOpenBehind || !isInsideWord(text, end)))
        found.push({ start, end });
    }
  }
  return found;
}

export function hasPhrase(phrases: Phrases, text: string): boolean {
  return findPhrases(phrases, text).length > 0;
}

/** Whether a word goes on over this place. One in Katakana ends at any other script: `ライン` is no part of `オンライン`. */
function isInsideWord(text: string, index: number): boolean {
  const sides = [text[index - 1] ?? '', text[index] ?? ''];
  const isParted = (side: string) => isWordCharacter.test(side) && !isJoined.test(side);
  return sides.every(isParted) || sides.every((side) => isKatakana.test(side));
}
