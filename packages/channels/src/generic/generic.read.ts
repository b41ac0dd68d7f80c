import { type PlatformOrder } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/index.ts';
import { field, instant, text } from '../shared/platform-json.ts';
import { type Money, moneyFromMajor } from '../shared/money.ts';

/** A value that the contract requires; the error names the field, never its value. */
export function required<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new UnparsableDelivery(`${name} is missing or malformed`);
  return value;
}

/** Reads `{"amount": "19.90", "currency": "EUR"}`; null when absent. */
export function money(value: unknown): Money | null {
  const amount = text(field(value, 'amount'));
  const currency = text(field(value, 'currency'));
  return amount === null || currency === null ? null : moneyFromMajor(amount, currency);
}

/** An https address; null for anything else (javascript:, data:, plain http). */
export function httpsUrl(value: unknown): string | null {
  const address = text(value);
  return address !== null && URL.canParse(address) && new URL(address).protocol === 'https:' ? address : null;
}

/** A phone number as it is written, perhaps masked; null for anything else. */
export function phoneNumber(value: unknown): string | null {
  const number = text(value) ?? '';
  return number.length <= 40 && /^[+＋]?[\p{Nd}*\s()./-]{5,}$/u.test(number) ? number : null;
}

export function emailAddress(value: unknown): string | null {
  const address = text(value)?.trim() ?? '';
  return /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(address) ? address : null;
}

/** A language tag in canonical spelling; null for anything else. */
export function locale(value: unknown): string | null {
  try {
    return Intl.getCanonicalLocales(text(value) ?? [])[0] ?? null;
  } catch {
    return null;
  }
}

export function isoInstant(value: unknown): PlatformOrder['placedAt'] | null {
  return instant(value)?.toISOString() ?? null;
}
