import { minorDigitsOf } from '@crossdesk/contracts';

/** Units of a currency for one euro from a day on. */
export interface Rate {
  readonly currency: string;
  /** YYYY-MM-DD */
  readonly day: string;
  /** Decimal text with at most eight decimal places. */
  readonly perEur: string;
}

/** The rates of each currency, the latest day first. */
export type Rates = ReadonlyMap<string, readonly Rate[]>;

/** Of two rates for a day the one that comes first in the arguments counts. */
export function ratesOf(...lists: readonly (readonly Rate[])[]): Rates {
  const byCurrency = Map.groupBy(lists.flat(), ({ currency }) => currency);
  for (const rates of byCurrency.values()) rates.sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0));
  return byCurrency;
}

export interface Converted {
  readonly minor: bigint;
  /** The day of the older of the rates that were used; null: none was needed. */
  readonly ratesFrom: string | null;
}

export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

/**
 * An amount of a day in another currency, by the last rates known on that day, rounded half to even. Null if there is
 * none: it is never taken one for one.
 */
export function convert({ minor, currency }: Amount, into: string, day: string, rates: Rates): Converted | null {
  if (currency === into) return { minor, ratesFrom: null };
  const [from, to] = [rateOn(currency, day, rates), rateOn(into, day, rates)];
  const [digits, digitsInto] = [minorDigitsOf(currency), minorDigitsOf(into)];
  if (from === null || to === null || digits === null || digitsInto === null) return null;
  const over = minor * scaled(to.perEur) * 10n ** BigInt(digitsInto);
  const under = scaled(from.perEur) * 10n ** BigInt(digits);
  const days = [from, to].flatMap((rate) => (rate === euro ? [] : [rate.day]));
  return { minor: halfEven(over, under), ratesFrom: days.toSorted()[0] ?? null };
}

const euro: Rate = { currency: 'EUR', day: '1999-01-01', perEur: '1' };

function rateOn(currency: string, day: string, rates: Rates): Rate | null {
  if (currency === euro.currency) return euro;
  return rates.get(currency)?.find((rate) => rate.day <= day) ?? null;
}

const decimals = 8;

function scaled(perEur: string): bigint {
  const [whole = '0', part = ''] = perEur.split('.');
  return BigInt(`${whole}${part.slice(0, decimals).padEnd(decimals, '0')}`);
}

function halfEven(over: bigint, under: bigint): bigint {
  const isNegative = over < 0n;
  const size = isNegative ? -over : over;
  const [quotient, twice] = [size / under, (size % under) * 2n];
  const isUp = twice > under || (twice === under && quotient % 2n === 1n);
  const rounded = isUp ? quotient + 1n : quotient;
  return isNegative ? -rounded : rounded;
}

/** A rate as people write it, in its usual spelling; null if it is none. */
export function readPerEur(text: string): string | null {
  const [, whole = '', part = ''] = /^([0-9]{1,12})(?:\.([0-9]{1,8}))?$/.exec(text.trim()) ?? [];
  if (whole === '' || /^0*$/.test(`${whole}${part}`)) return null;
  let end = part.length;
  while (part[end - 1] === '0') end -= 1;
  const decimal = part.slice(0, end);
  return `${BigInt(whole)}${decimal === '' ? '' : `.${decimal}`}`;
}
