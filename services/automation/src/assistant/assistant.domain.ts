import { trimSlashes } from '@crossdesk/channels';
import { minorDigitsOf } from '@crossdesk/contracts';
import { accept, type Decision } from '@crossdesk/service-kit/decision';
import {
  addressProblems,
  invalid,
  keyCharactersMax,
  type Problem,
  rangeProblems,
  textProblems,
  trimmed,
  wordCharactersMax,
} from '../engine/connection.domain.ts';
import type { CallFailure } from '../engine/engine-error.domain.ts';
import type { Limits, Price } from './budget.domain.ts';

declare const brand: unique symbol;
export type AssistantId = string & { readonly [brand]: 'AssistantId' };
export type ReplyDraftId = string & { readonly [brand]: 'ReplyDraftId' };

/** What a workspace may allow its assistant. */
export const purposes = ['draft', 'summary', 'classify', 'translate'] as const;
export type Purpose = (typeof purposes)[number];
/** What tokens are spent on. */
export const spendings = ['test', ...purposes] as const;
export type Spending = (typeof spendings)[number];

/** Why the assistant gave nothing; not-allowed: none is connected, or not for this. */
export type AssistantFailure = CallFailure | 'not-allowed';

export interface Connection {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | null;
  readonly purposes: readonly Purpose[];
  readonly limits: Limits;
  readonly price: Price | null;
}

const tokensMax = 2_000_000_000;
const moneyMax = 1_000_000;

/** Checks what a person enters; all problems are named at once. */
export function checkConnection(
  given: Connection,
  allowPrivateAddresses: boolean,
): Decision<Connection, Problem['code']> {
  const baseUrl = trimSlashes(given.baseUrl.trim());
  const { limits, price } = given;
  const errors = [
    ...addressProblems(baseUrl, allowPrivateAddresses),
    ...textProblems('model', given.model, wordCharactersMax, true),
    ...textProblems('apiKey', given.apiKey, keyCharactersMax, false),
    ...rangeProblems('tokensPerMonthMax', limits.tokens ?? 1, 1, tokensMax),
    ...rangeProblems('costPerMonthMax', limits.cost ?? 1, 0.01, moneyMax),
    ...priceProblems(price),
    ...limitProblems(limits, price),
  ];
  if (errors.length > 0) return { ok: false, errors };
  return accept({
    ...{ baseUrl, model: given.model.trim(), apiKey: trimmed(given.apiKey), limits, price },
    purposes: purposes.filter((purpose) => given.purposes.includes(purpose)),
  });
}

function priceProblems(price: Price | null): Problem[] {
  if (price === null) return [];
  const isCurrency = minorDigitsOf(price.currency) !== null;
  return [
    ...(isCurrency ? [] : [invalid('price', 'currency must be a code of ISO 4217, for instance USD.')]),
    ...rangeProblems('price', price.input, 0, moneyMax),
    ...rangeProblems('price', price.output, 0, moneyMax),
  ];
}

function limitProblems({ tokens, cost }: Limits, price: Price | null): Problem[] {
  if (tokens === null && cost === null)
    return [invalid('tokensPerMonthMax', 'Set a limit for the month: tokensPerMonthMax, costPerMonthMax or both.')];
  return cost !== null && price === null
    ? [invalid('price', 'A limit of the cost needs the price of a million tokens.')]
    : [];
}
