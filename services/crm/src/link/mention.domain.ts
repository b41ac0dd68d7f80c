import {
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type TenantId,
  wordsOf,
} from '@crossdesk/contracts';
import { asciiDigits } from './ascii-digits.domain.ts';

/** A reference is a name that the platform gave, a text is a word that somebody wrote. */
export type MentionKind = 'reference' | 'text' | 'buyer';

/** A key by which orders can be found: an order number, a tracking number or the id of the buyer. */
export interface Mention {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly kind: MentionKind;
  readonly token: string;
  readonly mentionedAt: Date;
}

/** Characters that nobody sees, such as joiners and marks of direction. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

const tokenCharactersMax = 30;
const tokenCharactersMin = 3;
/** Bare digits below this are quantities, prices and years, unless the text marks them as a number: `#1042`. */
const bareDigitsMin = 5;
const groupCharactersMin = 8;
/** A message that names more is a list, which no link can be derived from. */
const tokensPerMessageMax = 20;

/** An order id as platforms refer to it: exact, in one spelling of the same characters. */
export function exactNumber(number: string): string {
  return asciiDigits(number.normalize('NFKC').replace(invisible, '')).trim();
}

/** An order or tracking number as people write it: case, spaces and punctuation make no difference. */
export function normalNumber(number: string): string {
  return exactNumber(number)
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

/** Words of any script, joined by what numbers are joined by. A longer run is a sentence of a script without spaces. */
const runs = /(#?)([\p{L}\p{M}\p{N}](?:[-_/]?[\p{L}\p{M}\p{N}]){0,199})/gu;
const joiner = /[-_/]/;
/** Latin letters and digits make one word. Other scripts are divided into words, as not all of them write spaces. */
const oneScript = /[\p{Script=Latin}\d][\p{Script=Latin}\p{M}\d]*|[^\p{Script=Latin}\d]+/gu;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
const hanNumeral = /[〇一二三四五六七八九十百千万]/;
const numeral = /[\d〇一二三四五六七八九十百千万]/;
/** Words in front of and behind the digits that may belong to the number, as in `注文-12345678はどこ`. */
const wordsBeforeMax = 3;
const wordsBehindMax = 2;

/**
 * The words of a text that may be an order or tracking number. A number that is joined to other words is returned both
 * with and without them.
 */
export function tokensIn(text: string): string[] {
  const plain = exactNumber(text)
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .toUpperCase();
  const found = new Set<string>();
  let numbers = 0;
  for (const word of plain.split(/\s+/)) {
    // Most words have no number.
    if (!numeral.test(word)) continue;
    for (const [, mark, run = ''] of word.matchAll(runs))
      for (const spellings of numbersIn(run)) {
        const names = spellings.filter((name) => isFitting(name, mark !== ''));
        if (names.length > 0) numbers += 1;
        if (numbers > tokensPerMessageMax) return [...found];
        for (const name of names) found.add(name);
      }
  }
  return [...found];
}

function isFitting(name: string, isMarked: boolean): boolean {
  const isBare = !isMarked && /^\d+$/.test(name);
  return name.length >= (isBare ? bareDigitsMin : tokenCharactersMin) && name.length <= tokenCharactersMax;
}

/** The numbers in a run of joined words, each in all the ways to say where it begins and ends. */
function numbersIn(run: string): readonly (readonly string[])[] {
  if (!numeral.test(run)) return [];
  const parts = run.split(joiner);
  const whole = parts.join('');
  if (/^[\p{Script=Latin}\d]+$/u.test(whole)) return [[whole, ...partsAlone(parts)].filter(hasDigit)];
  const pieces = parts.flatMap((part, index) =>
    wordsIn(part).map((word, place) => ({ word, isJoined: index > 0 && place === 0 })),
  );
  const words = pieces.map(({ word }) => word);
  return pieces.flatMap(({ word, isJoined }, at) => {
    if (hasDigit(word)) return [[word, ...namesAround(words, at), whole]];
    // In the middle of a sentence they are words like any other.
    return isJoined && hanNumeral.test(word) ? [[...namesAround(words, at), whole]] : [];
  });
}

/** A word together with those before it, or with those behind it. */
function namesAround(words: readonly string[], at: number): readonly string[] {
  const before = words.slice(Math.max(0, at - wordsBeforeMax), at);
  const behind = words.slice(at + 1, at + 1 + wordsBehindMax);
  return [
    ...before.map((_, index) => [...before.slice(index), words[at]].join('')),
    ...behind.map((_, index) => [words[at], ...behind.slice(0, index + 1)].join('')),
  ];
}

/** A short group of digits beside another is a piece of a phone number or a date. */
function partsAlone(parts: readonly string[]): readonly string[] {
  return parts.filter(hasDigit).length < 2 ? parts : parts.filter((part) => part.length >= groupCharactersMin);
}

function wordsIn(part: string): string[] {
  return (part.match(oneScript) ?? []).flatMap((piece) =>
    hasDigit(piece) ? [piece] : Array.from(segmenter.segment(piece), ({ segment }) => segment),
  );
}

function hasDigit(word: string): boolean {
  return /\d/.test(word);
}

/** The orders that a message names, by a reference of the platform or in its text. */
export function ordersNamedIn(data: EventData<'ingest.message-received'>): Pick<Mention, 'kind' | 'token'>[] {
  const { content, externalOrderIds } = data;
  const references = content.kind === 'order' ? [...externalOrderIds, content.externalOrderId] : externalOrderIds;
  return [
    ...references.map((number) => ({ kind: 'reference', token: exactNumber(number) }) as const),
    ...tokensIn(wordsOf(content) ?? '').map((token) => ({ kind: 'text', token }) as const),
  ];
}
