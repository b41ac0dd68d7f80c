import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DevLine, readDevLines } from './dev.ts';
import {
  intentF1,
  measureCertain,
  measureIntents,
  measureLanguages,
  measureSentiments,
  percent,
  sentimentF1,
  shown,
} from './measure.ts';

// Prints how good the committed weights and the detection of languages are on lines that they were not trained on. `dev`
// was used to choose phrases, `held` only to measure. `--wrong` prints each line of `dev` that they get wrong.
const sets = { dev: readDevLines('dev'), held: readDevLines('held') };
const corpora = { dev: readCorpus('corpus.json'), held: readCorpus('corpus-held-out.json') };
const { inDomain } = JSON.parse(readFileSync(join(import.meta.dirname, '../heads.json'), 'utf8')) as {
  inDomain: { right: number; of: number };
};

const intents = { dev: measureIntents(sets.dev), held: measureIntents(sets.held) };
const write = (text: string) => process.stdout.write(text);
write(`intents, lines of the training text that the calibrating run did not learn: ${inDomainShown()}\n`);
for (const set of ['dev', 'held'] as const) {
  const { right, of, lines } = measureCertain(sets[set]);
  write(shown(`${set}: intents`, intents[set]));
  write(`${set}: intents, macro-F1 ${(100 * intentF1(sets[set])).toFixed(1)}\n`);
  write(`${set}: certain answers ${percent(right, of)} right, given for ${percent(of, lines)}\n`);
  const isMarked = sets[set].some(({ tone }) => tone !== null);
  if (isMarked) write(shown(`${set}: sentiment`, measureSentiments(sets[set])));
  write(`${set}: sentiment, macro-F1 ${isMarked ? (100 * sentimentF1(sets[set])).toFixed(1) : 'not measured'}\n`);
  write(shown(`${set}: language, same lines`, measureLanguages(sets[set])));
  write(shown(`${set}: language, corpus`, measureLanguages(corpora[set])));
}
if (process.argv.includes('--wrong')) write(intents.dev.map(({ wrong }) => `${wrong.join('\n')}\n`).join(''));

function inDomainShown(): string {
  return `${percent(inDomain.right, inDomain.of)} (${inDomain.right}/${inDomain.of})`;
}

/** Messages of buyers by language. */
function readCorpus(file: string): Pick<DevLine, 'language' | 'text'>[] {
  const path = join(import.meta.dirname, '../../test', file);
  const corpus = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string[]>;
  return Object.entries(corpus).flatMap(([language, texts]) => texts.map((text) => ({ language, text })));
}
