const localeCharactersMax = 35;

/**
 * The usual spelling of a BCP 47 locale, without extensions: `pt-BR` for `PT-br`. Null for a text that is no locale, and
 * for a language whose plurals and formats are not known here.
 */
export function canonicalLocale(text: string): string | null {
  const locale = localeOf(text);
  if (locale === null || Intl.PluralRules.supportedLocalesOf(locale.baseName).length === 0) return null;
  return locale.baseName;
}

/** Two locales are one language if the same people can read both: `zh-CN` and `zh-TW` differ in their script. */
export function isSameLanguage(one: string, other: string): boolean {
  const [a, b] = [localeOf(one)?.maximize(), localeOf(other)?.maximize()];
  return a !== undefined && b !== undefined && a.language === b.language && a.script === b.script;
}

/** The region that a locale names; null for a language without a region. */
export function regionOf(text: string): string | null {
  return localeOf(text)?.region ?? null;
}

function localeOf(text: string): Intl.Locale | null {
  if (text.length > localeCharactersMax) return null;
  try {
    return new Intl.Locale(text);
  } catch (problem) {
    if (problem instanceof RangeError) return null;
    throw problem;
  }
}
