import { type FoundNumber, mayEqual, numbersIn } from './numbers.ts';
import { findSpans } from './spans.ts';

/** Up to here a language may write a number as a word, or a month with its name. */
const wordNumberMax = 12;

/**
 * The numbers of two texts of the same meaning that the other has not. A small number that one text lacks may be a word
 * there; if both have one that the other lacks, they contradict each other.
 */
export function differingNumbers(one: string, other: string): string[] {
  const [ours, theirs] = [readNumbers(one), readNumbers(other)];
  const lacking = ours.filter((number) => !theirs.some((found) => mayEqual(number, found)));
  const added = theirs.filter((number) => !ours.some((found) => mayEqual(number, found)));
  const isContradiction = lacking.length > 0 && added.length > 0;
  const apart = [...lacking, ...added].filter((number) => isContradiction || !isSmall(number));
  return [...new Set(apart.map(({ text }) => text))];
}

function isSmall({ readings }: FoundNumber): boolean {
  return readings.every((value) => value <= wordNumberMax && Number.isInteger(value));
}

/** The parts of a date are numbers of their own, whatever stands between them. */
function readNumbers(text: string): FoundNumber[] {
  let apart = text;
  for (const { kind, start, end } of findSpans(text))
    if (kind === 'date')
      apart = apart.slice(0, start) + text.slice(start, end).replaceAll(/[-/.:]/g, ' ') + apart.slice(end);
  return numbersIn(apart);
}
