// Text that does not show a language: URLs, e-mail addresses, and everything with a digit (order numbers, tracking
// numbers, sizes, prices).
const address = /(?:https?:\/\/|www\.)\S+|\S+@\S+/giu;
const numbered = /[A-Za-z_-]*[0-9][A-Za-z0-9_-]*/g;
const otherThanWords = /[^\p{L}\p{M}'’\s]/gu;

/** Beyond this, more text makes the answer slower but not better. */
const textCharactersMax = 1_000;

/** The words of a message; empty for a message of numbers, links and emoji. */
export function wordsOf(text: string): string {
  const words = text
    .slice(0, textCharactersMax)
    .replace(address, ' ')
    .replace(numbered, ' ')
    .replace(otherThanWords, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return /\p{L}/u.test(words) ? words : '';
}
