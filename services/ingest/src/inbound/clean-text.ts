/**
 * The same value with text that Postgres and JSON can store: no NUL characters, no lone surrogates. Buyers paste both,
 * and their message must not be lost; the raw archive keeps the original bytes.
 */
export function cleaned<Value>(value: Value): Value {
  return isClean(value) ? value : (clean(value) as Value);
}

/** Nearly every value is clean, and then nothing has to be copied. */
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  return value === null || typeof value !== 'object' || Object.values(value).every(isClean);
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, clean(part)]));
}
