import { fold } from '@crossdesk/folded-text';

/** Words to look for, as a rule writes them. */
export interface Phrase {
  /** ISO 639: only in messages of this language; null: in all. */
  readonly language: string | null;
  /** What is looked for in a `ReadText`. */
  readonly needle: string;
  /** True in scripts without spaces between words: found inside other words too. */
  readonly isPart: boolean;
}

/** A text, prepared once for many phrases. */
export interface ReadText {
  /** Words between single spaces, with one at each end. */
  readonly words: string;
  /** Without spaces. */
  readonly letters: string;
}

/** Beyond this, the rest of a message is not searched. */
const textCharactersMax = 8_000;

/** Scripts that put no spaces between words, or join particles to them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const unspacedRun =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}]+/gu;
const notOfWords = /[^\p{L}\p{M}\p{N}\s]/gu;

/** One spelling for what people read as the same word, without signs; Traditional Han becomes Simplified. */
function folded(text: string): string {
  return fold(text.slice(0, textCharactersMax).normalize('NFC'), textCharactersMax)
    .text.replaceAll("'", '')
    .replace(notOfWords, ' ')
    .replace(unspacedRun, apart)
    .replace(/\s+/gu, ' ')
    .trim();
}

/** So that `我要refund` has the word refund. Marks belong to the letters before them. */
function apart(run: string): string {
  return unspaced.test(run) ? ` ${run} ` : run;
}

export function readText(text: string): ReadText {
  const words = folded(text);
  return { words: ` ${words} `, letters: words.replaceAll(' ', '') };
}

const ofLanguage = /^([a-z]{2,3}):(?!\/)/;

/**
 * Reads a phrase: `refund`, `de:rückgabe` for messages in German only, `ship*` for every word that begins so. Null if no
 * letter or digit remains.
 */
export function readPhrase(value: string): Phrase | null {
  const language = ofLanguage.exec(value)?.[1] ?? null;
  const text = (language === null ? value : value.slice(language.length + 1)).trim();
  const words = folded(text);
  if (words === '') return null;
  if (unspaced.test(words)) return { language, needle: words.replaceAll(' ', ''), isPart: true };
  return { language, needle: text.endsWith('*') ? ` ${words}` : ` ${words} `, isPart: false };
}

/** Whether the text contains the phrase. `language` is that of the text; null if it is not known. */
export function containsPhrase(text: ReadText, language: string | null, phrase: Phrase): boolean {
  if (phrase.language !== null && phrase.language !== languageOf(language)) return false;
  return (phrase.isPart ? text.letters : text.words).includes(phrase.needle);
}

function languageOf(locale: string | null): string | null {
  return locale?.split('-')[0] ?? null;
}
