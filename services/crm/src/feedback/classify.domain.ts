import { type FoldedText, fold, isUnspaced, isWordCode } from '@crossdesk/folded-text';
import type { FeedbackType, Handling, Urgency } from './feedback.domain.ts';
import { typeWords, urgentWords } from './words.domain.ts';

export interface Classification {
  readonly type: FeedbackType;
  readonly urgency: Urgency;
  /** Why, in words: the score, and the words of the lists that were found. */
  readonly reason: string;
}

const folded = (words: readonly string[]) => words.map((word) => fold(word).text);
const types = Object.entries(typeWords).map(([type, words]) => ({ type: type as FeedbackType, words: folded(words) }));
const urgent = folded(urgentWords);

const lowScoreMax = 2;
const goodScoreMin = 4;
const wordsShownMax = 3;

/**
 * What feedback is about and how urgent it is, by rules alone: the same words give the same answer everywhere. The type
 * is the one with the most words; of equals, the first in the order product, logistics, service, price.
 */
export function classify({
  score,
  text,
}: {
  readonly score: number | null;
  readonly text: string | null;
}): Classification {
  const said = text === null ? null : fold(text);
  const alarming = said === null ? [] : found(said, urgent);
  const [best] = types
    .map(({ type, words }) => ({ type, words: said === null ? [] : found(said, words) }))
    .filter(({ words }) => words.length > 0)
    .toSorted((a, b) => b.words.length - a.words.length);
  const reasons = [
    score === null ? 'no score' : `score ${score}`,
    ...(alarming.length === 0 ? [] : [`urgent words: ${shown(alarming)}`]),
    best === undefined ? 'no words of a type' : `${best.type} words: ${shown(best.words)}`,
  ];
  return { type: best?.type ?? 'other', urgency: urgencyOf(score, alarming.length > 0), reason: reasons.join('; ') };
}

function urgencyOf(score: number | null, isAlarming: boolean): Urgency {
  if (isAlarming) return 'urgent';
  if (score === null) return 'normal';
  if (score <= lowScoreMax) return 'high';
  return score >= goodScoreMin ? 'low' : 'normal';
}

/** The branch of the work: a lead takes what is urgent, somebody takes what is bad, and the rest is read. */
export function handlingOf(urgency: Urgency): Handling {
  if (urgency === 'urgent') return 'escalation';
  return urgency === 'high' ? 'special' : 'standard';
}

const steps: readonly Urgency[] = ['low', 'normal', 'high', 'urgent'];
const manyMin = 3;

/** How soon to look: the urgency, and one step more if several orders or customers are affected. */
export function priorityOf(urgency: Urgency, impact: { readonly orders: number; readonly customers: number }): Urgency {
  const isWide = impact.orders >= manyMin || impact.customers >= manyMin;
  return steps[Math.min(steps.length - 1, steps.indexOf(urgency) + (isWide ? 1 : 0))] ?? urgency;
}

/** Whether the second handling is more than the first. */
export function isMore(before: Handling, after: Handling): boolean {
  const order: readonly Handling[] = ['standard', 'special', 'escalation'];
  return order.indexOf(after) > order.indexOf(before);
}

function shown(words: readonly string[]): string {
  return words.slice(0, wordsShownMax).join(', ');
}

function found({ text }: FoldedText, words: readonly string[]): string[] {
  return words.filter((word) => isIn(text, word));
}

/** In a script with spaces a word begins where the word of the list does. */
function isIn(text: string, word: string): boolean {
  if (isUnspaced(word.charCodeAt(0))) return text.includes(word);
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (at === 0 || !isWordCode(text.charCodeAt(at - 1)) || isUnspaced(text.charCodeAt(at - 1))) return true;
  return false;
}
