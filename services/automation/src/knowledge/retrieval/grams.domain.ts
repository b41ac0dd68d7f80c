import { fold, isUnspaced, isWordCode } from '@crossdesk/folded-text';

const { imul } = Math;

/** A text is folded in parts of this length: `fold` reads no more at once. */
const partCharactersMax = 1_800;
const border = 95;
const gramSeed = 0x811c9dc5;

/**
 * The parts of a text that are looked up, as signed hashes of 32 bits: three to five letters of a word with its borders;
 * one or two signs of Han and kana; two or three of Thai, Lao, Khmer, Burmese and Hangul, whose words have endings.
 */
export function eachGram(text: string, take: (gram: number) => void): void {
  for (let at = 0; at < text.length; at += partCharactersMax)
    gramsOfPart(fold(text.slice(at, at + partCharactersMax)).text, take);
}

/** Each gram of a text once. */
export function gramSet(text: string): Set<number> {
  const grams = new Set<number>();
  eachGram(text, (gram) => grams.add(gram));
  return grams;
}

function gramsOfPart(folded: string, take: (gram: number) => void): void {
  let start = 0;
  let kind = 0;
  for (let at = 0; at <= folded.length; at += 1) {
    const next = at === folded.length ? 0 : kindOf(folded.charCodeAt(at));
    if (next === kind) continue;
    if (kind === spaced) wordGrams(folded, start, at, take);
    else if (kind === ideographic) runGrams(folded, { start, end: at, min: 1, max: 2 }, take);
    else if (kind === syllabic) runGrams(folded, { start, end: at, min: 2, max: 3 }, take);
    start = at;
    kind = next;
  }
}

const spaced = 1;
const ideographic = 2;
const syllabic = 3;

function kindOf(code: number): number {
  if (code >= 0xac00 && code <= 0xd7a3) return syllabic;
  if (isUnspaced(code)) return code >= 0x3040 ? ideographic : syllabic;
  return isWordCode(code) ? spaced : 0;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

function runGrams(text: string, { start, end, min, max }: Run, take: (gram: number) => void): void {
  for (let from = start; from < end; from += 1) {
    let hash = gramSeed;
    const last = Math.min(from + max, end);
    for (let at = from; at < last; at += 1) {
      hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
      const isAlone = at === from && isHiragana(text.charCodeAt(at));
      if (at - from + 1 >= min && !isAlone) take(hash);
    }
  }
}

/** Alone such a sign is an ending or a particle. */
function isHiragana(code: number): boolean {
  return code >= 0x3040 && code <= 0x309f;
}

/** As `runGrams` for the word between two borders. */
function wordGrams(text: string, start: number, end: number, take: (gram: number) => void): void {
  for (let from = start - 1; from < end; from += 1) {
    let hash = gramSeed;
    const last = Math.min(from + 5, end + 1);
    for (let at = from; at < last; at += 1) {
      const code = at < start || at >= end ? border : text.charCodeAt(at);
      hash = imul(hash ^ code, 0x01000193);
      if (at - from + 1 >= 3) take(hash);
    }
  }
}
