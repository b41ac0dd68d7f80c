import type { Usage } from '../engine/chat-answer.domain.ts';

/** What a million tokens cost, in units of a currency: what one token costs, in millionths. */
export interface Price {
  readonly currency: string;
  readonly input: number;
  readonly output: number;
}

export interface Limits {
  readonly tokens: number | null;
  /** In units of the currency of the price. */
  readonly cost: number | null;
}

/** What was used, or is reserved, of a month. */
export interface Used {
  readonly tokens: number;
  readonly micros: number;
}

export function microsOf(price: Price | null, { input, output }: Usage): number {
  return price === null ? 0 : Math.ceil(input * price.input + output * price.output);
}

/** Hardly any tokenizer makes more tokens than this of a text, in any script. */
export function tokensAtMost(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 2) + 50;
}

/** Whether a call fits into what is left of the month. */
export function isLeft(limits: Limits, used: Used, wanted: Used): boolean {
  return shareOf(limits, { tokens: used.tokens + wanted.tokens, micros: used.micros + wanted.micros }) <= 1;
}

/** The share of the budget that is used: of the limit that is nearer. */
export function shareOf({ tokens, cost }: Limits, used: Used): number {
  const ofTokens = tokens === null ? 0 : used.tokens / tokens;
  const ofCost = cost === null ? 0 : used.micros / (cost * 1_000_000);
  return Math.max(ofTokens, ofCost);
}

/** Colleagues are told when this share is used. */
export const alarmShare = 0.8;

/** The month (UTC), for instance 2026-11. */
export function monthOf(instant: Date): string {
  return instant.toISOString().slice(0, 7);
}

export function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
