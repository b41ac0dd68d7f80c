import type { PluralElement } from '@formatjs/icu-messageformat-parser';
import { pluralRules } from './formats.ts';

/**
 * Whole numbers that show every category people meet in an order. Spanish has `many` for millions only, Czech for
 * fractions only: these use `other`, which every plural has.
 */
const numbers = Array.from({ length: 201 }, (_, n) => n);

/** The plural categories of a locale that a plural has no case for, for instance `few` in Polish. */
export function missingCategories({ options, offset, pluralType }: PluralElement, locale: string): string[] {
  const rules = pluralRules(locale, { type: pluralType ?? 'cardinal' });
  const needed = numbers.filter((n) => !Object.hasOwn(options, `=${n}`)).map((n) => rules.select(n - offset));
  return [...new Set(needed)].filter((category) => !Object.hasOwn(options, category));
}
