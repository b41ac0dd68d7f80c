import { compilePattern } from './compile-pattern.ts';
import { type FormatValue, readValue, type Variable } from './variable.ts';

/** The values of a message by the names of their variables; null: malformed, or nothing remains of it. */
export type ReadValues = ReadonlyMap<string, FormatValue | null>;

type RenderedPattern =
  | { readonly ok: true; readonly text: string }
  /** The variables that have no value, and those whose value is malformed or empty. */
  | { readonly ok: false; readonly missing: readonly string[]; readonly malformed: readonly string[] };

/** Reads the values of variables, from their texts; `readValue` describes each type. */
export function readValues(variables: readonly Variable[], values: ReadonlyMap<string, string>): ReadValues {
  return new Map(
    variables.flatMap(({ name, type }) => {
      const text = values.get(name);
      return text === undefined ? [] : [[name, readValue(type, text)] as const];
    }),
  );
}

/**
 * Renders a pattern that was checked for this locale and these variables. A variable of the pattern without a value is
 * named, also if it stands in a case that is not shown: a hole is never sent.
 */
export function renderPattern(
  pattern: string,
  locale: string,
  variables: readonly Variable[],
  values: ReadValues,
): RenderedPattern {
  const { used, format } = compilePattern(pattern, locale, variables);
  const missing = used.filter((name) => !values.has(name));
  const malformed = used.filter((name) => values.get(name) === null);
  const shown = used.flatMap((name) => {
    const value = values.get(name)?.(locale);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (missing.length > 0 || malformed.length > 0) return { ok: false, missing, malformed };
  return { ok: true, text: format(Object.fromEntries(shown)) };
}
