import { minorDigitsOf, type PlatformOrder } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/errors.ts';

export type Money = NonNullable<PlatformOrder['total']>;

const decimalText = /^(-?)([0-9]{1,18})(?:\.([0-9]{1,24}))?$/;
const minorDigitsMax = 18;

/**
 * Converts the decimal text of a platform, in the major unit, into minor units, without floats and without rounding.
 * @throws UnparsableDelivery for anything that is not an amount of a known currency
 */
export function moneyFromMajor(amountText: string, currency: string): Money {
  const code = currency.trim().toUpperCase();
  const exponent = minorDigitsOf(code);
  if (exponent === null) throw new UnparsableDelivery('the currency is not in ISO 4217');
  const match = decimalText.exec(withoutNoise(amountText.trim(), exponent));
  if (match === null) throw new UnparsableDelivery('the amount is not a decimal number');
  const [, sign = '', whole = '', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(exponent)))
    throw new UnparsableDelivery('the amount has more decimals than its currency');
  const digits = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0')).toString();
  if (digits.length > minorDigitsMax) throw new UnparsableDelivery('the amount is too large');
  return { amountMinor: digits === '0' ? '0' : sign + digits, currency: code };
}

/**
 * Some platforms print the result of a calculation with doubles: 19.990000000000002. A double has 15 exact digits, and
 * the decimal with 15 digits is what the platform means. A text that no double prints is not changed.
 */
function withoutNoise(amount: string, exponent: number): string {
  const [, fraction = ''] = amount.split('.');
  if (fraction.length <= exponent || String(Number(amount)) !== amount) return amount;
  const significant = amount.replace(/[-.]/g, '').replace(/^0+/, '').length;
  return significant <= 15 ? amount : Number(amount).toPrecision(15);
}
