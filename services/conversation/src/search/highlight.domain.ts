import type { SearchQuery, Sequence } from './search-query.domain.ts';
import { readable, type Term, termsOf } from './terms.domain.ts';

/** A place in a text, in UTF-16 code units; `end` is the first one behind it. */
export interface TextPlace {
  readonly start: number;
  readonly end: number;
}

/** A part of a text around the first place where it was found. */
export interface Excerpt {
  readonly text: string;
  /** What was looked for, in order and apart from each other. */
  readonly highlights: readonly TextPlace[];
}

const excerptCharactersMax = 240;
const charactersBefore = 60;

export function excerptOf(original: string, query: SearchQuery): Excerpt {
  const text = readable(original);
  const places = placesOf(text, query);
  const start = wholeCharacter(text, Math.max(0, (places[0]?.start ?? 0) - charactersBefore));
  const end = wholeCharacter(text, Math.min(text.length, start + excerptCharactersMax));
  const highlights = places
    .filter((place) => place.start < end)
    .map((place) => ({ start: place.start - start, end: Math.min(place.end, end) - start }));
  return { text: text.slice(start, end), highlights };
}

/** Not between the two halves of a character. */
function wholeCharacter(text: string, at: number): number {
  const isHalf = at > 0 && at < text.length && /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
  return isHalf ? at - 1 : at;
}

function placesOf(text: string, query: SearchQuery): TextPlace[] {
  const byPosition = Map.groupBy(termsOf(text), ({ position }) => position);
  const found: TextPlace[] = [];
  for (const position of byPosition.keys())
    for (const sequence of query.flat()) found.push(...sequenceAt(byPosition, position, sequence));
  return united(found.toSorted((one, other) => one.start - other.start || one.end - other.end));
}

/** The places of the words of a sequence that begins at a position; none if it does not. */
function sequenceAt(
  byPosition: ReadonlyMap<number, readonly Term[]>,
  first: number,
  sequence: Sequence,
): readonly TextPlace[] {
  const places: TextPlace[] = [];
  let position = first;
  for (const { word, distance, isBeginning } of sequence) {
    position += distance;
    const term = byPosition.get(position)?.find((one) => (isBeginning ? one.word.startsWith(word) : one.word === word));
    if (term === undefined) return [];
    places.push({ start: term.start, end: term.end });
  }
  return places;
}

function united(places: readonly TextPlace[]): TextPlace[] {
  const result: TextPlace[] = [];
  for (const place of places) {
    const last = result.at(-1);
    if (last !== undefined && place.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, place.end) };
    else result.push(place);
  }
  return result;
}
