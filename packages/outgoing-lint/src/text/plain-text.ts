/** A text as it is searched, and where each of its code units is in the original. */
export interface PlainText {
  readonly text: string;
  readonly origins: Int32Array;
}

/** Characters without a width, which hide words from a search. */
const hidden = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ufe0e\ufe0f]/gu;

/** The text in lower case and in the usual width, without invisible characters; accents stay: they tell words apart. */
export function plain(original: string): PlainText {
  const parts: string[] = [];
  const origins: number[] = [];
  let at = 0;
  for (const character of original) {
    const shown = character
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(hidden, '')
      .replaceAll(/[’‘`´]/g, "'");
    parts.push(shown);
    for (let unit = 0; unit < shown.length; unit += 1) origins.push(at);
    at += character.length;
  }
  origins.push(original.length);
  return { text: parts.join(''), origins: Int32Array.from(origins) };
}

/** A place of the searched text, in the original. */
export function originOf({ origins }: PlainText, { start, end }: { readonly start: number; readonly end: number }) {
  const last = origins[Math.max(start, end - 1)] ?? 0;
  let behind = end;
  while (behind < origins.length - 1 && origins[behind] === last) behind += 1;
  return { start: origins[start] ?? 0, end: origins[behind] ?? last };
}

/** Writes something else for each match; it stands where the match stood. */
export function rewritten({ text, origins }: PlainText, pattern: RegExp, write: (match: string) => string): PlainText {
  const parts: string[] = [];
  const places: number[] = [];
  let at = 0;
  const keep = (until: number) => {
    parts.push(text.slice(at, until));
    for (; at < until; at += 1) places.push(origins[at] ?? 0);
  };
  for (const { 0: match, index } of text.matchAll(pattern)) {
    keep(index);
    const instead = write(match);
    parts.push(instead);
    for (let unit = 0; unit < instead.length; unit += 1) places.push(origins[index] ?? 0);
    at += match.length;
  }
  keep(text.length);
  places.push(origins[text.length] ?? 0);
  return { text: parts.join(''), origins: Int32Array.from(places) };
}
