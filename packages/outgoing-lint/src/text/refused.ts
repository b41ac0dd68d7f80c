import type { Place } from '../finding.ts';
import { inviting, refusedBefore, refusedBehind } from '../words/refusal.ts';
import { hasPhrase } from './phrases.ts';

/** Where a clause ends: a sign, or a word behind which something else is said. */
const breaks =
  /[,;:.!?，；：。！？、…؟،।()\n–—]|(?<=\s)(?:but|so|and|then|please|aber|sondern|und|bitte|mais|donc|et|pero|así|y|mas|então|quindi|ma|maar|dus|ale|więc|а|но|але|ama|لكن|אבל|tapi|jadi|nhưng|nên|men|så|och|लेकिन)(?=\s)|但|所以|不过|而是|แต่/gu;

/** Only such words stand between the items of a list. */
const joining =
  /^[\s,、，/]*(?:or|and|nor|oder|und|ou|et|o|y|e|of|en|lub|i|nebo|или|или|або|veya|或|和|や|または|および)?\s*$/u;

const reachCharacters = 40;

/** The places of a searched text that it offers or promises: those that it refuses are left out. */
export function unrefused(text: string, places: readonly Place[]): Place[] {
  let refusedUntil: number | null = null;
  return places
    .toSorted((one, other) => one.start - other.start)
    .filter((place) => {
      const isListed = refusedUntil !== null && joining.test(text.slice(refusedUntil, place.start));
      const isRefused = isListed || isRefusedAt(text, place);
      refusedUntil = isRefused ? Math.max(place.end, refusedUntil ?? 0) : null;
      return !isRefused;
    });
}

function isRefusedAt(text: string, { start, end }: Place): boolean {
  const cuts = [...text.matchAll(breaks)];
  const from = cuts.findLast(({ index }) => index < start);
  const until = cuts.find(({ index }) => index >= end)?.index ?? text.length;
  const clauseStart = from === undefined ? 0 : Math.min(start, from.index + from[0].length);
  const before = text.slice(clauseStart, start);
  const behind = text.slice(end, until);
  // The words of the place are part of it: `do not` + `contact me on`.
  const isDenied = hasPhrase(refusedBehind, before.slice(-reachCharacters)) && !hasPhrase(inviting, before);
  return isDenied || (hasPhrase(refusedBefore, behind.slice(0, reachCharacters)) && !hasPhrase(inviting, behind));
}
