import { isSafeNumber } from 'lossless-json';
import { UnparsableDelivery } from '../port/errors.ts';

/** What a platform puts into one delivery is a tenth of this. More would keep the process busy for seconds. */
const valuesMax = 50_000;

/** Whether JSON has more values than that; counts what stands between them, outside of strings. */
function hasTooManyValues(json: string): boolean {
  if (json.length <= valuesMax) return false;
  let count = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at);
    else if (code === comma || code === bracket || code === brace) count += 1;
    if (count > valuesMax) return true;
  }
  return false;
}

const quote = 0x22;
const comma = 0x2c;
const bracket = 0x5b;
const brace = 0x7b;
const backslash = 0x5c;

/** The place of the quote that ends the string that begins here. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/** Sixteen digits, or an exponent. A match inside a string only costs time. */
const longNumber = /\d[\d.]{15}|\d[eE][-+\d]/;

/**
 * Parses the JSON of a platform. A number that a double cannot hold exactly becomes its decimal text, so that 64-bit ids
 * and long amounts keep every digit; every other number stays a number.
 * @throws SyntaxError with a message that never repeats the input
 */
export function parsePlatformJson(json: string): unknown {
  try {
    // A double holds any 15 digits exactly: without longer numbers the built-in parser gives the same result much faster.
    if (!longNumber.test(json)) return JSON.parse(json);
    return JSON.parse(json, exactNumber);
  } catch {
    // The parser quotes keys of the input in its errors, and deep nesting overflows the stack: one plain error for all.
    throw new SyntaxError('not JSON');
  }
}

/** The digits of a number that a double cannot hold. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const digits = context?.source;
  return typeof value === 'number' && digits !== undefined && !isSafeNumber(digits) ? digits : value;
}

/**
 * The JSON of a webhook body.
 * @throws UnparsableDelivery
 */
export function deliveryJson(rawBody: Uint8Array): unknown {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
    if (!hasTooManyValues(json)) return parsePlatformJson(json);
  } catch {
    throw new UnparsableDelivery('body is not JSON in UTF-8');
  }
  throw new UnparsableDelivery(`body has more than ${valuesMax} values: let the sender split it`);
}

/** The JSON of a platform's answer; undefined when it is not JSON, because gateways in between answer with HTML. */
export function answerJson(body: string): unknown {
  try {
    return parsePlatformJson(body);
  } catch {
    return undefined;
  }
}

/** The JSON in a text of a delivery; undefined when it is not JSON, or has more values than a whole delivery may have. */
export function nestedJson(json: string): unknown {
  return hasTooManyValues(json) ? undefined : answerJson(json);
}

/** The value at a path of object keys; undefined if anything on the path is missing or not an object. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = Reflect.get(current, name);
  }
  return current;
}

/** The element of a body at the place of a fact; undefined if there is none. */
export function elementAt(json: string, at: string): unknown {
  return field(answerJson(json), ...at.split('.'));
}

/**
 * Reads a text; numbers become their decimal text, "" and everything else null. NUL and lone surrogates are removed
 * because PostgreSQL stores neither.
 */
export function text(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const storable = value.replaceAll('\0', '').toWellFormed();
  return storable === '' ? null : storable;
}

const decimal = /^-?[0-9]{1,40}(?:\.[0-9]{1,40})?$/;

/** A finite number, also from decimal text. Rounds to a double: never for ids or amounts. */
export function number(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && decimal.test(value) ? Number(value) : null;
}

/** A whole number that a double holds exactly. */
export function integer(value: unknown): number | null {
  const candidate = number(value);
  return candidate !== null && Number.isSafeInteger(candidate) ? candidate : null;
}

export function boolean(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** The elements of an array; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

// No platform event is older than the platforms or newer than this century: outside these years the unit was wrong.
const earliestMs = Date.UTC(2005, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

/** An instant from unix seconds, number or text; null outside 2005 to 2100. */
export function seconds(value: unknown): Date | null {
  const amount = number(value);
  return amount === null ? null : plausible(amount * 1000);
}

/** An instant from unix milliseconds, number or text; null outside 2005 to 2100. */
export function milliseconds(value: unknown): Date | null {
  const amount = number(value);
  return amount === null ? null : plausible(amount);
}

const isoInstant = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;

/** Milliseconds from ISO 8601 text with a zone; null for anything else, also for 30 February: Date takes it for 2 March. */
function isoMs(value: unknown): number | null {
  const [whole, day] = typeof value === 'string' ? (isoInstant.exec(value) ?? []) : [];
  if (whole === undefined || day === undefined) return null;
  const midnight = new Date(day);
  const epochMs = Date.parse(whole);
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(epochMs)) return null;
  return midnight.toISOString().startsWith(day) ? epochMs : null;
}

/** An instant from ISO 8601 text with a zone; null without a zone or outside 2005 to 2100. */
export function instant(value: unknown): Date | null {
  const epochMs = isoMs(value);
  return epochMs === null ? null : plausible(epochMs);
}

// What JSON Schema's date-time, JavaScript and Postgres can all hold.
const writableMs = { min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) };

/**
 * The time that a message gives for itself, from unix seconds: whether it can be believed is decided where it is
 * recorded, so that a wrong clock hides no words. Null for what is no number.
 */
export function toldSeconds(value: unknown): Date | null {
  const amount = number(value);
  return amount === null ? null : told(amount * 1000);
}

/** The same from ISO 8601 text with a zone; null for anything else. */
export function toldInstant(value: unknown): Date | null {
  const epochMs = isoMs(value);
  return epochMs === null ? null : told(epochMs);
}

/** Whether such a time may be true. An odd clock says nothing about the order of messages. */
export function isPlausible(at: Date): boolean {
  return plausible(at.getTime()) !== null;
}

/** Beyond what can be written down it is the last time that can. */
function told(epochMs: number): Date {
  return new Date(Math.trunc(Math.min(writableMs.max, Math.max(writableMs.min, epochMs))));
}

function plausible(epochMs: number): Date | null {
  return epochMs >= earliestMs && epochMs < latestMs ? new Date(Math.trunc(epochMs)) : null;
}

/** An ISO 3166-1 alpha-2 code; null for anything else. */
export function countryCode(value: unknown): string | null {
  return /^[A-Z]{2}$/.exec(text(value) ?? '')?.[0] ?? null;
}
