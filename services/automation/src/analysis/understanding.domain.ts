import type { Entity } from './entities.domain.ts';
import { type Intent, intents, type Sentiment, sentiments } from './labels.domain.ts';
import type { Calibration, Scores } from './model.domain.ts';
import type { Risk } from './risks.domain.ts';

export interface FoundIntent {
  readonly intent: Intent;
  /** The probability, 0 to 1. */
  readonly score: number;
  /** Whether the score is above the threshold of this intent. */
  readonly isCertain: boolean;
}

export interface FoundSentiment {
  readonly label: Sentiment;
  /** The probability, 0 to 1. */
  readonly score: number;
}

/** What was found out about a message of a buyer. */
export interface Understanding {
  /** Name and version of the model. */
  readonly model: string;
  /** The best first; none if nothing is likely. */
  readonly intents: readonly FoundIntent[];
  readonly sentiment: FoundSentiment;
  /** The probability that it is a complaint. */
  readonly complaint: number;
  /** The probability that it is urgent. */
  readonly urgency: number;
  readonly risks: readonly Risk[];
  readonly entities: readonly Entity[];
}

/** Whether the model knows what the buyer wants, or is only guessing. */
export function isCertain({ intents: found }: Pick<Understanding, 'intents'>): boolean {
  return found.some((one) => one.isCertain);
}

/** The best intent is named from this score on, further ones from the higher one. */
const likelyMin = 0.1;
const furtherMin = 0.4;

export function foundIntents(scores: Scores, calibrations: readonly Calibration[]): FoundIntent[] {
  return intents
    .map((intent, column): FoundIntent => {
      const score = rounded(scores[intent]);
      return { intent, score, isCertain: score >= (calibrations[column]?.threshold ?? 1) };
    })
    .toSorted((a, b) => b.score - a.score)
    .filter(({ score }, index) => score >= (index === 0 ? likelyMin : furtherMin));
}

/** The likeliest of the three, with its share. */
export function foundSentiment(scores: Scores): FoundSentiment {
  const sum = sentiments.reduce((total, label) => total + scores[label], 0);
  const best = sentiments.reduce((one, other) => (scores[other] > scores[one] ? other : one), 'neutral');
  return { label: best, score: rounded(scores[best] / Math.max(sum, 1e-9)) };
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
