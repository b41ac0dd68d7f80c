import { type FoldedText, isUnspaced, isWordCode } from '@crossdesk/folded-text';
import type { FoundPhrase } from './phrases.domain.ts';

// Of the inner loop: a name of this module is found faster than a global one.
const { imul, sqrt } = Math;

/** Features are hashed into this many buckets. */
export const bucketCount = 2 ** 16;

/** The features of a text: buckets, and how much each counts. The squares of the values sum up to 1. */
export interface Features {
  /** How many of them come first that are not n-grams: phrases of the lexicon, and how something is said. */
  readonly markCount: number;
  readonly buckets: Int32Array;
  readonly values: Float32Array;
}

/** A phrase of the lexicon is worth as much as this many n-grams. */
const phraseWeight = 16;
const gramMin = 2;
const gramMax = 5;
const unspacedGramMax = 4;

const wordSeed = 0x811c9dc5;
const gramSeed = 0x1b873593;
const pairSeed = 0x2545f491;
const markSeed = 0x3c6ef372;
const border = 95;

const mail = /\S@\S/u;
const link = /https?:\/\/|www\./u;
const digit = /\p{N}/u;
const letter = /\p{L}/u;

/**
 * N-grams of characters and words, hashed. Numbers, links and addresses say nothing about what a buyer wants; that
 * there is one does.
 */
export function featuresOf({ text }: FoldedText, phrases: readonly FoundPhrase[], original: string): Features {
  const counts = new Map<number, number>();
  const count = (hash: number, weight = 1) => {
    const bucket = bucketOf(hash);
    counts.set(bucket, (counts.get(bucket) ?? 0) + weight);
  };
  // The same in every text: what is likely without any word.
  count(hashOf('always', markSeed));
  for (const label of new Set(phrases.map((phrase) => phrase.label))) count(hashOf(label, markSeed), phraseWeight);
  for (const mark of marksOf(text, original)) count(hashOf(mark, markSeed));
  const markCount = counts.size;
  let previous = hashOf('^', wordSeed);
  for (const word of text.split(' ')) {
    if (mail.test(word)) count(hashOf('mail', markSeed));
    else if (link.test(word)) count(hashOf('link', markSeed));
    else for (const part of partsOf(word)) previous = countPart(part, previous, count);
  }
  return normalised(counts, markCount);
}

/** The runs of word characters, and each run of other signs. Scripts without spaces are runs of their own. */
function partsOf(word: string): string[] {
  const parts: string[] = [];
  let kind = -1;
  let start = 0;
  for (let at = 0; at <= word.length; at += 1) {
    const code = word.charCodeAt(at);
    const next = at === word.length ? -2 : isUnspaced(code) ? 2 : isWordCode(code) ? 1 : 0;
    if (next !== kind && at > start) {
      parts.push(word.slice(start, at));
      start = at;
    }
    kind = next;
  }
  return parts;
}

type Count = (hash: number, weight?: number) => void;

/** Counts a part and returns its hash, for the pair with the next part. */
function countPart(part: string, previous: number, count: Count): number {
  const hash = digit.test(part) ? hashOf('0', markSeed) : hashOf(part, wordSeed);
  count(hash);
  if (digit.test(part) || !letter.test(part)) return hash;
  count(imul(previous, 31) ^ hash ^ pairSeed);
  if (isUnspaced(part.charCodeAt(0))) countGrams(part, 1, unspacedGramMax, count);
  else countGrams(`_${part}_`, gramMin, gramMax, count);
  return hash;
}

function countGrams(text: string, min: number, max: number, count: Count): void {
  for (let start = 0; start < text.length; start += 1) {
    let hash = gramSeed;
    const last = Math.min(start + max, text.length);
    for (let at = start; at < last; at += 1) {
      hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
      const length = at - start + 1;
      if (length >= min && !(length === 1 && text.charCodeAt(at) === border)) count(hash);
    }
  }
}

/** How something is said: questions, exclamations, capitals. */
function marksOf(text: string, original: string): string[] {
  const marks: string[] = [];
  if (/[?？؟]/u.test(text)) marks.push('question');
  if (/[!！]/u.test(text)) marks.push('exclamation');
  if (/[!！]{2}|[?？]{2}/u.test(text)) marks.push('excited');
  const capitals = original.match(/\p{Lu}/gu)?.length ?? 0;
  if (capitals >= 10 && capitals > 0.6 * (original.match(/\p{L}/gu)?.length ?? 0)) marks.push('capitals');
  return marks;
}

function normalised(counts: ReadonlyMap<number, number>, markCount: number): Features {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  const scale = sum === 0 ? 0 : 1 / sqrt(sum);
  return {
    markCount,
    buckets: Int32Array.from(counts.keys()),
    values: Float32Array.from(counts.values(), (count) => sqrt(count) * scale),
  };
}

/** FNV-1a. */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function bucketOf(hash: number): number {
  const mixed = imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (bucketCount - 1);
}
