import type { EventData } from '@crossdesk/contracts';
import type { Rates } from '../value/rate/rate.domain.ts';
import { dayMs, type OrderWorth, worthOf } from '../value/stats/worth.domain.ts';
import type { TierModel } from '../value/tier/tier-model.domain.ts';

/** What a conversation is about. */
export type EnquiryType = NonNullable<EventData<'conversation.changed'>['conversation']['enquiryType']>;

/** What is known of a customer of a segment. */
export interface AnalysedCustomer {
  readonly orders: readonly OrderWorth[];
  readonly tier: string | null;
  readonly yearSpentMinor: bigint;
  /** Of their latest order; null if no order has one. */
  readonly region: string | null;
  /** The channels on which they write, each once. */
  readonly channels: readonly string[];
}

export interface AnalysisSource {
  readonly customers: readonly AnalysedCustomer[];
  /** The types of the enquiries of their conversations within a year, a null for each that has none. */
  readonly enquiries: readonly (EnquiryType | null)[];
  readonly model: TierModel;
  readonly rates: Rates;
  readonly now: Date;
}

/** What a customer of a tier is worth in the next three years, and what that was computed from. */
export interface TierValue {
  readonly tier: string;
  readonly customers: number;
  /** What they spend in a year on average, in the smallest unit. Null: too few. */
  readonly yearSpendMinor: bigint | null;
  /** Those who were in the tier a year ago, and how many of them bought since. */
  readonly retentionBase: number;
  readonly retained: number;
  /** Their share, from 0 to 1. Null: too few. */
  readonly retention: number | null;
  /** yearSpend x (r + r^2 + r^3). Null: too few. */
  readonly clvMinor: bigint | null;
}

/** A part of a whole. */
export interface Share {
  readonly name: string;
  readonly count: number;
  readonly share: number;
}

/** Shares, or nothing if there are too few to say. */
export interface Breakdown {
  readonly total: number;
  readonly isTooFew: boolean;
  readonly parts: readonly Share[];
}

export interface Analysis {
  readonly currency: string;
  readonly customers: number;
  readonly tiers: readonly TierValue[];
  readonly needs: Breakdown;
  readonly regions: Breakdown;
  readonly channels: Breakdown;
  readonly byTier: Breakdown;
}

/** Fewer say nothing about others, and may be recognised. A matter of taste. */
export const countMin = 20;
const yearMs = 365 * dayMs;

/** What the customers of a segment are worth, need and are. Pure. */
export function analyse(source: AnalysisSource): Analysis {
  const { customers, enquiries, model } = source;
  return {
    currency: model.currency,
    customers: customers.length,
    tiers: tierValues(source),
    needs: breakdown(enquiries.map((type) => type ?? 'unknown')),
    regions: breakdown(customers.map(({ region }) => region ?? 'unknown')),
    channels: breakdown(
      customers.flatMap(({ channels }) => channels),
      customers.length,
    ),
    byTier: breakdown(customers.map(({ tier }) => tier ?? 'none')),
  };
}

function tierValues({ customers, model, rates, now }: AnalysisSource): TierValue[] {
  const yearAgo = new Date(now.getTime() - yearMs);
  const past = customers.map(({ orders }) => {
    const before = orders.filter(({ placedAt }) => placedAt <= yearAgo);
    // The tier that they would have had then, by the model of today: the history may be younger than a year.
    const { tier, orderCount } = worthOf(before, { model, rates, now: yearAgo });
    const isRetained = worthOf(orders, { model, rates, now }).orderCount > orderCount;
    return { tier, isRetained };
  });
  return model.tiers.map(({ name }) => {
    const now = customers.filter(({ tier }) => tier === name);
    const then = past.filter(({ tier }) => tier === name);
    const retained = then.filter(({ isRetained }) => isRetained).length;
    const spent = now.reduce((sum, { yearSpentMinor }) => sum + yearSpentMinor, 0n);
    const yearSpendMinor = now.length < countMin ? null : spent / BigInt(now.length);
    const retention = then.length < countMin ? null : retained / then.length;
    const counts = { tier: name, customers: now.length, retentionBase: then.length, retained };
    return { ...counts, yearSpendMinor, retention, clvMinor: clvOf(yearSpendMinor, retention) };
  });
}

/** The spend of three years to come, if each year as large a share comes back as last year. */
function clvOf(yearSpendMinor: bigint | null, r: number | null): bigint | null {
  if (yearSpendMinor === null || r === null) return null;
  return BigInt(Math.round(Number(yearSpendMinor) * (r + r ** 2 + r ** 3)));
}

/** How often each name comes, the most frequent first. `total` is what the shares are of. */
export function breakdown(names: readonly string[], total = names.length): Breakdown {
  if (total < countMin) return { total, isTooFew: true, parts: [] };
  const parts = [...Map.groupBy(names, (name) => name)]
    .map(([name, some]) => ({ name, count: some.length, share: some.length / total }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  return { total, isTooFew: false, parts };
}
