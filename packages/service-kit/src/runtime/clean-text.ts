/**
 * The same value with text that Postgres and JSON can store: no NUL characters, no lone surrogates. People paste both,
 * and what they wrote must not be lost. Text is cleaned where it enters, so that no rule has to think of it: in
 * deliveries of platforms, and in the variables and literals of every GraphQL operation.
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
