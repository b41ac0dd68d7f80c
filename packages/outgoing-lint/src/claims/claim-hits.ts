import type { Hit, Place } from '../finding.ts';
import { findPhrases, hasPhrase, phrasesOf } from '../text/phrases.ts';
import { originOf, plain } from '../text/plain-text.ts';
import { clauseOf, unrefused } from '../refused.ts';
import type { Sentence } from '../text/sentences.ts';
import { expected, refunded, returning } from '../words/order.ts';
import { conditions, delivered, fillers, notYet, parcels, sent, shipped } from '../words/standing.ts';
import { dayOf, daysIn } from './days.ts';
import { moneyIn } from './money.ts';
import { spansOfDays } from './day-counts.ts';

/** The order that a message is about, as its platform tells it. */
export interface KnownOrder {
  /** As the buyer knows it. */
  readonly number: string;
  readonly trackingNumbers: readonly string[];
  /** Null: nothing that is said of its way can be wrong. */
  readonly standing: 'not-shipped' | 'cancelled' | null;
  /** What the buyer paid: decimal text and ISO 4217. */
  readonly total: { readonly amount: string; readonly currency: string } | null;
}

/** What a message can contradict. */
export interface KnownFacts {
  readonly order: KnownOrder | null;
  /** Numbers in the text that are orders of other buyers. */
  readonly otherOrders: readonly string[];
  readonly policy: { readonly returnDays: number } | null;
  readonly now: Date;
}

/** What of a message contradicts the order or the policy. What is not known contradicts nothing. */
export function claimHits(text: string, sentences: readonly Sentence[], facts: KnownFacts): Hit[] {
  const { order, policy, now, otherOrders } = facts;
  return [
    ...otherOrderHits(text, otherOrders),
    ...sentences.flatMap((sentence) => [
      ...(order === null ? [] : [...moneyHits(sentence, order), ...statusHits(sentence, order)]),
      ...dateHits(sentence, now),
      ...(policy === null ? [] : dayHits(sentence, policy.returnDays)),
    ]),
  ];
}

function otherOrderHits(text: string, otherOrders: readonly string[]): Hit[] {
  const searched = plain(text);
  const phrases = otherOrders.flatMap((number) => phrasesOf(number));
  return findPhrases(phrases, searched.text).map((place) => ({ rule: 'claim-order', ...originOf(searched, place) }));
}

/** A refund of more than was paid, or of another money. What is refused promises nothing. */
function moneyHits({ text, start }: Sentence, { total }: KnownOrder): Hit[] {
  if (total === null || !hasPhrase(refunded, plain(text).text)) return [];
  const paid = Number(total.amount);
  const money = moneyIn(text);
  const promised = new Set(unrefused(text.toLowerCase(), money).map(({ start: at }) => at));
  return money
    .filter(({ start: at }) => promised.has(at))
    .flatMap(({ amounts, currencies, ...place }): Hit[] => {
      const at = moved(place, start);
      if (!currencies.has(total.currency)) return [{ rule: 'claim-currency', ...at }];
      return amounts.every((amount) => amount > paid + 0.004) ? [{ rule: 'claim-amount', ...at }] : [];
    });
}

/** Delivered or on its way, though the order has not left. A question, a condition and a denial claim nothing. */
function statusHits({ text, start, end }: Sentence, { standing }: KnownOrder): Hit[] {
  // `has already been shipped` is the same as `has been shipped`.
  const words = plain(text).text.replaceAll(fillers, '');
  if (standing === null || /[?？؟]/u.test(words)) return [];
  const said = [
    ...findPhrases(delivered, words),
    ...(hasPhrase(refunded, words) ? [] : findPhrases(shipped, words)),
    ...(hasPhrase(parcels, words) && !hasPhrase(refunded, words) ? findPhrases(sent, words) : []),
  ];
  return said.some((place) => isStated(words, place)) ? [{ rule: 'claim-status', start, end }] : [];
}

function isStated(words: string, place: Place): boolean {
  const clause = clauseOf(words, place);
  return (
    !hasPhrase(notYet, words.slice(clause.start, clause.end)) && !hasPhrase(conditions, words.slice(0, clause.start))
  );
}

/** A day on which something is to arrive, in the past. */
function dateHits({ text, start }: Sentence, now: Date): Hit[] {
  if (!hasPhrase(expected, plain(text).text)) return [];
  // A day ends last at UTC-12.
  const today = dayOf(now) - 1;
  return daysIn(text, now)
    .filter(({ readings }) => readings.every((day) => day < today))
    .map((place) => ({ rule: 'claim-date', ...moved(place, start) }));
}

function dayHits({ text, start }: Sentence, returnDays: number): Hit[] {
  if (!hasPhrase(returning, plain(text).text)) return [];
  return spansOfDays(text)
    .filter(({ days }) => days !== returnDays)
    .map((place) => ({ rule: 'claim-days', ...moved(place, start) }));
}

function moved(place: Place, by: number): Place {
  return { start: place.start + by, end: place.end + by };
}
