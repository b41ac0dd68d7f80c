import type { ArticleId, ConversationId, MessageId, TemplateId, TenantId } from '@crossdesk/contracts';
import type { Intent } from '../analysis/labels.domain.ts';
import type { FoundIntent } from '../analysis/understanding.domain.ts';
import type { Situation } from '../template/template.domain.ts';

declare const brand: unique symbol;
export type SuggestionId = string & { readonly [brand]: 'SuggestionId' };

export const outcomes = ['used', 'edited', 'rejected'] as const;
export type Outcome = (typeof outcomes)[number];

/** Where the words are from. */
export type Source =
  | { readonly kind: 'template'; readonly id: TemplateId; readonly version: null }
  | { readonly kind: 'article'; readonly id: ArticleId; readonly version: number };

/** Why something is suggested; the best reason has the most points. */
export interface Reason {
  readonly kind: 'intent' | 'used-before' | 'text';
  /** What the buyer wants; for `intent` only. */
  readonly intent: Intent | null;
  readonly points: number;
}

/** Words that may answer the buyer. */
export interface Candidate {
  readonly source: Source;
  readonly locale: string;
  readonly text: string;
  readonly reasons: readonly Reason[];
}

/** How often something was taken or not, for buyers who want the same, or at all. */
export interface Feedback {
  readonly used: number;
  readonly edited: number;
  readonly rejected: number;
}

export interface Suggestion extends Candidate {
  readonly tenantId: TenantId;
  readonly id: SuggestionId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly intents: readonly string[];
  readonly outcome: Outcome | null;
  /** 0 to 1. */
  readonly score: number;
}

/** What a template for a situation answers, and how well. */
const answers: Readonly<Record<Situation, Readonly<Partial<Record<Intent, number>>>>> = {
  'where-is-my-order': { order_status: 1, logistics: 0.8 },
  shipped: { order_status: 0.7, logistics: 0.5 },
  delayed: { order_status: 0.6, logistics: 0.6 },
  'out-of-stock': { product_question: 0.4, order_status: 0.2 },
  'return-how-to': { return_exchange: 1, refund: 0.6, complaint_quality: 0.3 },
  'refund-done': { refund: 0.6 },
  'cancellation-done': { cancel_order: 0.6 },
  'damaged-item': { complaint_quality: 1, return_exchange: 0.4 },
  invoice: { invoice: 1 },
  greeting: { thanks_other: 0.4 },
  away: {},
  goodbye: { thanks_other: 0.6 },
  other: {},
};

/** The states of the order that a template for a situation speaks of; it is of little use in any other. */
const fitting: Readonly<Partial<Record<Situation, readonly string[]>>> = {
  shipped: ['part_shipped', 'shipped', 'delivered'],
  delayed: ['to_ship', 'ready', 'part_shipped', 'shipped'],
  'refund-done': ['cancelled', 'return_open', 'completed'],
  'cancellation-done': ['cancelled', 'cancel_requested'],
};
const unfittingFactor = 0.3;
const intentPoints = 0.6;
const pastPoints = 0.5;

/** Why a template may answer; empty if nothing speaks for it. `past`: how like the message is to those it answered. */
export function reasonsFor(
  situation: Situation,
  intents: readonly FoundIntent[],
  { past, orderState }: { readonly past: number; readonly orderState: string | null },
): Reason[] {
  const states = fitting[situation];
  const isFitting = states === undefined || (orderState !== null && states.includes(orderState));
  const factor = isFitting ? 1 : unfittingFactor;
  const byIntent = intents
    .map(({ intent, score }) => ({ intent, points: factor * intentPoints * score * (answers[situation][intent] ?? 0) }))
    .toSorted((one, other) => other.points - one.points)
    .slice(0, 1)
    .map((found): Reason => ({ kind: 'intent', ...found }));
  const usedBefore: Reason = { kind: 'used-before', intent: null, points: factor * pastPoints * past };
  return [...byIntent, usedBefore].filter(({ points }) => points >= pointsMin);
}

/** Fewer are no reason. */
const pointsMin = 0.05;
/** As if it had been taken twice and rejected once before anybody saw it. */
const priorTaken = 2;
const priorAll = 3;
/** Somebody changed the words, but they were a beginning. */
const editedShare = 0.7;

/** 0 to 1: the points of its reasons, times how often it was taken compared with something new. */
export function scoreOf(reasons: readonly Reason[], { used, edited, rejected }: Feedback): number {
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0);
  const taken = (used + editedShare * edited + priorTaken) / (used + edited + rejected + priorAll);
  return Math.min(1, (points * taken * priorAll) / priorTaken);
}

/** The best first; what was rejected for this very message comes last. */
export function ranked<Kind extends Pick<Suggestion, 'score' | 'outcome'>>(suggestions: readonly Kind[]): Kind[] {
  const isRejected = ({ outcome }: Kind) => (outcome === 'rejected' ? 1 : 0);
  return suggestions.toSorted((one, other) => isRejected(one) - isRejected(other) || other.score - one.score);
}

/** Up to this share of changed characters a reply is a suggestion that somebody edited. */
const editedShareMax = 0.4;

/** What became of a suggestion if this reply was sent; null if it has nothing to do with it. */
export function outcomeIn(
  suggested: string,
  sent: string,
  /** How many characters differ. */
  distance: (one: string, other: string) => number,
): Outcome | null {
  const [one, other] = [suggested, sent].map((text) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim());
  if (one === undefined || other === undefined || one === '') return null;
  if (one === other) return 'used';
  const editsMax = editedShareMax * Math.max(one.length, other.length);
  if (Math.abs(one.length - other.length) > editsMax) return null;
  return distance(one, other) <= editsMax ? 'edited' : null;
}
