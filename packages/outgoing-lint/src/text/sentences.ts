import type { Place } from '../finding.ts';

/** The end of a sentence, or of a line. A point inside of a number or an address ends none. */
const end = /[.!?]["')\]]?(?=\s|$)|[。！？…؟।][」』）)]?|\n/gu;

export interface Sentence extends Place {
  readonly text: string;
}

/** The sentences of a text, without the blanks around them. */
export function sentencesOf(text: string): Sentence[] {
  const cuts = [...text.matchAll(end)]
    .filter(({ index }) => !isOrdinal(text, index))
    .map(({ 0: found, index }) => index + found.length);
  return [0, ...cuts].flatMap((start, n) => {
    const part = text.slice(start, cuts[n] ?? text.length);
    const words = part.trim();
    if (words === '') return [];
    const from = start + part.indexOf(words);
    return [{ text: words, start: from, end: from + words.length }];
  });
}

/** `20. Februar`: the point belongs to the number. */
function isOrdinal(text: string, index: number): boolean {
  return (
    text[index] === '.' &&
    /(?:^|[^\d.,:/-])\d{1,2}$/.test(text.slice(Math.max(0, index - 3), index)) &&
    /^\. \p{L}/u.test(text.slice(index, index + 4))
  );
}

/** The sentence at a place of the text. */
export function clauseAt(sentences: readonly Sentence[], { start }: Place): string {
  return (sentences.find((sentence) => start < sentence.end) ?? sentences.at(-1))?.text ?? '';
}
