import { code as findCurrency } from 'currency-codes';

/**
 * Decimal places of a currency by ISO 4217: 2 for SGD and IDR, 0 for JPY and VND, 3 for KWD; null for an unknown code.
 * `Intl` has the digits that people are used to see, which differ for 16 currencies: 0 for IDR and HUF.
 */
export function minorDigitsOf(currency: string): number | null {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const found = findCurrency(currency)?.digits ?? null;
  if (found !== null) digits.set(currency, found);
  return found;
}

const digits = new Map<string, number>();
