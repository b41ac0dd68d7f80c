import { parse, stringify } from 'lossless-json';

/** Platform ids have up to 19 digits. Integers that a number cannot hold exactly are read and written as bigint. */
export function encodeJson(value: unknown): string {
  return stringify(value) ?? 'null';
}

export function decodeJson(text: string): unknown {
  try {
    return parse(text, null, (digits) => {
      const number = Number(digits);
      return Number.isInteger(number) && !Number.isSafeInteger(number) ? BigInt(digits) : number;
    });
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under a path of names; undefined when any step is missing. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

/** Text, or a number as its decimal text; "" for anything else. */
export function textField(value: unknown, ...path: readonly string[]): string {
  const found = field(value, ...path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'bigint' ? String(found) : '';
}
