import { fold } from '@crossdesk/folded-text';
import { gifts, promises } from './promise-words.domain.ts';

const foldedGifts = Object.entries(gifts).map(([gift, words]) => ({
  gift,
  words: words.split('|').map((word) => fold(word).text),
}));
const foldedPromises = promises.flatMap((words) => words.split('|')).map((words) => fold(words).text);

/** Beyond this a text is not folded. */
const partCharacters = 1_500;

/** What a text speaks of giving, in whatever language. */
export function giftsIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const part of partsOf(text))
    for (const { gift, words } of foldedGifts) if (words.some((word) => contains(part, word))) found.add(gift);
  return found;
}

/** The words with which a text promises something, or says that it is done. */
export function promisesIn(text: string): string[] {
  const parts = partsOf(text);
  return foldedPromises.filter((words) => parts.some((part) => contains(part, words)));
}

/** Words are looked for from their beginning on: `refund` is in `refunded`. */
function contains(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const before = text.charAt(at - 1);
    if (!/[\p{L}]/u.test(before) || !/^\p{Script=Latin}|^\p{Script=Cyrillic}/u.test(words)) return true;
  }
  return false;
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += partCharacters)
    parts.push(fold(text.slice(at, at + partCharacters + 60)).text);
  return parts;
}
