import { intents as intentNames, sentiments } from '../../src/analysis/labels.domain.ts';
import { understand } from '../../src/analysis/understand.ts';
import { detectLanguage } from '../../src/language/detect-language.ts';
import type { DevLine } from './dev.ts';

export interface Accuracy {
  readonly language: string;
  readonly right: number;
  readonly of: number;
  readonly wrong: readonly string[];
}

/** How often the likeliest intent is one of those of the line, by language. */
export function measureIntents(lines: readonly DevLine[]): Accuracy[] {
  return byLanguage(lines, ({ text, intents, language }) => {
    const best = understand(text, language).intents[0]?.intent ?? 'none';
    return intents.includes(best) ? null : `${intents.join()} -> ${best}: ${text}`;
  });
}

/** How often the language of a line is found. */
export function measureLanguages(lines: readonly Pick<DevLine, 'language' | 'text'>[]): Accuracy[] {
  return byLanguage(lines, ({ text, language }) => {
    const found = detectLanguage(text).language;
    return found === language ? null : `${language} -> ${found ?? 'none'}: ${text}`;
  });
}

/** How often a line that was marked as unhappy or happy, or as neither, sounds so. */
export function measureSentiments(lines: readonly DevLine[]): Accuracy[] {
  return byLanguage(lines, ({ text, tone, language }) => {
    const { label } = understand(text, language).sentiment;
    return label === (tone ?? 'neutral') ? null : `${tone ?? 'neutral'} -> ${label}: ${text}`;
  });
}

function byLanguage<Line extends { readonly language: string }>(
  lines: readonly Line[],
  mistake: (line: Line) => string | null,
): Accuracy[] {
  return [...new Set(lines.map(({ language }) => language))].map((language) => {
    const own = lines.filter((line) => line.language === language);
    const wrong = own.flatMap((line) => mistake(line) ?? []);
    return { language, right: own.length - wrong.length, of: own.length, wrong };
  });
}

/** Of the answers that are certain: how many are right, and how many of the lines have one. */
export function measureCertain(lines: readonly DevLine[]) {
  const certain = lines.flatMap(({ text, intents, language }) => {
    const [best] = understand(text, language).intents;
    return best?.isCertain === true ? [intents.includes(best.intent)] : [];
  });
  return { right: certain.filter(Boolean).length, of: certain.length, lines: lines.length };
}

type Pair = readonly [wanted: string, found: string];

/** The mean of the F1 of the labels. */
function macroF1(pairs: readonly Pair[], labels: readonly string[]): number {
  const scores = labels.map((label) => {
    const both = pairs.filter(([wanted, found]) => wanted === label && found === label).length;
    const either = pairs.filter(([wanted, found]) => wanted === label || found === label).length;
    return either === 0 ? 1 : (2 * both) / (either + both);
  });
  return scores.reduce((sum, score) => sum + score, 0) / labels.length;
}

export function intentF1(lines: readonly DevLine[]): number {
  const pairs = lines.map(({ text, intents, language }): Pair => {
    const best = understand(text, language).intents[0]?.intent ?? 'none';
    return [intents.find((intent) => intent === best) ?? intents[0] ?? 'none', best];
  });
  return macroF1(pairs, intentNames);
}

export function sentimentF1(lines: readonly DevLine[]): number {
  const pairs = lines.map(({ text, tone, language }): Pair => {
    return [tone ?? 'neutral', understand(text, language).sentiment.label];
  });
  return macroF1(pairs, sentiments);
}

export function percent(right: number, of: number): string {
  return `${((100 * right) / Math.max(1, of)).toFixed(1)} %`;
}

export function shown(what: string, rows: readonly Accuracy[]): string {
  const right = rows.reduce((sum, row) => sum + row.right, 0);
  const of = rows.reduce((sum, row) => sum + row.of, 0);
  const each = rows.map((row) => `${row.language} ${row.right}/${row.of}`).join(', ');
  return `${what} ${percent(right, of)} (${right}/${of}): ${each}\n`;
}
