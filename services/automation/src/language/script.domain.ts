export interface LanguageGuess {
  /** BCP 47. */
  readonly language: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Scripts that only one language of commerce uses. Han comes last: together with kana it is Japanese. */
const languageOfScript = [
  { letters: /[\p{Script=Hiragana}\p{Script=Katakana}ー]/gu, language: 'ja' },
  { letters: /\p{Script=Hangul}/gu, language: 'ko' },
  { letters: /\p{Script=Thai}/gu, language: 'th' },
  { letters: /\p{Script=Lao}/gu, language: 'lo' },
  { letters: /\p{Script=Khmer}/gu, language: 'km' },
  { letters: /\p{Script=Myanmar}/gu, language: 'my' },
  { letters: /\p{Script=Greek}/gu, language: 'el' },
  { letters: /\p{Script=Hebrew}/gu, language: 'he' },
  { letters: /\p{Script=Georgian}/gu, language: 'ka' },
  { letters: /\p{Script=Armenian}/gu, language: 'hy' },
  { letters: /\p{Script=Tamil}/gu, language: 'ta' },
] as const;

/** A character of these scripts counts as three Latin letters, so that `Mサイズ` is not half English. */
const latinLettersPerCharacter = 3;

/** The language that follows from the script alone; null when the library has to decide by the words. */
export function languageByScript(words: string): LanguageGuess | null {
  const latin = count(words, /\p{Script=Latin}/gu) / latinLettersPerCharacter;
  const han = count(words, /\p{Script=Han}/gu);
  for (const { letters, language } of languageOfScript) {
    const found = count(words, letters);
    const own = language === 'ja' && found > 0 ? found + han : found;
    if (own > 0 && own >= latin) return { language, confidence: own / (own + latin) };
  }
  // A few Japanese messages have no kana at all, so Han is never quite certain.
  if (han > 0 && han >= latin) return { language: 'zh', confidence: 0.9 * (han / (han + latin)) };
  return languageByCyrillicLetter(words);
}

/** Letters that only one of the languages in Cyrillic has: n-grams of short messages mix these languages up. */
function languageByCyrillicLetter(words: string): LanguageGuess | null {
  if (/ў/iu.test(words)) return { language: 'be', confidence: 0.95 };
  if (/[їєґ]/iu.test(words)) return { language: 'uk', confidence: 0.95 };
  if (/і/iu.test(words) && !/[ыәғқңөұүһ]/iu.test(words)) return { language: 'uk', confidence: 0.9 };
  if (/[ыэё]/iu.test(words) && !/і/iu.test(words)) return { language: 'ru', confidence: 0.95 };
  return null;
}

function count(words: string, letters: RegExp): number {
  return words.match(letters)?.length ?? 0;
}
