import { type Features, bucketCount } from './features.domain.ts';
import { type Head, heads } from './labels.domain.ts';

/** How the sum of a column becomes a probability, and from which one on it is trusted. */
export interface Calibration {
  readonly scale: number;
  readonly bias: number;
  /** At least 95 % of the answers above it are right on lines the model was not trained on. */
  readonly threshold: number;
}

export interface Model {
  /** Name and version; part of every analysis. */
  readonly name: string;
  /** A row for each bucket, a column for each head. */
  readonly weights: Int8Array;
  readonly calibrations: readonly Calibration[];
}

export type Scores = Readonly<Record<Head, number>>;

export const headCount = heads.length;

/** The probability of each head. */
export function scoresOf(model: Pick<Model, 'weights' | 'calibrations'>, features: Features): Scores {
  const sums = sumsOf(model.weights, features);
  const entries = heads.map((head, column): [Head, number] => {
    const { scale, bias } = model.calibrations[column] ?? { scale: 1, bias: 0 };
    return [head, sigmoid((sums[column] ?? 0) * scale + bias)];
  });
  // Every head has an entry.
  return Object.fromEntries(entries) as Record<Head, number>;
}

/** The sum of each column over the features of a text. */
export function sumsOf(weights: Int8Array | Float32Array, { buckets, values }: Features): Float64Array {
  const sums = new Float64Array(headCount);
  for (let i = 0; i < buckets.length; i += 1) {
    const row = (buckets[i] ?? 0) * headCount;
    const value = values[i] ?? 0;
    for (let column = 0; column < headCount; column += 1)
      sums[column] = (sums[column] ?? 0) + value * (weights[row + column] ?? 0);
  }
  return sums;
}

const { exp } = Math;

export function sigmoid(z: number): number {
  return 1 / (1 + exp(-z));
}

export const weightCount = bucketCount * headCount;
