import type { PlatformOrder } from '@crossdesk/contracts';

export type Money = NonNullable<PlatformOrder['total']>;

const decimalText = /^(-?)([0-9]{1,18})(?:\.([0-9]{1,24}))?$/;
const minorDigitsMax = 18;

/**
 * Converts the decimal text of a platform, in the major unit, into minor units without floats. Digits beyond
 * the currency's exponent are rounded half away from zero: some platforms print floats (19.990000000000002).
 * Null for anything that is not an amount in a known currency.
 */
export function moneyFromMajor(amountText: string, currency: string): Money | null {
  const code = currency.trim().toUpperCase();
  const exponent = minorUnitExponent(code);
  const match = decimalText.exec(amountText.trim());
  if (exponent === null || match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0');
  const roundsUp = (fraction[exponent] ?? '0') >= '5';
  const minor = BigInt(whole + kept) + (roundsUp ? 1n : 0n);
  const digits = minor.toString();
  if (digits.length > minorDigitsMax) return null;
  return { amountMinor: minor === 0n ? '0' : sign + digits, currency: code };
}

const exponents = new Map<string, number>();
const knownCurrencies = new Set(Intl.supportedValuesOf('currency'));

/** Decimal places of a currency by ISO 4217: 2 for SGD, 0 for JPY and VND, 3 for KWD; null for an unknown code. */
function minorUnitExponent(code: string): number | null {
  if (!knownCurrencies.has(code)) return null;
  const cached = exponents.get(code);
  if (cached !== undefined) return cached;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  const exponent = format.resolvedOptions().maximumFractionDigits ?? 2;
  exponents.set(code, exponent);
  return exponent;
}
