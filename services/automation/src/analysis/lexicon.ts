import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPhrases, noPhrases, type Phrases } from './phrases.domain.ts';

const folder = join(import.meta.dirname, '../../models/phrases');

/**
 * Words that show an intent or a risk, in all languages at once: buyers mix languages, and the language of a short
 * message is not certain.
 */
export const lexicon: Phrases = readLexicon();

function readLexicon(): Phrases {
  const phrases = noPhrases();
  for (const file of readdirSync(folder).sort()) addPhrases(phrases, readFileSync(join(folder, file), 'utf8'));
  return phrases;
}
