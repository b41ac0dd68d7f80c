import type { Intent } from '../../analysis/labels.domain.ts';
import type { FoundIntent } from '../../analysis/understanding.domain.ts';
import { gramSet } from './grams.domain.ts';
import type { Segment } from './segment.ts';
import { baseOf, bitOf, type Entry, type KnowledgeIndex, rarityIn } from './knowledge-index.ts';

export interface Question {
  readonly text: string;
  /** BCP 47: the language it is asked in. */
  readonly locale: string;
  /** What the buyer wants. */
  readonly intents: readonly FoundIntent[];
}

/** For whom something is looked up; null: no matter. */
export interface Scope {
  readonly sku: string | null;
  readonly market: string | null;
  readonly channel: string | null;
  readonly isForBuyers: boolean;
  readonly now: Date;
}

export interface Hit extends Pick<Entry, 'articleId' | 'version' | 'locale'> {
  /** 0 to 1. */
  readonly score: number;
}

/** So much more than once a gram of a title counts. */
const lexicalMax = 1.3;
/** Looked at more closely. */
const candidatesMax = 60;
/** How much the same wish counts if the article is in the language of the question, and if it is not. */
const wishWeight = { same: 0.1, other: 0.35 } as const;
/** Too many different questions have these in common. */
const general: readonly Intent[] = ['product_question', 'complaint_quality', 'thanks_other'];
/** An article about the very product is better than one about none in particular. */
const skuBonus = 0.1;

/** The articles that answer a question, the best first; each once, with the text that fits best. */
export function search(index: KnowledgeIndex, question: Question, scope: Scope): Hit[] {
  const grams = [...gramSet(question.text)].map((gram) => ({ gram, rarity: rarityIn(index, gram) }));
  const weight = grams.reduce((sum, { rarity }) => sum + rarity, 0);
  if (weight === 0) return [];
  const wishes = wishesIn(question);
  const best = new Map<string, Hit>();
  for (const segment of index.segments) {
    const lexical = new Float32Array(segment.entries.length);
    for (const { gram } of grams) if (isRareIn(segment, gram)) segment.addScores(gram, lexical);
    const scoreOf = (at: number, entry: Entry) =>
      Math.min(1, (lexical[at] ?? 0) / weight / lexicalMax) + bonusOf(entry, wishes, scope);
    const isFound = (entry: Entry) => index.versions.get(entry.articleId) === entry.version && isInScope(entry, scope);
    for (const { at, entry } of topOf(segment.entries, scoreOf, isFound)) {
      const shared = grams.reduce((sum, { gram, rarity }) => sum + (segment.has(gram, at) ? rarity : 0), 0) / weight;
      const lexicalShare = (Math.min(1, (lexical[at] ?? 0) / weight / lexicalMax) + shared) / 2;
      const score = Math.min(1, lexicalShare + bonusOf(entry, wishes, scope));
      const before = best.get(entry.articleId);
      if (before === undefined || before.score < score) best.set(entry.articleId, { ...entry, score });
    }
  }
  return [...best.values()].toSorted((one, other) => other.score - one.score);
}

/** In a large segment the grams that most texts have cost most of the time and tell the least. */
const largeCount = 2_000;
const commonShare = 0.2;

function isRareIn({ entries, frequencyOf }: Segment<Entry>, gram: number): boolean {
  return entries.length < largeCount || frequencyOf(gram) < commonShare * entries.length;
}

interface Wishes {
  readonly language: string;
  /** Bits of the wishes that are certain, with their scores. */
  readonly wanted: readonly { readonly bit: number; readonly score: number }[];
}

function wishesIn({ locale, intents }: Question): Wishes {
  const wanted = intents
    .filter(({ isCertain, intent }) => isCertain && !general.includes(intent))
    .map(({ intent, score }) => ({ bit: bitOf(intent), score }));
  return { language: baseOf(locale), wanted };
}

function bonusOf(entry: Entry, { wanted, language }: Wishes, { sku }: Scope): number {
  const ofProduct = sku !== null && entry.skus.includes(sku) ? skuBonus : 0;
  if (entry.wishes === 0 || wanted.length === 0) return ofProduct;
  const weight = entry.language === language ? wishWeight.same : wishWeight.other;
  const alike = wanted.reduce((most, { bit, score }) => ((entry.wishes & bit) === 0 ? most : Math.max(most, score)), 0);
  return ofProduct + weight * alike;
}

function isInScope(entry: Entry, { sku, market, channel, isForBuyers, now }: Scope): boolean {
  return (
    (!isForBuyers || entry.isForBuyers) &&
    (sku === null || entry.skus.length === 0 || entry.skus.includes(sku)) &&
    (market === null || entry.markets.length === 0 || entry.markets.includes(market)) &&
    (channel === null || entry.channel === null || entry.channel === channel) &&
    (entry.validFrom === null || entry.validFrom <= now) &&
    (entry.validTo === null || entry.validTo > now)
  );
}

interface Candidate {
  readonly at: number;
  readonly entry: Entry;
  readonly score: number;
}

/** The entries with the highest scores; a sorted list of a few, because a sort of all takes longer than the scoring. */
function topOf(
  entries: readonly Entry[],
  scoreOf: (at: number, entry: Entry) => number,
  isFound: (entry: Entry) => boolean,
): Candidate[] {
  const top: Candidate[] = [];
  for (const [at, entry] of entries.entries()) {
    const score = scoreOf(at, entry);
    const worst = top.length < candidatesMax ? 0 : (top.at(-1)?.score ?? 0);
    if (score <= worst || !isFound(entry)) continue;
    const place = top.findIndex((other) => other.score < score);
    top.splice(place < 0 ? top.length : place, 0, { at, entry, score });
    if (top.length > candidatesMax) top.pop();
  }
  return top;
}
