import { refuse, type Refused } from '@crossdesk/service-kit/decision';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { famousPhrases } from './famous-phrases.ts';

/** The estimate takes quadratic time: 0.1 s for so many characters, 1.3 s for 200. More cannot make a password weaker. */
const estimatedCharactersMax = 64;
/** Of 0 to 4: "safely unguessable" from this one on, at least 10^8 guesses. */
const scoreMin = 3;

let estimator: ZxcvbnFactory | null = null;

/**
 * Refuses a password that is among the first to be guessed: one of the 49,000 most common, a famous phrase, a pattern of the keyboard, a
 * repetition, a date, or made of words that are known of the person.
 */
export function refuseWeak(
  field: string,
  password: string,
  knownWords: readonly string[],
): Refused<'INVALID_INPUT'> | null {
  // Loaded at the first use: the lists take 25 MB.
  estimator ??= new ZxcvbnFactory({
    dictionary: { ...dictionary, 'famous-phrases': [...famousPhrases] },
    graphs: adjacencyGraphs,
  });
  const words = [...knownWords, 'crossdesk'].flatMap((word) => [word, ...word.split(/[\s@._-]+/)]);
  const { score } = estimator.check(
    password.slice(0, estimatedCharactersMax),
    words.filter((word) => word.length > 2),
  );
  if (score >= scoreMin) return null;
  const message = 'The password is easy to guess: take several words that do not belong together, or a random one.';
  return refuse('INVALID_INPUT', field, message);
}
