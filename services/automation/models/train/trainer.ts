import type { Features } from '../../src/analysis/features.domain.ts';
import { type Calibration, headCount, sigmoid, sumsOf, weightCount } from '../../src/analysis/model.domain.ts';
import type { Random } from './random.ts';

export interface Lesson {
  readonly features: Features;
  /** 0 or 1 for each head. */
  readonly targets: Uint8Array;
}

// Of the inner loop: a name of this module is found faster than a global one.
const { sqrt } = Math;

const rate = 0.35;
const gramsDropped = 0.3;
/** In so many lessons the phrases have to do without n-grams, as with words that the texts do not have. */
const withoutGrams = 0.25;
const epsilon = 1e-6;

/**
 * Logistic regression of all heads at once, with AdaGrad and dropped features. Only operations that every machine
 * rounds in the same way, so the same lessons and seed give the same weights.
 */
export function train(lessons: readonly Lesson[], epochs: number, random: Random): Float32Array {
  const weights = new Float32Array(weightCount);
  const squares = new Float32Array(weightCount);
  const order = lessons.map((_, index) => index);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const index of order) {
      const lesson = lessons[index];
      if (lesson !== undefined) learn(weights, squares, lesson, random);
    }
  }
  return weights;
}

function learn(weights: Float32Array, squares: Float32Array, { features, targets }: Lesson, random: Random): void {
  const kept = someOf(features, random);
  const sums = sumsOf(weights, kept);
  const errors = sums.map((sum, column) => sigmoid(sum) - (targets[column] ?? 0));
  for (let i = 0; i < kept.buckets.length; i += 1) {
    const row = (kept.buckets[i] ?? 0) * headCount;
    const value = kept.values[i] ?? 0;
    for (let column = 0; column < headCount; column += 1) {
      const gradient = (errors[column] ?? 0) * value;
      const square = (squares[row + column] ?? 0) + gradient * gradient;
      squares[row + column] = square;
      weights[row + column] = (weights[row + column] ?? 0) - (rate * gradient) / (sqrt(square) + epsilon);
    }
  }
}

/** Drops n-grams by chance, so that no single one decides. */
function someOf({ markCount, buckets, values }: Features, random: Random): Features {
  const dropped = random.next() < withoutGrams ? 0.9 : gramsDropped;
  const kept = new Int32Array(buckets.length);
  const keptValues = new Float32Array(buckets.length);
  let count = 0;
  for (let i = 0; i < buckets.length; i += 1) {
    if (i >= markCount && random.next() < dropped) continue;
    kept[count] = buckets[i] ?? 0;
    keptValues[count] = values[i] ?? 0;
    count += 1;
  }
  return { markCount, buckets: kept.subarray(0, count), values: keptValues.subarray(0, count) };
}

function shuffle(order: number[], random: Random): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const at = random.below(last + 1);
    const moved = order[last] ?? 0;
    order[last] = order[at] ?? 0;
    order[at] = moved;
  }
}

/** Weights in one byte each; the scales turn the sums back. */
export function quantised(weights: Float32Array): { readonly bytes: Int8Array; readonly scales: readonly number[] } {
  const largest = new Float64Array(headCount);
  weights.forEach((weight, index) => {
    const column = index % headCount;
    largest[column] = Math.max(largest[column] ?? 0, Math.abs(weight));
  });
  const scales = [...largest].map((size) => (size === 0 ? 1 : size / 127));
  const bytes = Int8Array.from(weights, (weight, index) => Math.round(weight / (scales[index % headCount] ?? 1)));
  return { bytes, scales };
}

const precisionMin = 0.95;
const steps = 400;

/** Finds for each head how sums become probabilities, on lessons that were not trained. */
export function calibrated(bytes: Int8Array, scales: readonly number[], lessons: readonly Lesson[]): Calibration[] {
  const sums = lessons.map(({ features }) => sumsOf(bytes, features));
  return scales.map((scale, column) => {
    const points = lessons.map(({ targets }, i) => ({
      z: (sums[i]?.[column] ?? 0) * scale,
      target: targets[column] ?? 0,
    }));
    const { slope, bias } = fitted(points);
    const answers = points.map(({ z, target }) => ({ score: sigmoid(z * slope + bias), target }));
    return { scale: rounded(scale * slope), bias: rounded(bias), threshold: thresholdOf(answers) };
  });
}

/** Gradient descent on slope and bias of a logistic curve. */
function fitted(points: readonly { readonly z: number; readonly target: number }[]) {
  let slope = 1;
  let bias = 0;
  for (let step = 0; step < steps; step += 1) {
    let ofSlope = 0;
    let ofBias = 0;
    for (const { z, target } of points) {
      const error = sigmoid(z * slope + bias) - target;
      ofSlope += error * z;
      ofBias += error;
    }
    slope = Math.max(0.05, slope - (0.5 * ofSlope) / Math.max(1, points.length));
    bias -= (0.5 * ofBias) / Math.max(1, points.length);
  }
  return { slope, bias };
}

/** A higher score is certain even if fewer are right among lines that two intents could have: on `dev` 99 % are. */
const thresholdMax = 0.85;

/** The lowest score above which 95 % are right; 0.5 at least. */
function thresholdOf(answers: readonly { readonly score: number; readonly target: number }[]): number {
  const falling = answers.toSorted((a, b) => b.score - a.score);
  let right = 0;
  let lowest = 1;
  falling.forEach(({ score, target }, index) => {
    right += target;
    if (right / (index + 1) >= precisionMin) lowest = score;
  });
  return rounded(Math.min(thresholdMax, Math.max(0.5, lowest)));
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
