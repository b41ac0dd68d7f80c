import { eld } from 'eld/extrasmall';
import { indonesianOrMalay } from './malay.domain.ts';
import { languageByScript, type LanguageGuess } from './script.domain.ts';
import { wordsOf } from './words.domain.ts';

export interface DetectedLanguage {
  /** BCP 47; null when there are no words to decide by. */
  readonly language: string | null;
  /** 0 to 1. */
  readonly confidence: number;
  /** Name and version of the engine that decided. */
  readonly engine: string;
}

const scriptEngine = 'crossdesk-script/2';
const wordsEngine = 'eld-xs/2.1.0';
const malayEngine = 'eld-xs/2.1.0+crossdesk-malay/2';

/**
 * The languages of the marketplaces that have an adapter: if two languages score almost the same, one of these is
 * preferred.
 */
const marketLanguages = new Set('en es pt de fr ar ms ru tr it pl nl vi zh'.split(' '));
const marketAdvantage = 1.03;
/** Scores of n-grams are close together: this power spreads them, so that a clear answer gets 0.8 or more. */
const spread = 8;
/** Reduces the confidence when the library itself reports that it saw too few n-grams. */
const unreliableFactor = 0.4;

const detector = eld.newInstance();

/** Detects the language of a message: by its script if that decides, else by its n-grams. */
export function detectLanguage(text: string): DetectedLanguage {
  const words = wordsOf(text);
  if (words === '') return { language: null, confidence: 0, engine: scriptEngine };
  const byScript = languageByScript(words);
  if (byScript !== null) return { ...rounded(byScript), engine: scriptEngine };
  const byWords = languageByWords(words);
  if (byWords === null) return { language: null, confidence: 0, engine: wordsEngine };
  if (byWords.language !== 'ms') return { ...rounded(byWords), engine: wordsEngine };
  return { ...rounded(indonesianOrMalay(words, byWords.confidence)), engine: malayEngine };
}

const sureFrom = 0.9;

/** The language of a text; null if the detector is not sure. For judging what somebody or something else has written. */
export function sureLanguageOf(text: string): string | null {
  const { language, confidence } = detectLanguage(text);
  return confidence >= sureFrom ? language : null;
}

function languageByWords(words: string): LanguageGuess | null {
  const result = detector.detect(words);
  const ranking = Object.entries(result.getScores())
    .map(([language, score]) => ({ language, score: marketLanguages.has(language) ? score * marketAdvantage : score }))
    .sort((a, b) => b.score - a.score);
  const [best, second] = ranking;
  if (best === undefined) return null;
  const share = best.score ** spread / (best.score ** spread + (second?.score ?? 0) ** spread);
  return { language: best.language, confidence: result.isReliable() ? share : share * unreliableFactor };
}

function rounded({ language, confidence }: LanguageGuess): LanguageGuess {
  return { language, confidence: Math.round(confidence * 1_000) / 1_000 };
}
