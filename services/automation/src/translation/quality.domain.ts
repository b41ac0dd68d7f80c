/** How good the translations of an engine were, by what people changed in them. */
export interface Quality {
  readonly n: number;
  /** 0 to 1; null without any translation. */
  readonly score: number | null;
  /** The interval in which the score lies with 95 %. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Twenty translations of the usual quality weigh as much as those that were seen: a few tell little. */
const priorCount = 20;
const priorSum = 16;
const samples = 400;

/** The quality for the shares that people changed, 0 to 1 each. */
export function qualityOf(editDistances: readonly number[]): Quality {
  const kept = editDistances.map((distance) => 1 - distance);
  const n = kept.length;
  if (n === 0) return { n, score: null, low: null, high: null };
  const scoreOf = (values: readonly number[]) =>
    (priorSum + values.reduce((sum, value) => sum + value, 0)) / (priorCount + values.length);
  const random = seeded(n);
  // Bootstrap: the same numbers, drawn again and again.
  const drawn = Array.from({ length: samples }, () => scoreOf(kept.map(() => kept[Math.floor(random() * n)] ?? 0)));
  const sorted = drawn.sort((one, other) => one - other);
  return {
    n,
    score: scoreOf(kept),
    low: sorted[Math.floor(samples * 0.025)] ?? null,
    high: sorted[Math.ceil(samples * 0.975) - 1] ?? null,
  };
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
