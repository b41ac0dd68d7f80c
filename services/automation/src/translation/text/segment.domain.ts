import { cutAt, findSpans, type Piece, type PlacedSpan } from '@crossdesk/outgoing-lint/text';

/** A sentence, cut at its protected spans, with the blanks that stand before it. */
export interface Segment {
  readonly before: string;
  readonly pieces: readonly Piece[];
}

export interface Segmented {
  readonly segments: readonly Segment[];
  /** The blanks behind the last sentence. */
  readonly after: string;
}

/** Cuts a text into sentences, as its language does. A protected span is never cut. */
export function segment(text: string, locale: string, terms: readonly PlacedSpan[] = []): Segmented {
  const spans = findSpans(text, terms);
  const segments: Segment[] = [];
  let blanks = '';
  for (const [start, end] of sentences(hidden(text, spans), locale)) {
    const sentence = text.slice(start, end);
    const words = sentence.trim();
    const from = words === '' ? end : start + sentence.indexOf(words);
    blanks += text.slice(start, from);
    if (words === '') continue;
    const to = from + words.length;
    const inside = spans.filter((span) => span.start >= from && span.end <= to);
    const moved = inside.map((span) => ({ ...span, start: span.start - from, end: span.end - from }));
    segments.push({ before: blanks, pieces: cutAt(words, moved) });
    blanks = text.slice(to, end);
  }
  return { segments, after: blanks };
}

/** The segments with their translations, joined as the source was. */
export function joinSegments({ segments, after }: Segmented, translations: readonly string[]): string {
  return segments.map(({ before }, index) => before + (translations[index] ?? '')).join('') + after;
}

/** The text with a letter for every character of a span: the points of an address end no sentence. */
function hidden(text: string, spans: readonly PlacedSpan[]): string {
  let at = 0;
  const parts = spans.map(({ start, end }) => {
    const part = text.slice(at, start) + 'x'.repeat(end - start);
    at = end;
    return part;
  });
  return parts.join('') + text.slice(at);
}

function sentences(text: string, locale: string): (readonly [number, number])[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' });
  return [...segmenter.segment(text)].map(({ index, segment: sentence }) => [index, index + sentence.length]);
}
