import { webAddress } from '@crossdesk/contracts';

const isAddress = /url$/i;

/**
 * The same value with every address in normal form, or null where it is none. Buyers choose what is in these fields, and
 * pages show them. Done for every channel here, so that no adapter has to think of it.
 */
export function withWebAddresses<Value>(value: Value): Value {
  return normalised(value) as Value;
}

function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalised);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, isAddress.test(name) ? webAddress(part) : normalised(part)]),
  );
}
