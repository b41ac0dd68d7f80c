import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { featuresOf } from '../../src/analysis/features.domain.ts';
import { fold } from '@crossdesk/folded-text';
import { heads, intents } from '../../src/analysis/labels.domain.ts';
import { type Calibration, type Model, scoresOf } from '../../src/analysis/model.domain.ts';
import { lexicon } from '../../src/analysis/lexicon.ts';
import { findPhrases } from '../../src/analysis/phrases.domain.ts';
import { type Example, examplesOf } from './examples.ts';
import { readText, type Text } from './grammar.ts';
import { seeded } from './random.ts';
import { calibrated, type Lesson, quantised, train } from './trainer.ts';

const textFolder = join(import.meta.dirname, 'text');

export interface Built {
  readonly bytes: Int8Array;
  readonly calibrations: readonly Calibration[];
  readonly sha256: string;
  readonly examples: number;
  /** How often the likeliest intent is right on the lines that the calibrating run did not learn. */
  readonly inDomain: { readonly right: number; readonly of: number };
}

/** The training texts, by language. */
export function readTexts(languages: readonly string[] | null = null): Text[] {
  const names = readdirSync(textFolder)
    .map((file) => basename(file, '.txt'))
    .filter((name) => languages === null || languages.includes(name))
    .sort();
  return names.map((name) => readText(name, readFileSync(join(textFolder, `${name}.txt`), 'utf8')));
}

/** A test trains this alone, the shortest text, and expects the hash that is in `heads.json`. */
export const sliceLanguages = ['ms'] as const;

const epochs = 8;
const heldOutEvery = 5;
const seed = 20_261_130;

/**
 * Trains the model. Its calibration comes from a first training without every fifth line of the texts; the weights come
 * from all lines.
 */
export function build(texts: readonly Text[]): Built {
  const isHeldOut = (index: number) => index % heldOutEvery === 2;
  const most = lessonsOf(texts, (index) => !isHeldOut(index));
  const first = quantised(train(most, epochs, seeded(seed)));
  const unlearnt = lessonsOf(texts, isHeldOut);
  const calibrations = calibrated(first.bytes, first.scales, unlearnt);
  const all = lessonsOf(texts, () => true);
  const { bytes, scales } = quantised(train(all, epochs, seeded(seed)));
  const scaled = calibrations.map((calibration, column) => ({
    ...calibration,
    scale: (calibration.scale / (first.scales[column] ?? 1)) * (scales[column] ?? 1),
  }));
  const inDomain = rightIntents({ weights: first.bytes, calibrations }, unlearnt);
  return { bytes, calibrations: scaled, sha256: hashOf(bytes), examples: all.length, inDomain };
}

/** Of the lessons that have an intent. */
function rightIntents(model: Pick<Model, 'weights' | 'calibrations'>, lessons: readonly Lesson[]) {
  const asking = lessons.filter(({ targets }) => targets.subarray(0, intents.length).includes(1));
  const right = asking.filter(({ features, targets }) => {
    const scores = scoresOf(model, features);
    const best = intents.reduce((one, other) => (scores[other] > scores[one] ? other : one));
    return targets[intents.indexOf(best)] === 1;
  });
  return { right: right.length, of: asking.length };
}

function hashOf(bytes: Int8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function lessonsOf(texts: readonly Text[], isWanted: (index: number) => boolean): Lesson[] {
  return texts.flatMap((text) => {
    const patterns = text.patterns.filter((_, index) => isWanted(index));
    return examplesOf(text, patterns, seeded(seed)).map(lessonOf);
  });
}

function lessonOf({ text, intents, sentiment, isComplaint, isUrgent }: Example): Lesson {
  const folded = fold(text);
  const wanted = new Set<string>([...intents, sentiment]);
  if (isComplaint) wanted.add('complaint');
  if (isUrgent) wanted.add('urgency');
  return {
    features: featuresOf(folded, findPhrases(lexicon, folded), text),
    targets: Uint8Array.from(heads, (head) => (wanted.has(head) ? 1 : 0)),
  };
}
