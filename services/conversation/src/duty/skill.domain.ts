export const skillKinds = ['language', 'market', 'topic'] as const;
export type SkillKind = (typeof skillKinds)[number];

/** What somebody can do, or must be able to do; 1 is a beginner, 5 a native. */
export interface Skill {
  readonly kind: SkillKind;
  /** In lower case: a language as BCP 47, a market as ISO 3166-1, or a word of the workspace. */
  readonly value: string;
  readonly level: number;
}

const names = {
  language: new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }),
  market: new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
};

/**
 * The value of a skill as it is kept: a language in its canonical form (BCP 47), a market as ISO 3166-1, in lower case. Null
 * for what is no language or no country.
 */
export function skillValue(kind: SkillKind, text: string): string | null {
  const value = text.trim();
  switch (kind) {
    case 'language':
      return languageOf(value);
    case 'market':
      return /^[a-z]{2}$/i.test(value) && names.market.of(value.toUpperCase()) !== undefined
        ? value.toLowerCase()
        : null;
    case 'topic':
      return value.toLowerCase();
  }
}

function languageOf(value: string): string | null {
  try {
    const locale = new Intl.Locale(value);
    return names.language.of(locale.language) === undefined ? null : locale.baseName.toLowerCase();
  } catch (error) {
    // It has not even the form of one.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
