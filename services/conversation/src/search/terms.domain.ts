import { fold } from '@crossdesk/folded-text';

/** A word of a text as it is looked up, and where it is in the text, in UTF-16 code units. */
export interface Term {
  readonly word: string;
  /** Words of one place have the same: two spellings, for instance. */
  readonly position: number;
  readonly start: number;
  readonly end: number;
  /**
   * `pair` and `sign`: two signs, or the last one, of a script without spaces. `joined`: several words as one, for
   * instance `e-mail` and `2410-77`. `number`: what a number sign stands before.
   */
  readonly form: 'word' | 'pair' | 'sign' | 'joined' | 'number';
}

/** What is behind is not found. */
const searchedCharactersMax = 10_000;
const wordCharactersMax = 64;

const runs = /[\p{L}\p{M}\p{N}]+/gu;
const signs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
/** What joins parts of a word or of a number. */
const joiner = /^['\-_./\u2010\u2011]$/u;

/** Half-width kana and composed letters in their usual form; the places of terms are places in this text. */
export function readable(text: string): string {
  return text.normalize('NFC').replaceAll(/[\uff66-\uff9f]+/gu, (run) => run.normalize('NFKC'));
}

interface Run {
  readonly text: string;
  /** In the folded text. */
  readonly at: number;
}

/** The terms of a readable text, by position. The same for documents and for what is looked for. */
export function termsOf(text: string): Term[] {
  const folded = fold(text, searchedCharactersMax);
  const place = ({ text: run, at }: Run) => ({
    start: folded.origins[at] ?? 0,
    end: folded.origins[at + run.length] ?? text.length,
  });
  const terms: Term[] = [];
  let position = 1;
  for (const chunk of chunksOf(folded.text)) {
    const joined = chunk.map((run) => stemOf(run.text)).join('');
    const [first, last] = [chunk.at(0), chunk.at(-1)];
    if (first === undefined || last === undefined) continue;
    const whole = { position, start: place(first).start, end: place(last).end };
    if (joined.length <= wordCharactersMax) {
      if (chunk.length > 1) terms.push({ ...whole, word: joined, form: 'joined' });
      if (folded.text[first.at - 1] === '#') terms.push({ ...whole, word: `#${joined}`, form: 'number' });
    }
    for (const run of chunk) {
      for (const { word, form, part } of wordsOf(run)) {
        terms.push({ word, form, position, ...place(part) });
        position += 1;
      }
    }
  }
  return terms;
}

/** Runs of letters and digits; those that are joined without a space are one chunk. */
function chunksOf(folded: string): Run[][] {
  const chunks: Run[][] = [];
  let end = -1;
  for (const { 0: text, index: at } of folded.matchAll(runs)) {
    const chunk = chunks.at(-1);
    if (chunk !== undefined && at === end + 1 && joiner.test(folded[end] ?? '')) chunk.push({ text, at });
    else chunks.push([{ text, at }]);
    end = at + text.length;
  }
  return chunks;
}

interface Word extends Pick<Term, 'word' | 'form'> {
  readonly part: Run;
}

function wordsOf({ text, at }: Run): Word[] {
  const words: Word[] = [];
  const addWord = (from: number, to: number) => {
    const word = text.slice(from, to);
    if (word !== '')
      words.push({ word: stemOf(word).slice(0, wordCharactersMax), form: 'word', part: { text: word, at: at + from } });
  };
  let end = 0;
  for (const { 0: run, index } of text.matchAll(signs)) {
    addWord(end, index);
    words.push(...pairsOf({ text: run, at: at + index }));
    end = index + run.length;
  }
  addWord(end, text.length);
  return words;
}

function pairsOf({ text, at }: Run): Word[] {
  const letters = [...text];
  let offset = at;
  return letters.map((letter, index) => {
    const word = `${letter}${letters[index + 1] ?? ''}`;
    const part = { text: word, at: offset };
    offset += letter.length;
    return { word, form: index === letters.length - 1 ? 'sign' : 'pair', part };
  });
}

/** Without the Arabic article, which is written with its word. */
function stemOf(word: string): string {
  return word.length >= 5 && word.startsWith('\u0627\u0644') ? word.slice(2) : word;
}

const positionMax = 16_383;
const placesOfWordMax = 255;

/** A `tsvector`, in the form in which Postgres reads it; null for a text without words. */
export function vectorOf(workspaceNumber: number, text: string): string | null {
  const positions = new Map<string, Set<number>>();
  for (const { word, position } of termsOf(readable(text))) {
    const places = positions.get(word) ?? new Set();
    if (places.size < placesOfWordMax) places.add(Math.min(position, positionMax));
    positions.set(word, places);
  }
  if (positions.size === 0) return null;
  return [...positions].map(([word, places]) => `'${workspaceNumber}:${word}':${[...places].join(',')}`).join(' ');
}
