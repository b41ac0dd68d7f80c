import { understand } from '../../src/analysis/understand.ts';
import type { DevLine } from './dev.ts';

export interface Accuracy {
  readonly language: string;
  readonly right: number;
  readonly of: number;
  readonly wrong: readonly string[];
}

/** How often the likeliest intent is one of those of the line, by language. */
export function measureIntents(lines: readonly DevLine[]): Accuracy[] {
  const languages = [...new Set(lines.map(({ language }) => language))];
  return languages.map((language) => {
    const own = lines.filter((line) => line.language === language);
    const wrong = own.flatMap(({ text, intents }) => {
      const best = understand(text, language).intents[0]?.intent ?? 'none';
      return intents.includes(best) ? [] : [`${intents.join()} -> ${best}: ${text}`];
    });
    return { language, right: own.length - wrong.length, of: own.length, wrong };
  });
}

export function shown(rows: readonly Accuracy[]): string {
  const right = rows.reduce((sum, row) => sum + row.right, 0);
  const of = rows.reduce((sum, row) => sum + row.of, 0);
  const each = rows.map((row) => `${row.language} ${row.right}/${row.of}`).join(', ');
  return `intents ${((100 * right) / of).toFixed(1)} % (${right}/${of}): ${each}\n`;
}
