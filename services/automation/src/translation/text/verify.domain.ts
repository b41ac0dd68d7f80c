import { isNegated } from './negation.domain.ts';
import { type FoundNumber, mayEqual, numbersIn } from '@crossdesk/outgoing-lint/text';
import { cutAt, findSpans, type Piece, sourceOf, spansOf, wordsBetween } from '@crossdesk/outgoing-lint/text';

/** What is wrong with a translation. With an error it is never shown; with a warning it is shown as doubtful. */
export const findingCodes = [
  'span-changed',
  'term-missing',
  'number-changed',
  'unit-changed',
  'added',
  'copy',
  'length',
  'loop',
  'chatter',
  'language',
  'hidden-characters',
  'negation',
  'small-number',
] as const;
export type FindingCode = (typeof findingCodes)[number];

export interface Finding {
  readonly code: FindingCode;
  readonly isError: boolean;
  /** The part of the text it is about; null for the whole. */
  readonly part: string | null;
}

export interface Candidate {
  readonly pieces: readonly Piece[];
  readonly sourceLocale: string;
  readonly text: string;
  readonly targetLocale: string;
  /** The language that the text was found to be in; null if that is not sure. */
  readonly foundLanguage: string | null;
}

/** Compares a translation with its source. Empty: nothing was found. */
export function verify(candidate: Candidate): Finding[] {
  const { pieces, text } = candidate;
  return [
    ...lostSpans(pieces, text),
    ...addedSpans(pieces, text),
    ...numberFindings(wordsBetween(pieces), wordsOf(pieces, text)),
    ...formFindings(candidate),
    ...negationFindings(candidate),
  ];
}

export function isRefused(findings: readonly Finding[]): boolean {
  return findings.some(({ isError }) => isError);
}

const error = (code: FindingCode, part: string | null = null): Finding => ({ code, isError: true, part });
const warning = (code: FindingCode, part: string | null = null): Finding => ({ code, isError: false, part });

/** Every span as often as in the source. */
function lostSpans(pieces: readonly Piece[], text: string): Finding[] {
  const expected = Map.groupBy(spansOf(pieces), ({ target }) => target);
  return [...expected].flatMap(([target, spans]) => {
    if (countOf(text, target) >= spans.length) return [];
    return [error(spans[0]?.kind === 'term' ? 'term-missing' : 'span-changed', target)];
  });
}

/** An address, an amount or a number of an order that the source does not have. */
function addedSpans(pieces: readonly Piece[], text: string): Finding[] {
  const known = [sourceOf(pieces), ...spansOf(pieces).map(({ target }) => target)].join(' ').toLowerCase();
  return findSpans(text)
    .filter((span) => !known.includes(span.text.toLowerCase()))
    .map((span) => error('added', span.text));
}

/** The words of the translation: without the spans of the source. */
function wordsOf(pieces: readonly Piece[], text: string): string {
  const targets = new Set(spansOf(pieces).map(({ target }) => target));
  let rest = text;
  for (const target of [...targets].sort((one, other) => other.length - one.length))
    rest = rest.replaceAll(target, ' ');
  return wordsBetween(cutAt(rest, findSpans(rest)));
}

/** Up to here a language may write a number as a word, or a month with its number. */
const wordNumberMax = 12;

function numberFindings(source: string, target: string): Finding[] {
  const [before, after] = [numbersIn(source), numbersIn(target)];
  const left = [...after];
  const findings: Finding[] = [];
  for (const number of before) {
    const index = left.findIndex((other) => mayEqual(number, other));
    const [match] = index < 0 ? [] : left.splice(index, 1);
    if (match === undefined) findings.push(lost(number, after));
    else if (number.unit !== null && match.unit !== null && number.unit !== match.unit)
      findings.push(error('unit-changed', match.text + match.unit));
  }
  const added = left.filter((number) => !isSmall(number) && !before.some((other) => mayEqual(number, other)));
  return [...findings, ...added.map(({ text }) => error('number-changed', text))];
}

function lost(number: FoundNumber, after: readonly FoundNumber[]): Finding {
  const isElsewhere = after.some((other) => mayEqual(number, other));
  return isSmall(number) || isElsewhere ? warning('small-number', number.text) : error('number-changed', number.text);
}

function isSmall({ readings }: FoundNumber): boolean {
  return readings.every((value) => value <= wordNumberMax && Number.isInteger(value));
}

/** Control characters, marks that turn the direction of a text, and letters that nobody sees. */
const hiddenCharacter = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;
const chatter =
  /^(?:sure[,!.]|certainly[,!.]|of course[,!.]|here(?:'s| is) (?:the|your) |translation\s?:|translated text|übersetzung\s?:|traducción\s?:|traduction\s?:|as an ai|i(?:'m| am) sorry, but|i can(?:'t|not) (?:translate|help|assist)|(?:译文|翻译)\s?[::]|以下是)|\n\s?\(?(?:note|translator's note)\s?:/iu;
const copyLettersMin = 12;
const lengthLettersMin = 24;
const lengthFactorMax = 5;

function formFindings({ pieces, sourceLocale, text, targetLocale, foundLanguage }: Candidate): Finding[] {
  const source = sourceOf(pieces);
  const words = wordsBetween(pieces);
  const [before, after] = [lettersOf(source), lettersOf(text)];
  const [from, to] = [languageOf(sourceLocale), languageOf(targetLocale)];
  const isCopy = from !== to && lettersOf(words).length >= copyLettersMin && source.trim() === text.trim();
  const ratio = weightOf(after) / Math.max(1, weightOf(before));
  const isOff = weightOf(before) >= lengthLettersMin && (ratio > lengthFactorMax || ratio < 1 / lengthFactorMax);
  const isBlank = after.length === 0 && before.length > 0;
  const isOther =
    foundLanguage !== null && !sameLanguage(foundLanguage, to) && lettersOf(words).length >= lengthLettersMin;
  return [
    ...(isCopy ? [error('copy')] : []),
    ...(isOff || isBlank ? [error('length')] : []),
    ...(isLoop(text) && !isLoop(source) ? [error('loop')] : []),
    ...(chatter.test(text.trim()) && !chatter.test(source.trim()) ? [error('chatter')] : []),
    ...(isHiding(text) && !isHiding(source) ? [error('hidden-characters')] : []),
    ...(isOther && !isCopy ? [error('language')] : []),
  ];
}

/** Languages that a detector takes for one another in short texts. */
const alike = [
  new Set(['id', 'ms']),
  new Set(['nb', 'no', 'da', 'nn']),
  new Set(['sr', 'hr', 'bs']),
  new Set(['zh', 'yue']),
];

function sameLanguage(one: string, other: string): boolean {
  const base = languageOf(one);
  return base === other || alike.some((family) => family.has(base) && family.has(other));
}

function languageOf(locale: string): string {
  return locale.split('-', 1)[0]?.toLowerCase() ?? '';
}

function negationFindings({ pieces, sourceLocale, text, targetLocale }: Candidate): Finding[] {
  const before = isNegated(wordsBetween(pieces), sourceLocale);
  const after = isNegated(text, targetLocale);
  return before === null || after === null || before === after ? [] : [warning('negation')];
}

function isHiding(text: string): boolean {
  return hiddenCharacter.test(text.replaceAll(/[\t\n\r]/g, ''));
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** A sign of a script that writes words or syllables counts as three letters. */
function weightOf(letters: string): number {
  const wide = letters.match(/[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0;
  return letters.length + 2 * wide;
}

const loopSizes = Array.from({ length: 20 }, (_, index) => index + 1);

/** Whether the same words come again and again: up to 20 words four times in a row, or a few signs without blanks. */
function isLoop(text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).slice(0, 2_000);
  const isRepeated = (size: number) => {
    let run = 0;
    for (let at = size; at < words.length; at += 1) {
      run = words[at] === words[at - size] ? run + 1 : 0;
      if (run >= Math.max(4, size * 3)) return true;
    }
    return false;
  };
  return loopSizes.some(isRepeated) || isSignLoop(text);
}

function isSignLoop(text: string): boolean {
  for (const size of [1, 2, 3, 4, 6, 8]) {
    let run = 0;
    for (let at = size; at < Math.min(text.length, 8_000); at += 1) {
      run = text[at] === text[at - size] && /\p{L}/u.test(text[at] ?? '') ? run + 1 : 0;
      if (run >= Math.max(12, size * 4)) return true;
    }
  }
  return false;
}

function countOf(text: string, part: string): number {
  return part === '' ? 0 : text.split(part).length - 1;
}
