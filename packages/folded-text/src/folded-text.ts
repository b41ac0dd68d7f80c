import { traditionalToSimplified } from './han.ts';

/** A text in the form in which it is compared, and where each of its characters is in the original. */
export interface FoldedText {
  readonly text: string;
  /** For each code unit of `text`, the code unit of the original that it comes from; one more for the end. */
  readonly origins: Int32Array;
}

/** More text makes the answer of the model slower but not better. */
const understoodCharactersMax = 2_000;

const letters = new Map<string, string>([
  ...[..."đd|ðd|ıi|łl|øo|ħh|ßss|æae|œoe|’'|‘'|ʼ'|`'|´'".split('|')].map((pair): [string, string] => [
    pair.slice(0, 1),
    pair.slice(1),
  ]),
  // Arabic writes these letters in several ways; buyers mix them.
  ...['أا', 'إا', 'آا', 'ٱا', 'ةه', 'ىي', 'یي', 'کك', 'ـ'].map((pair): [string, string] => [
    pair.slice(0, 1),
    pair.slice(1),
  ]),
  ...traditionalToSimplified,
]);

/** Accents of Latin, Greek and Cyrillic, Hebrew points, Arabic vowels, and characters without a width. */
const dropped =
  /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]|[\u200b-\u200f\u202a-\u202e\u2060\ufeff]|\ufe0e|\ufe0f/gu;

const known = new Map<number, string>();

/** One character in lower case, without accents and in its usual width; Traditional Han becomes Simplified. */
function foldedCharacter(codePoint: number): string {
  const found = known.get(codePoint);
  if (found !== undefined) return found;
  const plain = String.fromCodePoint(codePoint).normalize('NFKD').replace(dropped, '').normalize('NFC').toLowerCase();
  const folded = [...plain.replace(dropped, '')].map((letter) => letters.get(letter) ?? letter).join('');
  known.set(codePoint, folded);
  return folded;
}

/** The text without case, accents and repeated spaces. The same word in another spelling becomes the same text. */
export function fold(original: string, charactersMax = understoodCharactersMax): FoldedText {
  const parts: string[] = [];
  const origins: number[] = [];
  let wasSpace = true;
  const end = Math.min(original.length, charactersMax);
  for (let at = 0; at < end;) {
    const codePoint = original.codePointAt(at) ?? 0;
    const folded = foldedCharacter(codePoint);
    const isSpace = folded.length > 0 && folded.trim() === '';
    if (!(isSpace && wasSpace)) {
      parts.push(isSpace ? ' ' : folded);
      for (let i = 0; i < (isSpace ? 1 : folded.length); i += 1) origins.push(at);
    }
    if (folded !== '') wasSpace = isSpace;
    at += codePoint > 0xffff ? 2 : 1;
  }
  origins.push(end);
  return { text: parts.join(''), origins: Int32Array.from(origins) };
}

/** Scripts that are written without spaces between words: Han, kana, Thai, Lao, Burmese, Khmer. */
export function isUnspaced(code: number): boolean {
  return (
    (code >= 0x0e00 && code <= 0x0eff) ||
    (code >= 0x1000 && code <= 0x109f) ||
    (code >= 0x1780 && code <= 0x17ff) ||
    (code >= 0x3040 && code <= 0x30ff) ||
    (code >= 0x3400 && code <= 0x9fff)
  );
}

const wordCharacter = /[\p{L}\p{M}\p{N}']/u;
const wordCodes = new Map<number, boolean>();

/** Whether a code unit is part of a word; the answer for each is kept. */
export function isWordCode(code: number): boolean {
  let is = wordCodes.get(code);
  if (is === undefined) {
    is = wordCharacter.test(String.fromCharCode(code));
    wordCodes.set(code, is);
  }
  return is;
}
