import { minorDigitsOf } from '@crossdesk/contracts';
import { type Amount, convert, type Rates } from '../rate/rate.domain.ts';
import { type Scores, tierOf, type TierModel } from '../tier/tier-model.domain.ts';

/** What an order says of its buyer. */
export interface OrderWorth {
  readonly placedAt: Date;
  readonly state: string | null;
  readonly total: Amount | null;
  readonly region: string | null;
  readonly skus: readonly string[];
}

/** What the orders of a customer amount to, at a time. */
export interface Worth {
  readonly orderCount: number;
  readonly yearOrderCount: number;
  readonly currency: string;
  readonly spentMinor: bigint;
  readonly yearSpentMinor: bigint;
  /** What no rate is known for, by currency. */
  readonly unconverted: readonly Amount[];
  readonly ratesFrom: string | null;
  readonly firstOrderAt: Date | null;
  readonly lastOrderAt: Date | null;
  readonly regions: readonly string[];
  readonly skus: readonly string[];
  /** Null: never bought. */
  readonly scores: Scores | null;
  readonly tier: string | null;
}

export const dayMs = 86_400_000;
const yearDays = 365;
/** A tier falls a week late: what comes back within it does not flicker. */
const calmMs = 7 * dayMs;

const notBought: readonly (string | null)[] = ['pending_payment', 'cancelled'];

/** The orders that count: paid for, as far as the platform tells, and not cancelled. Refunds are not told with orders. */
function boughtOf(orders: readonly OrderWorth[]): OrderWorth[] {
  return orders.filter(({ state }) => !notBought.includes(state));
}

interface Basis {
  readonly model: TierModel;
  readonly rates: Rates;
  readonly now: Date;
}

/** Everything that is derived from the orders of a customer. Pure: the order in which they became known does not matter. */
export function worthOf(orders: readonly OrderWorth[], { model, rates, now }: Basis): Worth {
  const bought = boughtOf(orders).toSorted((a, b) => a.placedAt.getTime() - b.placedAt.getTime());
  const valued = bought.map((order) => ({ order, value: valueOf(order, model.currency, rates) }));
  const spent = valued.flatMap(({ order, value }) => (value === null ? [] : [{ at: order.placedAt, ...value }]));
  const isRecent = (at: Date) => withinYear(at, now);
  const scores = scoresAt(now, { bought, spent, model });
  const before = scoresAt(new Date(now.getTime() - calmMs), { bought, spent, model });
  const better = betterOf(scores, before, model);
  return {
    orderCount: bought.length,
    yearOrderCount: bought.filter(({ placedAt }) => isRecent(placedAt)).length,
    currency: model.currency,
    spentMinor: sum(spent),
    yearSpentMinor: sum(spent.filter(({ at }) => isRecent(at))),
    unconverted: totalsOf(
      valued.flatMap(({ order: { total }, value }) => (value === null && total !== null ? [total] : [])),
    ),
    ratesFrom: spent.flatMap(({ ratesFrom }) => ratesFrom ?? []).toSorted()[0] ?? null,
    firstOrderAt: bought[0]?.placedAt ?? null,
    lastOrderAt: bought.at(-1)?.placedAt ?? null,
    regions: [...new Set(bought.flatMap(({ region }) => region ?? []))].toSorted(),
    skus: [...new Set(bought.flatMap(({ skus }) => skus))].toSorted(),
    scores: better,
    tier: better === null ? null : tierOf(better, model),
  };
}

interface Spent {
  readonly at: Date;
  readonly minor: bigint;
  readonly ratesFrom: string | null;
}

function valueOf({ total, placedAt }: OrderWorth, currency: string, rates: Rates) {
  return total === null ? null : convert(total, currency, placedAt.toISOString().slice(0, 10), rates);
}

function sum(amounts: readonly { readonly minor: bigint }[]): bigint {
  return amounts.reduce((total, { minor }) => total + minor, 0n);
}

function totalsOf(amounts: readonly Amount[]): Amount[] {
  return [...Map.groupBy(amounts, ({ currency }) => currency)]
    .map(([currency, some]) => ({ currency, minor: sum(some) }))
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** A year ends with the day: an order of just 365 days ago is no longer in it. */
function withinYear(at: Date, now: Date): boolean {
  return at <= now && now.getTime() - at.getTime() < yearDays * dayMs;
}

interface History {
  readonly bought: readonly OrderWorth[];
  readonly spent: readonly Spent[];
  readonly model: TierModel;
}

/** R, F and M as they were at a time: days since the last order; orders and spend of the year before. */
function scoresAt(now: Date, { bought, spent, model }: History): Scores | null {
  const last = bought.findLast(({ placedAt }) => placedAt <= now);
  if (last === undefined) return null;
  const days = (now.getTime() - last.placedAt.getTime()) / dayMs;
  const count = bought.filter(({ placedAt }) => withinYear(placedAt, now)).length;
  const minor = sum(spent.filter(({ at }) => withinYear(at, now)));
  const amount = Number(minor) / 10 ** (minorDigitsOf(model.currency) ?? 2);
  return {
    recency: 5 - model.recencyDays.filter((limit) => days > limit).length,
    frequency: 1 + model.frequencyCounts.filter((limit) => count >= limit).length,
    monetary: 1 + model.monetaryAmounts.filter((limit) => amount >= limit).length,
  };
}

/** The scores with the better tier. */
function betterOf(now: Scores | null, before: Scores | null, model: TierModel): Scores | null {
  if (now === null || before === null) return now;
  const rank = (scores: Scores) => model.tiers.findIndex(({ name }) => name === tierOf(scores, model));
  return rank(before) < rank(now) ? before : now;
}

/**
 * When time alone may change the worth next; null: never. `dayLimits` are the numbers of days since the first or the last
 * order that tag rules compare with.
 */
export function nextChangeAt(
  orders: readonly OrderWorth[],
  { model, now }: Pick<Basis, 'model' | 'now'>,
  dayLimits: readonly number[],
): Date | null {
  const times = boughtOf(orders).map(({ placedAt }) => placedAt.getTime());
  if (times.length === 0) return null;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const falls = [
    ...times.map((at) => at + yearDays * dayMs),
    ...model.recencyDays.map((days) => last + days * dayMs + 1),
    // An order of the future, by a wrong clock, begins to count.
    ...times,
  ];
  const flips = dayLimits.flatMap((days) =>
    [first, last].flatMap((at) => [at + days * dayMs, at + (days + 1) * dayMs]),
  );
  const next = [...falls, ...falls.map((at) => at + calmMs), ...flips].filter((at) => at > now.getTime());
  return next.length === 0 ? null : new Date(Math.min(...next));
}
