import { type MessageFormatElement, TYPE } from '@formatjs/icu-messageformat-parser';
import { type Formatters, IntlMessageFormat } from 'intl-messageformat';
import { elementsOf, parsePattern, variableOf } from './pattern.ts';
import { readValue, type Variable } from './variable.ts';

/** The text of values by the names of their variables; `readValue` describes each type. */
export type Values = ReadonlyMap<string, string>;

type RenderedPattern =
  | { readonly ok: true; readonly text: string }
  /** The variables that have no value, and those whose value is malformed or empty. */
  | { readonly ok: false; readonly missing: readonly string[]; readonly malformed: readonly string[] };

/** Dates are days of the calendar, at midnight in UTC. */
const formatters: Formatters = {
  getNumberFormat: (locale, options) => new Intl.NumberFormat(locale, options),
  getDateTimeFormat: (locale, options) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }),
  getPluralRules: (locale, options) => new Intl.PluralRules(locale, options),
};

/**
 * Renders a pattern that was checked for this locale and these variables. A variable of the pattern without a value is
 * named, also if it stands in a case that is not shown: a hole is never sent.
 */
export function renderPattern(
  pattern: string,
  locale: string,
  variables: readonly Variable[],
  values: Values,
): RenderedPattern {
  const elements = parsePattern(pattern);
  const used = new Set(elementsOf(elements).flatMap((element) => variableOf(element) ?? []));
  const shown = variables.filter(({ name }) => used.has(name));
  const missing = [...used].filter((name) => !values.has(name));
  const read = shown.map(({ name, type }) => ({ name, format: readValue(type, values.get(name) ?? '') }));
  const malformed = read.flatMap(({ name, format }) => (format === null && values.has(name) ? [name] : []));
  if (missing.length > 0 || malformed.length > 0) return { ok: false, missing, malformed };
  const formatted = read.map(({ name, format }) => [name, format?.(locale)] as const);
  const message = new IntlMessageFormat(withFormats(elements, shown), locale, undefined, { formatters });
  const text = message.format<string>(Object.fromEntries(formatted));
  return { ok: true, text: Array.isArray(text) ? text.join('') : text };
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
