import { minorDigitsOf } from '@crossdesk/contracts';
import { accept, type Decision, refuse, type UserError } from '@crossdesk/service-kit/decision';

/** How recently, how often and for how much somebody bought, each from 1 (least) to 5. */
export interface Scores {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

/** Why a tier changed: an order, time, another model or rate, or customers who turned out to be one. */
export type TierCause = 'order' | 'time' | 'model' | 'merge';

/** How far a comparison with another model is. */
export const tierRunStates = ['running', 'ready', 'applied', 'outdated'] as const;
export type TierRunState = (typeof tierRunStates)[number];

/** A tier, and what it takes to be in it. */
export interface Tier {
  readonly name: string;
  readonly recencyMin: number;
  readonly frequencyMin: number;
  readonly monetaryMin: number;
}

/**
 * How a workspace values its customers. Each list has four limits, which divide the customers into the scores 1 to 5;
 * frequency and amount are those of the last 365 days.
 */
export interface TierModel {
  /** In which amounts are compared and shown, ISO 4217. */
  readonly currency: string;
  /** Days since the last order, rising: up to the first is score 5. */
  readonly recencyDays: readonly number[];
  /** Orders, rising: from the last on is score 5. */
  readonly frequencyCounts: readonly number[];
  /** Whole units of the currency, rising. */
  readonly monetaryAmounts: readonly number[];
  /** The best first: the first that the scores reach. The last one takes everybody. */
  readonly tiers: readonly Tier[];
}

/** Where a workspace begins. The limits are a proposal: `recomputeSegments` shows what others would change. */
export const defaultModel: TierModel = {
  currency: 'USD',
  recencyDays: [30, 90, 180, 365],
  frequencyCounts: [2, 3, 5, 10],
  monetaryAmounts: [30, 100, 300, 1_000],
  tiers: [
    { name: 'HIGH_VALUE', recencyMin: 3, frequencyMin: 3, monetaryMin: 4 },
    { name: 'POTENTIAL', recencyMin: 4, frequencyMin: 1, monetaryMin: 1 },
    { name: 'REGULAR', recencyMin: 3, frequencyMin: 1, monetaryMin: 1 },
    { name: 'LOW_ACTIVE', recencyMin: 1, frequencyMin: 1, monetaryMin: 1 },
  ],
};

export function tierOf({ recency, frequency, monetary }: Scores, { tiers }: TierModel): string {
  const reached = tiers.find(
    (tier) => recency >= tier.recencyMin && frequency >= tier.frequencyMin && monetary >= tier.monetaryMin,
  );
  return (reached ?? tiers.at(-1))?.name ?? '';
}

const tiersMax = 10;
const limitCount = 4;

/** Decodes a model; each problem with its place. */
export function readModel(written: TierModel): Decision<TierModel, 'INVALID_INPUT'> {
  const errors: UserError<'INVALID_INPUT'>[] = [];
  const report = (field: string, message: string) => {
    errors.push({ code: 'INVALID_INPUT', message, path: ['input', 'model', ...field.split('.')] });
  };
  const currency = written.currency.trim().toUpperCase();
  if (minorDigitsOf(currency) === null) report('currency', 'This is no currency: write ISO 4217, for instance EUR.');
  for (const field of ['recencyDays', 'frequencyCounts', 'monetaryAmounts'] as const) {
    if (!isRising(written[field])) report(field, `Write ${limitCount} rising whole numbers from 1 on.`);
  }
  const tiers = written.tiers.map((tier) => ({ ...tier, name: tier.name.trim().toUpperCase() }));
  if (tiers.length === 0 || tiers.length > tiersMax) report('tiers', `Write 1 to ${tiersMax} tiers, the best first.`);
  for (const [n, { name, ...mins }] of tiers.entries()) {
    if (!/^[A-Z][A-Z0-9_]{0,39}$/.test(name))
      report(`tiers.${n}.name`, 'Write letters, digits and _, for instance VIP.');
    if (tiers.findIndex((one) => one.name === name) !== n) report(`tiers.${n}.name`, `${name} is there already.`);
    if (Object.values(mins).some((min) => !Number.isInteger(min) || min < 1 || min > 5))
      report(`tiers.${n}`, 'Scores are whole numbers from 1 to 5.');
  }
  const last = tiers.at(-1);
  if (last !== undefined && last.recencyMin + last.frequencyMin + last.monetaryMin > 3)
    report(`tiers.${tiers.length - 1}`, 'The last tier takes everybody: all its scores are 1.');
  return errors.length === 0 ? accept({ ...written, currency, tiers }) : { ok: false, errors };
}

function isRising(limits: readonly number[]): boolean {
  return (
    limits.length === limitCount &&
    limits.every((limit, n) => Number.isInteger(limit) && limit >= 1 && limit > (limits[n - 1] ?? 0))
  );
}

/** Refuses a run that was made for a model that is no longer in force. */
export const outdatedRun = refuse(
  'VERSION_CONFLICT',
  'runId',
  'Another model applies since this run was made: make a new one with recomputeSegments.',
);

/** Limits from quintiles. Equal values score equally; a limit that does not rise is moved on by one. */
export function limitsOf(
  {
    days,
    counts,
    minors,
  }: { readonly days: readonly number[]; readonly counts: readonly number[]; readonly minors: readonly string[] },
  digits: number,
): Pick<TierModel, 'recencyDays' | 'frequencyCounts' | 'monetaryAmounts'> {
  return {
    recencyDays: rising(days),
    frequencyCounts: rising(counts.map((count) => count + 1)),
    monetaryAmounts: rising(minors.map((minor) => Math.ceil(Number(minor) / 10 ** digits))),
  };
}

function rising(limits: readonly number[]): number[] {
  const risen: number[] = [];
  for (const limit of limits) risen.push(Math.max(limit, 1, (risen.at(-1) ?? 0) + 1));
  return risen;
}
