import { gramSet } from './grams.domain.ts';

/** A part of a text, in UTF-16 code units; `end` is the first one behind it. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

const partCharactersMax = 450;
/** A blank line ends a part that is at least this long. */
const partCharactersMin = 150;

/** Cuts a text into parts of a few sentences each, at the ends of sentences and rather at blank lines. */
export function partsOf(text: string, locale: string): Part[] {
  const parts: Part[] = [];
  let start: number | null = null;
  let end = 0;
  for (const sentence of sentencesOf(text, locale)) {
    const isNewParagraph = /\n\s*\n/.test(text.slice(end, sentence.start));
    const isFull =
      start !== null &&
      (sentence.end - start > partCharactersMax || (isNewParagraph && end - start >= partCharactersMin));
    if (start !== null && isFull) parts.push({ start, end });
    if (start === null || isFull) start = sentence.start;
    end = sentence.end;
  }
  if (start !== null) parts.push({ start, end });
  return parts;
}

interface Body {
  readonly body: string;
  readonly locale: string;
}

/**
 * The part of a text that answers a question. `found` is the text that the question was found in: a translation of it
 * has its parts in the same order.
 */
export function partFor(question: string, shown: Body, found: Body): Part {
  const parts = partsOf(shown.body, shown.locale);
  const foundParts = shown === found ? parts : partsOf(found.body, found.locale);
  const grams = gramSet(question);
  const isSame = parts.length === foundParts.length;
  const at = isSame ? bestOf(foundParts, found.body, grams) : bestOf(parts, shown.body, grams);
  return parts[at] ?? { start: 0, end: shown.body.length };
}

function bestOf(parts: readonly Part[], body: string, grams: ReadonlySet<number>): number {
  const scores = parts.map(({ start, end }) => {
    const present = gramSet(body.slice(start, end));
    return [...grams].reduce((sum, gram) => sum + (present.has(gram) ? 1 : 0), 0);
  });
  return Math.max(0, scores.indexOf(Math.max(...scores)));
}

function sentencesOf(text: string, locale: string): Part[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  return [...segmenter.segment(text)].flatMap(({ index, segment }) => {
    const words = segment.trim();
    const start = index + segment.indexOf(words);
    return words === '' ? [] : [{ start, end: start + words.length }];
  });
}
