import type { Place } from './finding.ts';
import { inviting, refusedBefore, refusedBehind } from './words/refusal.ts';
import { hasPhrase } from './text/phrases.ts';

/** Where a clause ends: a sign, or a word behind which something else is said. */
const breaks =
  /[,;:.!?，；：。！？、…؟،।()\n–—]|(?<=\s)(?:but|so|and|then|please|aber|sondern|und|bitte|mais|donc|et|pero|así|y|mas|então|quindi|ma|maar|dus|ale|więc|а|но|але|ama|لكن|אבל|tapi|jadi|nhưng|nên|men|så|och|लेकिन)(?=\s)|但|所以|不过|而是|แต่/gu;

/** Only such words stand between the items of a list. */
const joining = new Set(
  [
    '',
    'or',
    'and',
    'nor',
    'oder',
    'und',
    'ou',
    'et',
    'o',
    'y',
    'e',
    'of',
    'en',
    'lub',
    'i',
    'nebo',
    'или',
    'або',
  ].concat([...['veya', '或', '和', 'や', 'または', 'および']]),
);

function isJoining(between: string): boolean {
  return joining.has(between.replaceAll(/[,、，/]/g, ' ').trim());
}

const reachCharacters = 40;

/** The places of a searched text that it offers or promises: those that it refuses are left out. */
export function unrefused(text: string, places: readonly Place[]): Place[] {
  let refusedUntil: number | null = null;
  return places
    .toSorted((one, other) => one.start - other.start)
    .filter((place) => {
      const isListed = refusedUntil !== null && isJoining(text.slice(refusedUntil, place.start));
      const isRefused = isListed || isRefusedAt(text, place);
      refusedUntil = isRefused ? Math.max(place.end, refusedUntil ?? 0) : null;
      return !isRefused;
    });
}

function isRefusedAt(text: string, { start, end }: Place): boolean {
  const clause = clauseOf(text, { start, end });
  const before = text.slice(clause.start, start);
  const behind = text.slice(end, clause.end);
  const isDenied = hasPhrase(refusedBehind, before.slice(-reachCharacters)) && !hasPhrase(inviting, before);
  return isDenied || (hasPhrase(refusedBefore, behind.slice(0, reachCharacters)) && !hasPhrase(inviting, behind));
}

/** The clause around a place, with the sign behind it. */
export function clauseOf(text: string, { start, end }: Place): Place {
  const cuts = [...text.matchAll(breaks)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
  return {
    start: cuts.findLast((cut) => cut.start < start && cut.end <= start)?.end ?? 0,
    end: cuts.find((cut) => cut.start >= end)?.end ?? text.length,
  };
}
