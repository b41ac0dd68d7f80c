import type { PlacedSpan } from '@crossdesk/outgoing-lint/text';

/** A term of a workspace with its word in the target language; the same word for one that is never translated. */
export interface Term {
  readonly source: string;
  readonly target: string;
  readonly isCaseSensitive: boolean;
}

/** Where the terms stand in a text: the longest first, a word of letters only where it is a whole word. */
export function termsIn(text: string, terms: readonly Term[]): PlacedSpan[] {
  const lower = foldCase(text);
  return terms
    .toSorted((one, other) => other.source.length - one.source.length)
    .flatMap((term) => placesOf(term.isCaseSensitive ? text : lower, term, text));
}

function placesOf(haystack: string, { source, target, isCaseSensitive }: Term, text: string): PlacedSpan[] {
  const needle = isCaseSensitive ? source : foldCase(source);
  const places: PlacedSpan[] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    if (isWhole(text, at, end)) places.push({ kind: 'term', text: text.slice(at, end), target, start: at, end });
  }
  return places;
}

/** Lower case of the same length: places in it are places in the text. */
function foldCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return [...text].map((one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join('');
}

/** Scripts without blanks between words. */
const joinedScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const letter = /[\p{L}\p{N}\p{M}]/u;

function isWhole(text: string, start: number, end: number): boolean {
  return !isJoined(text.charAt(start - 1), text.charAt(start)) && !isJoined(text.charAt(end - 1), text.charAt(end));
}

function isJoined(left: string, right: string): boolean {
  return letter.test(left) && letter.test(right) && !joinedScript.test(left) && !joinedScript.test(right);
}
