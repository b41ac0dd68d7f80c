/** What a protected part of a text is. `term` is a term of the glossary. */
export type SpanKind = 'placeholder' | 'url' | 'email' | 'money' | 'date' | 'phone' | 'id' | 'term';

/** A part of a text that no engine may change. */
export interface Span {
  readonly kind: SpanKind;
  readonly text: string;
  /** What stands for it in the translation: the same text, or the target of a term. */
  readonly target: string;
}

export interface PlacedSpan extends Span {
  readonly start: number;
  readonly end: number;
}

/** A text cut into words and protected spans, in order. */
export type Piece = string | Span;

const placeholder =
  /\{\{?[\w.-]{1,60}\}\}?|<\/?[a-zA-Z][^<>]{0,200}>|%(?:\d{1,2}\$)?[sd]\b|__PH\d{1,4}__|\[\[\d{1,4}\]\]/g;
const symbolThenNumber =
  /(?:\b(?:US|HK|NT|AU|CA|SG|MX|NZ|RD|R|A|C|S))?\p{Sc}\s?\d{1,12}(?:[.,'\u2019\u00a0\u202f ]\d{3}){0,4}(?:[.,]\d{1,2})?(?!\d)/gu;
const numberThenSymbol =
  /\b\d{1,12}(?:[.,'\u2019\u00a0\u202f ]\d{3}){0,4}(?:[.,]\d{1,2})?\s?(?:(?:US|HK|NT|AU|CA|MX|NZ|R|A|C|S)?\p{Sc}|z\u0142|K\u010d|Ft\b|kr\b|\u5143|\u5186|\uc6d0|\u0e1a\u0e32\u0e17|\u0111|\u0440\u0443\u0431)/gu;
const codeThenNumber =
  /\b(?:USD|EUR|GBP|CNY|RMB|JPY|KRW|TWD|HKD|SGD|MYR|THB|VND|IDR|PHP|INR|BRL|MXN|CLP|COP|PLN|CZK|HUF|SEK|NOK|DKK|CHF|AUD|CAD|NZD|RUB|TRY|AED|SAR|ILS|ZAR|RON|UAH|Rp|RM|Rs)\.?\s?\d{1,12}(?:[.,'\u2019\u00a0\u202f ]\d{3}){0,4}(?:[.,]\d{1,2})?(?!\d)/g;
const numberThenCode =
  /\b\d{1,12}(?:[.,'\u2019\u00a0\u202f ]\d{3}){0,4}(?:[.,]\d{1,2})?\s?(?:USD|EUR|GBP|CNY|RMB|JPY|KRW|TWD|HKD|SGD|MYR|THB|VND|IDR|PHP|INR|BRL|MXN|CLP|COP|PLN|CZK|HUF|SEK|NOK|DKK|CHF|AUD|CAD|NZD|RUB|TRY|AED|SAR|ILS|ZAR|RON|UAH)\b/g;
const date =
  /\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:T\d{2}:\d{2}(?::\d{2})?Z?)?(?!\d)|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d)|\b\d{1,2}[/.]\d{1,2}[/.]\d{2}(?!\d)|\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m\b)?|\b\d{1,2}\s?[ap]m\b/gi;
const phone = /\+\d[\d ()-]{6,18}\d/g;
/** Words without spaces, of the characters that ids and addresses are written in. */
const run = /[!-~]+/g;

const domainEndings = new Set(
  'com net org io co cn de fr uk jp kr br mx sg my th vn id ph tw hk shop store app info me link'.split(' '),
);

/** The protected spans of a text, in order and apart from each other. Terms come from `termsIn`. */
export function findSpans(text: string, terms: readonly PlacedSpan[] = []): PlacedSpan[] {
  const found = [
    ...matchesOf(text, placeholder, 'placeholder'),
    ...runsOf(text).filter(({ kind }) => kind !== 'id'),
    ...[symbolThenNumber, numberThenSymbol, codeThenNumber, numberThenCode].flatMap((pattern) =>
      matchesOf(text, pattern, 'money'),
    ),
    ...matchesOf(text, date, 'date'),
    ...matchesOf(text, phone, 'phone'),
    ...runsOf(text).filter(({ kind }) => kind === 'id'),
    ...terms,
  ];
  const kept: PlacedSpan[] = [];
  for (const span of found)
    if (kept.every((other) => span.end <= other.start || span.start >= other.end)) kept.push(span);
  return kept.toSorted((one, other) => one.start - other.start);
}

/** Cuts a text at its spans. */
export function cutAt(text: string, spans: readonly PlacedSpan[]): Piece[] {
  let at = 0;
  const pieces: Piece[] = [];
  for (const { start, end, ...span } of spans) {
    if (start > at) pieces.push(text.slice(at, start));
    pieces.push(span);
    at = end;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

/** The text as it was before it was cut. */
export function sourceOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** The spans of a cut text, in order. */
export function spansOf(pieces: readonly Piece[]): Span[] {
  return pieces.filter((piece) => typeof piece !== 'string');
}

/** The words of a cut text without its spans. */
export function wordsBetween(pieces: readonly Piece[]): string {
  return pieces.filter((piece) => typeof piece === 'string').join(' ');
}

function matchesOf(text: string, pattern: RegExp, kind: SpanKind): PlacedSpan[] {
  return [...text.matchAll(pattern)].map(({ 0: match, index }) => spanAt(kind, match, index));
}

function spanAt(kind: SpanKind, text: string, start: number): PlacedSpan {
  return { kind, text, target: text, start, end: start + text.length };
}

function runsOf(text: string): PlacedSpan[] {
  return [...text.matchAll(run)].flatMap(({ 0: whole, index }) => {
    const start = leading(whole);
    const word = whole.slice(start, trailing(whole, start));
    const kind = kindOfRun(word);
    return kind === null ? [] : [spanAt(kind, word, index + start)];
  });
}

function leading(word: string): number {
  let start = 0;
  while (start < word.length && `([{<"'*_~,.;:!?`.includes(word.charAt(start))) start += 1;
  return start;
}

function trailing(word: string, start: number): number {
  let end = word.length;
  while (end > start && `)]}>"'*_~,.;:!?`.includes(word.charAt(end - 1))) end -= 1;
  return end;
}

function kindOfRun(word: string): 'url' | 'email' | 'id' | null {
  if (/^(?:https?:\/\/|www\.)[^\s]/i.test(word) || isBareAddress(word)) return 'url';
  if (isEmail(word)) return 'email';
  return isIdentifier(word) ? 'id' : null;
}

function isBareAddress(word: string): boolean {
  const host = word.split(/[/?#]/, 1)[0] ?? '';
  const labels = host.toLowerCase().split('.');
  const ending = labels.at(-1) ?? '';
  return labels.length > 1 && domainEndings.has(ending) && labels.every((label) => /^[a-z0-9-]+$/.test(label));
}

function isEmail(word: string): boolean {
  const [local = '', domain = '', ...more] = word.split('@');
  return local !== '' && domain.includes('.') && more.length === 0;
}

/** Orders, parcels and articles: letters and digits together, or many digits. Amounts with a unit are words. */
function isIdentifier(word: string): boolean {
  if (word.length > 80 || !/\d/.test(word) || !/^#?[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*$/.test(word)) return false;
  if (word.startsWith('#')) return true;
  if (/^\d+(?:[.,]\d+)?[a-zA-Z]{0,3}$/.test(word) && !/^\d{6,}$/.test(word)) return false;
  return (/[A-Z]/.test(word) && word.length >= 3) || word.replaceAll(/[^0-9]/g, '').length >= 6;
}
