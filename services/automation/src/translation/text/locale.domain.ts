/** The language, for Chinese with its script: `zh-Hant` for zh-TW, `pt` for pt-BR. */
export function languageOf(locale: string): string {
  const { language, script } = new Intl.Locale(locale).maximize();
  return language === 'zh' && script !== undefined ? `${language}-${script}` : (language ?? locale);
}

/** The locales whose words may be used for this one: itself, and its language without a country. */
export function localesFor(locale: string): string[] {
  const { baseName, language } = new Intl.Locale(locale);
  const isPlain = languageOf(language) === languageOf(locale);
  return [...new Set([baseName, languageOf(locale), ...(isPlain ? [language] : [])])];
}
