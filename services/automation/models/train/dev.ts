import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface DevLine {
  readonly language: string;
  readonly intents: readonly string[];
  /** Whether the line was marked as unhappy (-) or happy (+). */
  readonly tone: 'negative' | 'positive' | null;
  readonly text: string;
}

const folders = { dev: join(import.meta.dirname, '../dev'), held: join(import.meta.dirname, '../held') };

/**
 * Lines in other words than the training text, by language; no training reads them. `dev` is there to choose phrases and
 * settings by; `held` only to measure: nothing may be chosen by it.
 */
export function readDevLines(set: keyof typeof folders): DevLine[] {
  const folder = folders[set];
  return readdirSync(folder)
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter((line) => line.includes(': '))
        .map((line) => devLine(basename(file, '.txt'), line)),
    );
}

function devLine(language: string, line: string): DevLine {
  const colon = line.indexOf(': ');
  const marks = line.slice(0, colon).split(',');
  const tone = marks.includes('-') ? 'negative' : marks.includes('+') ? 'positive' : null;
  const intents = marks.filter((mark) => mark !== '-' && mark !== '+');
  return { language, intents, tone, text: line.slice(colon + 2) };
}
