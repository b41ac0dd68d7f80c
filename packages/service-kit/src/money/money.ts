import { minorDigitsOf, type PlatformOrder } from '@crossdesk/contracts';

export type Money = NonNullable<PlatformOrder['total']>;

/** The decimal text of the major unit, with the digits of ISO 4217; nothing is rounded. */
export function amountOf({ amountMinor, currency }: Money): string {
  const digits = minorDigitsOf(currency) ?? 0;
  if (digits === 0) return amountMinor;
  const [, sign = '', minor = ''] = /^(-?)(\d+)$/.exec(amountMinor) ?? [];
  const padded = minor.padStart(digits + 1, '0');
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

const localeCharactersMax = 35;

/**
 * The amount as people write it; null for a locale that is none. Languages show fewer digits than ISO 4217 has for some
 * currencies (none for IDR): a fraction is shown nevertheless.
 */
export function formatMoney(money: Money, locale: string): string | null {
  if (locale.length > localeCharactersMax) return null;
  const amount = amountOf(money);
  try {
    const usual = new Intl.NumberFormat(locale, { style: 'currency', currency: money.currency });
    if (!/\.\d*[1-9]/.test(amount)) return formatExactly(usual, amount);
    const digits = minorDigitsOf(money.currency) ?? 0;
    const options = { style: 'currency', currency: money.currency, minimumFractionDigits: digits } as const;
    return formatExactly(new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: digits }), amount);
  } catch (problem) {
    if (problem instanceof RangeError) return null;
    throw problem;
  }
}

/** Decimal text is formatted as it is, a number would be rounded to 15 digits. */
function formatExactly(format: Intl.NumberFormat, amount: string): string {
  return format.format(amount as Intl.StringNumericLiteral);
}
