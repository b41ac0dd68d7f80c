import type { FoldedText } from '@crossdesk/folded-text';
import { type RiskClass, riskClasses, type Span } from './labels.domain.ts';
import type { FoundPhrase } from './phrases.domain.ts';

export interface Risk {
  readonly class: RiskClass;
  /** 0 to 1. */
  readonly score: number;
  /** Where in the text the words are that show it, in order. */
  readonly offsets: readonly Span[];
}

const prefix = 'risk.';
/** One phrase alone; each further phrase removes the same share of the doubt. */
const phraseScore = 0.7;
/** Anger is shown by the tone as well: a bad word in a friendly message is a small risk. */
const angerWithoutTone = 0.4;
const spansMax = 10;

/** The risks that words of a text show, the surest first. */
export function risksOf(folded: FoldedText, found: readonly FoundPhrase[], negative: number): Risk[] {
  const spans = new Map<string, Span[]>();
  for (const { label, start, end } of found) {
    if (!label.startsWith(prefix)) continue;
    const name = label.slice(prefix.length);
    spans.set(name, [...(spans.get(name) ?? []), original(folded, { start, end })]);
  }
  return riskClasses
    .flatMap((name): Risk[] => {
      const offsets = merged(spans.get(name) ?? []).slice(0, spansMax);
      if (offsets.length === 0) return [];
      const sure = 1 - (1 - phraseScore) ** offsets.length;
      const score = name === 'anger' ? sure * (angerWithoutTone + (1 - angerWithoutTone) * negative) : sure;
      return [{ class: name, score: Math.round(score * 1_000) / 1_000, offsets }];
    })
    .toSorted((a, b) => b.score - a.score);
}

/** A span of the folded text in the text that the buyer wrote. */
function original({ origins }: FoldedText, { start, end }: Span): Span {
  const last = origins[end - 1] ?? 0;
  const next = origins[end] ?? last + 1;
  return { start: origins[start] ?? 0, end: Math.max(last + 1, next === last ? last + 1 : Math.min(next, last + 2)) };
}

/** Spans that overlap become one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const before = result.at(-1);
    if (before === undefined || span.start >= before.end) result.push(span);
    else result[result.length - 1] = { start: before.start, end: Math.max(before.end, span.end) };
  }
  return result;
}
