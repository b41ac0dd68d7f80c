import { readable, type Term, termsOf } from './terms.domain.ts';

/** Words that stand one after another. */
export type Sequence = readonly {
  readonly word: string;
  /** How many places behind the word before. */
  readonly distance: number;
  /** Words that begin so are meant too. */
  readonly isBeginning: boolean;
}[];

/** Of each group one of the sequences must be there. */
export type SearchQuery = readonly (readonly Sequence[])[];

export const queryCharactersMax = 200;
const groupsMax = 20;
/** What is being typed is the beginning of a word; shorter ones begin too many. With the sign of a number. */
const beginningCharactersMin = { word: 3, number: 6 };

/** Every word must be there, those in quotes one after another; the last word may go on. */
export function readQuery(text: string): SearchQuery {
  const groups = readable(text)
    .split(/["\u201c\u201d\u201e\u300c\u300d]/u)
    .flatMap((part, index) => (index % 2 === 1 ? phraseOf(part) : wordsOf(part)));
  const kept = groups.slice(0, groupsMax);
  const isTyping = !/["\u201c\u201d\u201e\u300c\u300d]\s*$/u.test(text.trimEnd());
  return isTyping ? kept.map((group, index) => (index === kept.length - 1 ? group.map(goingOn) : group)) : kept;
}

function phraseOf(text: string): Sequence[][] {
  const sequence = sequenceOf(termsOf(text));
  return sequence.length === 0 ? [] : [[sequence]];
}

function wordsOf(text: string): Sequence[][] {
  return text.split(/\s+/u).flatMap((chunk) => {
    const terms = termsOf(chunk);
    const number = terms.find(({ form }) => form === 'number');
    if (number !== undefined) return [[single(number)]];
    const joined = terms.find(({ form }) => form === 'joined');
    const sequence = sequenceOf(terms);
    if (sequence.length === 0) return [];
    return [joined === undefined ? [sequence] : [single(joined), sequence]];
  });
}

function single({ word }: Term): Sequence {
  return [{ word, distance: 0, isBeginning: false }];
}

/** The last sign of a run says nothing that its last pair does not say; a sign alone is the beginning of pairs. */
function sequenceOf(terms: readonly Term[]): Sequence {
  const used = terms.filter(
    ({ form, position }, index) =>
      form === 'word' || form === 'pair' || (form === 'sign' && !isSecondOfPair(terms[index - 1], position)),
  );
  return used.map(({ word, position, form }, index) => ({
    word,
    distance: index === 0 ? 0 : position - (used[index - 1]?.position ?? position),
    isBeginning: form === 'sign',
  }));
}

function isSecondOfPair(before: Term | undefined, position: number): boolean {
  return before?.form === 'pair' && before.position === position - 1;
}

function goingOn(sequence: Sequence): Sequence {
  return sequence.map((part, index) => {
    const isLong = part.word.length >= beginningCharactersMin[part.word.startsWith('#') ? 'number' : 'word'];
    return index === sequence.length - 1 && isLong ? { ...part, isBeginning: true } : part;
  });
}

/** A `tsquery`, in the form in which Postgres reads it. Words have only letters, digits and number signs. */
export function tsqueryOf(workspaceNumber: number, query: SearchQuery): string {
  const wordOf = ({ word, isBeginning }: Sequence[number]) => `'${workspaceNumber}:${word}'${isBeginning ? ':*' : ''}`;
  const sequenceText = (sequence: Sequence) =>
    sequence.map((part, index) => (index === 0 ? wordOf(part) : `<${part.distance}> ${wordOf(part)}`)).join(' ');
  return query.map((group) => `(${group.map((one) => `(${sequenceText(one)})`).join(' | ')})`).join(' & ');
}
