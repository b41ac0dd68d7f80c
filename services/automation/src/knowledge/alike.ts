import { rarityOfGram } from './retrieval/common-grams.ts';
import { gramSet } from './retrieval/grams.domain.ts';

/** A text as it is compared with others. */
export interface Weighed {
  readonly grams: ReadonlySet<number>;
  readonly weight: number;
}

export function weighed(text: string): Weighed {
  const grams = gramSet(text);
  return { grams, weight: weightOf(grams) };
}

/** How much of what two texts say is in both, 0 to 1: what buyers always say counts little. */
export function alike(one: Weighed, other: Weighed): number {
  const shared = weightOf([...one.grams].filter((gram) => other.grams.has(gram)));
  const all = one.weight + other.weight - shared;
  return all === 0 ? 0 : shared / all;
}

function weightOf(grams: Iterable<number>): number {
  let weight = 0;
  for (const gram of grams) weight += rarityOfGram(gram, 0, 0);
  return weight;
}
