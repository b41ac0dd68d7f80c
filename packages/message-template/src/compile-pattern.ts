import { type MessageFormatElement, TYPE } from '@formatjs/icu-messageformat-parser';
import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import { LRUCache } from 'lru-cache';
import { dateFormat, numberFormat, pluralRules } from './formats.ts';
import { elementsOf, parsePattern, variableOf } from './pattern.ts';
import type { Variable } from './variable.ts';

export interface CompiledPattern {
  /** The variables that it shows in some case. */
  readonly used: readonly string[];
  /** The text, with a value for every used variable. */
  format(values: Readonly<Record<string, string | number | Date>>): string;
}

const formatters: Formatters = {
  getNumberFormat: (locale, options) => numberFormat(String(locale), options ?? {}),
  getDateTimeFormat: (locale, options) => dateFormat(String(locale), options ?? {}),
  getPluralRules: (locale, options) => pluralRules(String(locale), options ?? {}),
};

/** The patterns that were rendered last: compiling one takes ten times as long as rendering it. */
const compiled = new LRUCache<string, CompiledPattern>({
  maxSize: 500_000,
  sizeCalculation: (_, key) => key.length,
});

/** Compiles a pattern that was checked for this locale and these variables. */
export function compilePattern(pattern: string, locale: string, variables: readonly Variable[]): CompiledPattern {
  const types = variables.map(({ name, type }) => `${name}:${type}`).join(' ');
  const key = `${locale} ${types} ${pattern}`;
  const found = compiled.get(key) ?? compile(pattern, locale, variables);
  compiled.set(key, found);
  return found;
}

function compile(pattern: string, locale: string, variables: readonly Variable[]): CompiledPattern {
  const elements = parsePattern(pattern);
  const message = new IntlMessageFormat(withFormats(elements, variables), locale, undefined, { formatters });
  return {
    used: [...new Set(elementsOf(elements).flatMap((element) => variableOf(element) ?? []))],
    format: (values) => {
      const text = message.format<string>(values);
      return Array.isArray(text) ? text.join('') : text;
    },
  };
}

/** `{count}` shows a number, and `{day}` a date, in the form of the locale, as `{count, number}` and `{day, date}` do. */
function withFormats(
  elements: readonly MessageFormatElement[],
  variables: readonly Variable[],
): MessageFormatElement[] {
  return elements.map((element): MessageFormatElement => {
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      const options = Object.entries(element.options).map(
        ([name, { value }]) => [name, { value: withFormats(value, variables) }] as const,
      );
      return { ...element, options: Object.fromEntries(options) };
    }
    if (element.type !== TYPE.argument) return element;
    const type = variables.find(({ name }) => name === element.value)?.type;
    if (type === 'number') return { type: TYPE.number, value: element.value, style: null };
    return type === 'date' ? { type: TYPE.date, value: element.value, style: 'medium' } : element;
  });
}
