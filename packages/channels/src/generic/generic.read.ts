import { type PlatformOrder } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/index.ts';
import { instant, text } from '../shared/platform-json.ts';

/** A value that the contract requires; the error names the field, never its value. */
export function required<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new UnparsableDelivery(`${name} is missing or malformed`);
  return value;
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
