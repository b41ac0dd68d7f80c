// Text that does not show a language: URLs, e-mail addresses, and everything with a digit (order numbers, tracking
// numbers, sizes, prices).
const mail = /\S@\S/u;
const link = /(?:https?:\/\/|www\.)\S+/giu;
const run = /[A-Za-z0-9_-]+/g;
const otherThanWords = /[^\p{L}\p{M}'’\s]/gu;

/** Beyond this, more text makes the answer slower but not better. */
const textCharactersMax = 1_000;

/** The words of a message; empty for a message of numbers, links and emoji. */
export function wordsOf(text: string): string {
  const words = text
    .slice(0, textCharactersMax)
    .split(/\s+/u)
    .filter((word) => !mail.test(word))
    .join(' ')
    .replace(link, ' ')
    .replace(run, (letters) => (/[0-9]/.test(letters) ? ' ' : letters))
    .replace(otherThanWords, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return /\p{L}/u.test(words) ? words : '';
}
