import { minorDigitsOf, webAddress } from '@crossdesk/contracts';
import { cleanText } from './clean-text.ts';
import { numberFormat } from './formats.ts';

/** The types of variables; names have no dots, values have no parts. */
export const variableTypes = ['text', 'number', 'date', 'money', 'link'] as const;
export type VariableType = (typeof variableTypes)[number];

export interface Variable {
  readonly name: string;
  readonly type: VariableType;
}

/** A value as the formatter takes it, for one locale. */
export type FormatValue = (locale: string) => string | number | Date;

const textCharactersMax = 1_000;
const linkCharactersMax = 2_000;

/**
 * Reads the text of a value: `12.5`, `2026-03-02`, `12.50 EUR`, `https://…`. A text loses control characters, marks of
 * direction and web addresses, because a buyer may have written it. Null for a value that is malformed, or of which
 * nothing remains.
 */
export function readValue(type: VariableType, text: string): FormatValue | null {
  switch (type) {
    case 'text':
      return readText(text);
    case 'number':
      return readNumber(text);
    case 'date':
      return readDate(text);
    case 'money':
      return readMoney(text);
    case 'link':
      return readLink(text);
  }
}

function readText(text: string): FormatValue | null {
  if (text.length > textCharactersMax) return null;
  const cleaned = cleanText(text);
  return cleaned === '' ? null : () => cleaned;
}

function readNumber(text: string): FormatValue | null {
  if (!/^-?\d{1,15}(?:\.\d{1,6})?$/.test(text)) return null;
  const value = Number(text);
  return () => value;
}

/** A day of the calendar has no zone: it is the same day for the seller and the buyer. */
function readDate(text: string): FormatValue | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const day = new Date(`${text}T00:00:00.000Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  return isDay ? () => day : null;
}

function readMoney(text: string): FormatValue | null {
  const [, amount, fraction = '', currency = ''] = /^(-?\d{1,15}(?:\.(\d{1,4}))?) ([A-Z]{3})$/.exec(text) ?? [];
  const digitsMax = minorDigitsOf(currency);
  if (amount === undefined || digitsMax === null || fraction.length > digitsMax) return null;
  return (locale) => formatMoney(amount, fraction.length, currency, locale);
}

/** Languages show fewer digits than some currencies have (none for IDR); no digit that was given is left out. */
function formatMoney(amount: string, fractionDigits: number, currency: string, locale: string): string {
  const usual = numberFormat(locale, { style: 'currency', currency });
  const isShownWhole = fractionDigits <= (usual.resolvedOptions().maximumFractionDigits ?? 0);
  const digits = { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits };
  const format = isShownWhole ? usual : numberFormat(locale, { style: 'currency', currency, ...digits });
  // Decimal text is formatted as it is; a number would be rounded to 15 digits.
  return format.format(amount as Intl.StringNumericLiteral);
}

function readLink(text: string): FormatValue | null {
  const link = text.length > linkCharactersMax ? null : webAddress(text);
  return link === null ? null : () => link;
}
