import { distance } from 'fastest-levenshtein';
import { cutAt, findSpans, type Piece, type Span, type SpanKind, spansOf } from '@crossdesk/outgoing-lint/text';

/** A sentence with its translation. Numbers, names and addresses are placeholders such as {money1} in both. */
export interface Pattern {
  readonly source: string;
  readonly target: string;
}

/** Terms stay words: their translation may depend on the sentence. */
function isKept({ kind }: Span): boolean {
  return kind === 'term';
}

/** The sentence with placeholders: the key of the memory. */
export function sourcePattern(pieces: readonly Piece[]): string {
  const counts = new Map<SpanKind, number>();
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return isKept(piece) ? piece.text : nextPlaceholder(piece, counts);
    })
    .join('');
}

function nextPlaceholder({ kind }: Span, counts: Map<SpanKind, number>): string {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return `{${kind}${count}}`;
}

/**
 * What the memory keeps of a translation. Null if its numbers, names and addresses are not those of the source: then
 * nobody knows how to use it for other ones.
 */
export function patternOf(pieces: readonly Piece[], translation: string): Pattern | null {
  const counts = new Map<SpanKind, number>();
  const spans = spansOf(pieces)
    .filter((span) => !isKept(span))
    .map((span) => ({ target: span.target, placeholder: nextPlaceholder(span, counts) }));
  const parts: { text: string; isPlaceholder: boolean }[] = [{ text: translation.trim(), isPlaceholder: false }];
  for (const { target, placeholder } of spans.toSorted((one, other) => other.target.length - one.target.length)) {
    const index = parts.findIndex(({ text, isPlaceholder }) => !isPlaceholder && text.includes(target));
    const part = parts[index];
    if (part === undefined) return null;
    const at = part.text.indexOf(target);
    const [before, after] = [part.text.slice(0, at), part.text.slice(at + target.length)];
    parts.splice(
      index,
      1,
      { text: before, isPlaceholder: false },
      { text: placeholder, isPlaceholder: true },
      { text: after, isPlaceholder: false },
    );
  }
  const terms = new Set(
    spansOf(pieces)
      .filter(isKept)
      .map((span) => span.target),
  );
  const isForeign = ({ text, isPlaceholder }: { text: string; isPlaceholder: boolean }) =>
    !isPlaceholder && findSpans(text).some((span) => !terms.has(span.text) && !typed.test(span.text));
  if (parts.some(isForeign)) return null;
  return { source: sourcePattern(pieces), target: parts.map(({ text }) => text).join('') };
}

const placeholder = /\{([a-z]{2,11})(\d{1,3})\}/g;

/** The translation for the values of a sentence; null if a placeholder has no value. */
export function fill(target: string, pieces: readonly Piece[]): string | null {
  const counts = new Map<SpanKind, number>();
  const values = new Map(
    spansOf(pieces)
      .filter((span) => !isKept(span))
      .map((span) => [nextPlaceholder(span, counts), span.target]),
  );
  const isComplete = [...target.matchAll(placeholder)].every(([name]) => values.has(name));
  return isComplete ? target.replaceAll(placeholder, (name) => values.get(name) ?? name) : null;
}

/** A placeholder of the memory, as an export writes it. */
const typed = /^\{(?:placeholder|url|email|money|date|phone|id)\d{1,3}\}$/;

/** A pair of texts that was imported: with its own values, or with placeholders of an export, but not with both. */
export function importedPattern(source: string, target: string): Pattern | null {
  const text = source.trim();
  const spans = findSpans(text);
  const values = spans.filter((span) => !typed.test(span.text));
  if (values.length < spans.length && values.length > 0) return null;
  const pattern = patternOf(cutAt(text, values), target);
  return pattern !== null && placeholdersOf(pattern.source) === placeholdersOf(pattern.target) ? pattern : null;
}

/** The same for texts that differ in case, blanks and width only. */
export function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

const gramsMax = 12;
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/**
 * Twelve parts of a sentence, chosen by their hashes: sentences that are nearly the same choose nearly the same parts, so
 * that they are found by parts they share.
 */
export function gramsOf(pattern: string): number[] {
  const text = comparable(pattern);
  const size = dense.test(text) ? 2 : 4;
  const hashes = new Set<number>();
  for (let at = 0; at <= Math.max(0, text.length - size); at += 1) hashes.add(hashOf(text.slice(at, at + size)));
  return [...hashes].sort((one, other) => one - other).slice(0, gramsMax);
}

/** FNV-1a, as a signed integer of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}

const otherPlaceholders = 0.05;
/** Less alike is of no help. */
export const similarityMin = 0.75;

/** How alike two sentences are, 0 to 1. */
export function similarity(one: string, other: string): number {
  const [a, b] = [comparable(one), comparable(other)];
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 1;
  const alike = 1 - distance(a, b) / longest;
  return Math.max(0, placeholdersOf(a) === placeholdersOf(b) ? alike : alike - otherPlaceholders);
}

function placeholdersOf(pattern: string): string {
  return (pattern.match(placeholder) ?? []).sort().join(' ');
}

/** The share of a text that was changed, 0 to 1. */
export function editDistance(before: string, after: string): number {
  const longest = Math.max(before.length, after.length);
  return longest === 0 ? 0 : distance(before, after) / longest;
}
