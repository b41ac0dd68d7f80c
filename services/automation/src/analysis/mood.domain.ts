import type { MessageId } from '@crossdesk/contracts';
import type { Understanding } from './understanding.domain.ts';

export const moodLabels = ['calm', 'tense', 'angry'] as const;
export type MoodLabel = (typeof moodLabels)[number];

/** What a message of the buyer adds to the mood. */
export interface MoodSample {
  readonly messageId: MessageId;
  /** Milliseconds since 1970, by the platform's clock. */
  readonly at: number;
  /** From -1, unhappy, to 1, happy. */
  readonly tone: number;
  readonly hasRisk: boolean;
}

export interface Mood {
  readonly label: MoodLabel;
  /** From -1 to 1: recent messages count most. */
  readonly mean: number;
  /** The last messages of the buyer, in the order of the platform. */
  readonly samples: readonly MoodSample[];
}

const samplesMax = 50;
/** A message as sure as can be counts half, all before it the other half. */
const weightOfMessage = 0.5;
/** After this time the mood before a message counts half. */
const halfLifeMs = 48 * 3_600_000;
const tenseFrom = -0.35;
const angryFrom = -0.6;
const calmerFrom = -0.15;
/** So many messages in a row must be calmer before the mood goes back a step: it does not flicker. */
const calmerMessages = 2;
const veryNegative = -0.8;

export const noMood: Mood = { label: 'calm', mean: 0, samples: [] };

export function sampleOf(messageId: MessageId, at: number, { sentiment, risks }: Understanding): MoodSample {
  const sign = sentiment.label === 'negative' ? -1 : sentiment.label === 'positive' ? 1 : 0;
  return { messageId, at, tone: sign * sentiment.score, hasRisk: risks.length > 0 };
}

/** The mood with one more message, wherever that is in the order of the platform; the same message again replaces it. */
export function withSample(mood: Mood, sample: MoodSample): Mood {
  return moodOf([...mood.samples.filter(({ messageId }) => messageId !== sample.messageId), sample]);
}

/** The mood that messages make, each of them once, in any order. */
export function moodOf(messages: readonly MoodSample[]): Mood {
  const samples = messages.toSorted((a, b) => a.at - b.at || (a.messageId < b.messageId ? -1 : 1)).slice(-samplesMax);
  return { ...moodAfter(samples), samples };
}

function moodAfter(samples: readonly MoodSample[]): Omit<Mood, 'samples'> {
  let label: MoodLabel = 'calm';
  let mean = 0;
  let calmer = 0;
  let previous: MoodSample | null = null;
  for (const sample of samples) {
    mean = nextMean(mean, previous, sample);
    calmer = mean >= calmerFrom ? calmer + 1 : 0;
    const worse = labelAt(mean, previous, sample);
    if (rank(worse) > rank(label)) label = worse;
    else if (calmer >= calmerMessages && label !== 'calm') {
      label = label === 'angry' ? 'tense' : 'calm';
      calmer = 0;
    }
    previous = sample;
  }
  return { label, mean: Math.round(mean * 1_000) / 1_000 };
}

function nextMean(mean: number, previous: MoodSample | null, { at, tone }: MoodSample): number {
  const faded = mean * 2 ** (-Math.max(0, at - (previous?.at ?? at)) / halfLifeMs);
  // A message that says nothing about the mood changes it little.
  const weight = weightOfMessage * Math.max(0.4, Math.abs(tone));
  return weight * tone + (1 - weight) * faded;
}

function labelAt(mean: number, previous: MoodSample | null, sample: MoodSample): MoodLabel {
  const isTwiceBad =
    previous !== null &&
    [previous, sample].every(({ tone }) => tone <= veryNegative) &&
    (previous.hasRisk || sample.hasRisk);
  if (mean <= angryFrom || isTwiceBad) return 'angry';
  return mean <= tenseFrom ? 'tense' : 'calm';
}

function rank(label: MoodLabel): number {
  return moodLabels.indexOf(label);
}
