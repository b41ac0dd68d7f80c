import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { FoldedText } from '@crossdesk/folded-text';
import type { EntityKind, Span } from './labels.domain.ts';
import type { FoundPhrase } from './phrases.domain.ts';

/** A number, date or address in a text. Its words are not repeated: analyses are kept longer than texts. */
export interface Entity extends Span {
  readonly kind: EntityKind;
}

interface Run extends Span {
  readonly text: string;
}

const trackingForms: readonly RegExp[] = [
  // Universal Postal Union S10.
  /^[A-Z]{2}[0-9]{9}[A-Z]{2}$/i,
  // UPS.
  /^1Z[0-9A-Z]{16}$/i,
  // Cainiao, YunExpress, Yanwen, 4PX, J&T, SF, Shopee Xpress, Amazon Logistics, Ninja Van.
  /^(?:LP|YT|UJ|UG|4PX|JT|JP|JX|JD|SF|SPX|SPXID|SPXBR|TBA|NVI|NLID)[A-Z]{0,2}[0-9]{9,16}[A-Z]{0,2}$/i,
  // USPS, Hermes.
  /^(?:9[0-9]{19}|9[0-9]{21}|H[0-9]{19})$/,
];

const orderForms: readonly RegExp[] = [
  // Amazon, eBay.
  /^[0-9]{3}-[0-9]{7}-[0-9]{7}$/,
  /^[0-9]{2}-[0-9]{5}-[0-9]{5}$/,
  // Shopee: the day, then eight letters and digits.
  /^2[0-9][01][0-9][0-3][0-9][0-9A-Z]{8}$/i,
  // The day, then letters and digits in other lengths.
  /^2[0-9][01][0-9][0-3][0-9][0-9]{0,4}[A-Z]{2,6}[0-9A-Z]{0,5}$/i,
  // TikTok Shop, AliExpress, Lazada.
  /^[0-9]{15,19}$/,
  // Shopify and most other shops.
  /^#[A-Z]{0,4}-?[0-9]{3,12}$/i,
  /^[A-Z]{1,5}-[0-9]{4,12}$/i,
];

const amountForms: readonly RegExp[] = [
  /(?:[$€£¥￥₩₽₴₺₫฿₹₪₱₦]|\b(?:RM|Rp|USD|EUR|GBP|CNY|RMB|JPY|KRW|BRL|MXN|THB|VND|IDR|MYR|SGD|PHP|TWD|HKD|TRY|SAR|AED|INR|AUD|CAD|CHF)\b) ?[0-9][0-9.,]{0,15}/giu,
  /[0-9][0-9.,]{0,15} ?(?:[€£¥￥₩₽₴₺₫฿₹₪₱$元円원]|บาท|(?:USD|EUR|GBP|CNY|RMB|JPY|KRW|RUB|UAH|PLN|BRL|MXN|COP|THB|VND|IDR|MYR|SGD|PHP|TWD|HKD|TRY|TL|ILS|SAR|AED|INR|AUD|CAD|CHF|SEK|NOK|DKK|CZK|HUF|RON|zł|kr|Kč|Ft|lei|rb|đ|euros?|dollars?|reais|pesos|руб|грн)(?![\p{L}\p{N}]))/giu,
];

const dateForms: readonly RegExp[] = [
  /\b20[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9]\b/gu,
  /\b[0-3]?[0-9][-/.][01]?[0-9][-/.](?:20)?[0-9]{2}\b/gu,
  /(?:20[0-9]{2} ?[年년] ?)?[01]?[0-9] ?[月월] ?[0-3]?[0-9] ?[日号號일]/gu,
];

const phoneForm = /[+(]?[0-9][0-9 ().-]{6,20}[0-9]/gu;

/** The country in which a number without its prefix is valid; only where a language nearly decides it. */
const countries: Readonly<Record<string, CountryCode>> = {
  de: 'DE', fr: 'FR', it: 'IT', nl: 'NL', pl: 'PL', ru: 'RU', uk: 'UA', he: 'IL', tr: 'TR', vi: 'VN', th: 'TH', id: 'ID',
  ms: 'MY', ja: 'JP', ko: 'KR', zh: 'CN', sv: 'SE', da: 'DK', no: 'NO', fi: 'FI', cs: 'CZ', hu: 'HU', ro: 'RO', el: 'GR',
}; // prettier-ignore

/** How far behind a word such as `order` a number belongs to it, in characters. */
const reach = 24;

/** The entities of a text, in order; none overlaps another. */
export function entitiesOf(
  original: string,
  folded: FoldedText,
  found: readonly FoundPhrase[],
  language: string | null,
): Entity[] {
  const runs = runsOf(original);
  const nameless = runs.filter(({ text }) => /^[0-9][0-9-]{3,24}$/.test(text));
  const after = (label: string) => {
    const words = found.filter((phrase) => phrase.label === label).map(({ end }) => folded.origins[end] ?? 0);
    return nameless.filter(({ start }) => words.some((end) => start >= end && start - end <= reach));
  };
  const every: readonly (readonly [EntityKind, readonly Span[]])[] = [
    ['email', runs.filter(({ text }) => isMail(text))],
    ['date', matches(original, dateForms)],
    ['amount', matches(original, amountForms)],
    ['tracking', runs.filter(({ text }) => trackingForms.some((form) => form.test(text)))],
    ['order', runs.filter(({ text }) => orderForms.some((form) => form.test(text)))],
    ['phone', phonesOf(original, language)],
    ['tracking', after('entity.tracking')],
    ['order', after('entity.order')],
    ['date', datesByMonth(runs, folded, found)],
  ];
  return apart(every);
}

/** Letters, digits and the signs inside of ids and addresses, without the punctuation around them. */
function runsOf(original: string): Run[] {
  return [...original.matchAll(/[\w@.+#-]+/g)].flatMap(({ 0: run, index }) => {
    const first = run.search(/[\w#+]/);
    let end = run.length;
    while (end > 0 && /[.@+#-]/.test(run.charAt(end - 1))) end -= 1;
    if (first < 0 || end <= first) return [];
    return [{ text: run.slice(first, end), start: index + first, end: index + end }];
  });
}

function isMail(text: string): boolean {
  const [user = '', host = '', ...more] = text.split('@');
  return more.length === 0 && user !== '' && host.length > 3 && host.indexOf('.') > 0 && !host.endsWith('.');
}

function matches(original: string, forms: readonly RegExp[]): Span[] {
  return forms.flatMap((form) =>
    [...original.matchAll(form)].map(({ 0: text, index }) => {
      const trimmed = text.replace(/[.,]$/u, '');
      return { start: index, end: index + trimmed.length };
    }),
  );
}

function phonesOf(original: string, language: string | null): Span[] {
  const country = countries[language ?? ''];
  return [...original.matchAll(phoneForm)].flatMap(({ 0: text, index }) => {
    if (!text.startsWith('+') && country === undefined) return [];
    const number = parsePhoneNumberFromString(text, country);
    return number?.isValid() === true ? [{ start: index, end: index + text.length }] : [];
  });
}

/** The name of a month, and the day beside it. */
function datesByMonth(runs: readonly Run[], folded: FoldedText, found: readonly FoundPhrase[]): Span[] {
  const days = runs.filter(({ text }) => /^[0-3]?[0-9](?:st|nd|rd|th|er)?$/i.test(text));
  return found.flatMap(({ label, start, end }) => {
    if (label !== 'entity.month') return [];
    const [from, to] = [folded.origins[start] ?? 0, folded.origins[end] ?? 0];
    const before = days.findLast((day) => day.end <= from && from - day.end <= 5);
    if (before !== undefined) return [{ start: before.start, end: to }];
    const behind = days.find((day) => day.start >= to && day.start - to <= 2);
    return behind === undefined ? [] : [{ start: from, end: behind.end }];
  });
}

/** Of entities that overlap, the one of the earlier kind stays. */
function apart(every: readonly (readonly [EntityKind, readonly Span[]])[]): Entity[] {
  const kept: Entity[] = [];
  for (const [kind, spans] of every)
    for (const { start, end } of spans)
      if (kept.every((other) => end <= other.start || start >= other.end)) kept.push({ kind, start, end });
  return kept.toSorted((a, b) => a.start - b.start).slice(0, entitiesMax);
}

const entitiesMax = 30;
