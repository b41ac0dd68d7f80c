import { canonicalLocale, renderBest, type Variable } from '@crossdesk/message-template';
import { Temporal } from 'temporal-polyfill';
import { greetingTexts } from './greeting-texts.domain.ts';

export type PartOfDay = 'morning' | 'afternoon' | 'evening';
/** Where it is known from. */
export type LocaleSource = 'platform' | 'conversation' | 'order-region' | 'default';
export type RegionSource = 'order' | 'locale';

export interface Greeting {
  readonly text: string;
  /** The language of the text, BCP 47. */
  readonly locale: string;
  readonly localeFrom: LocaleSource;
  /** The name in the form that is used; null: the text names nobody. */
  readonly name: string | null;
  /** Null if it is not the same everywhere in their country, or is night, or the country is not known. */
  readonly partOfDay: PartOfDay | null;
  /** The country whose clocks count, ISO 3166-1 alpha-2. */
  readonly region: string | null;
  readonly regionFrom: RegionSource | null;
}

export interface Greeted {
  readonly displayName: string | null;
  /** The language that the platform reports. */
  readonly locale: string | null;
  /** The language in which they write in the conversation, BCP 47; null if it is not known. */
  readonly spoken: string | null;
  /** The country to which their latest order went. */
  readonly orderRegion: string | null;
  readonly now: Date;
}

/** How to greet a buyer: their language, the form of their name that it uses, and the time of day where they are. Pure. */
export function greet({ displayName, locale, spoken, orderRegion, now }: Greeted): Greeting {
  const place = placeOf(orderRegion, locale);
  const partOfDay = place.region === null ? null : partOfDayIn(zonesOf(place.region), now);
  const wanted = languageOf(locale, spoken, orderRegion);
  const fitting = renderFor(wanted.locale, displayName, partOfDay);
  const { text, textLocale, name } = fitting ?? { text: '', textLocale: defaultLocale, name: null };
  return {
    ...{ text, name, partOfDay, ...place },
    locale: textLocale,
    localeFrom: isText(wanted.locale) ? wanted.localeFrom : 'default',
  };
}

const defaultLocale = 'en';

function languageOf(
  locale: string | null,
  spoken: string | null,
  region: string | null,
): Pick<Greeting, 'locale' | 'localeFrom'> {
  const told = locale === null ? null : canonicalLocale(locale);
  if (told !== null) return { locale: told, localeFrom: 'platform' };
  const written = spoken === null ? null : canonicalLocale(spoken);
  if (written !== null) return { locale: written, localeFrom: 'conversation' };
  const likely = region === null ? null : likelyLanguageIn(region);
  return likely === null
    ? { locale: defaultLocale, localeFrom: 'default' }
    : { locale: likely, localeFrom: 'order-region' };
}

/** The language that most people of a country read, by the data of Unicode; null for what is no country. */
function likelyLanguageIn(region: string): string | null {
  const country = countryIn(region);
  if (country === null) return null;
  const { language } = new Intl.Locale(`und-${country}`).maximize();
  return canonicalLocale(`${language}-${country}`);
}

function countryIn(region: string): string | null {
  return /^[A-Za-z]{2}$/.test(region) ? region.toUpperCase() : null;
}

function placeOf(orderRegion: string | null, locale: string | null): Pick<Greeting, 'region' | 'regionFrom'> {
  const ofOrder = orderRegion === null ? null : countryIn(orderRegion);
  if (ofOrder !== null) return { region: ofOrder, regionFrom: 'order' };
  const told = locale === null ? null : canonicalLocale(locale);
  const ofLocale = told === null ? undefined : new Intl.Locale(told).region;
  return ofLocale === undefined || countryIn(ofLocale) === null
    ? { region: null, regionFrom: null }
    : { region: ofLocale, regionFrom: 'locale' };
}

/** The zones of a country. The types of the language do not know this part of ECMA-402 yet. */
function zonesOf(region: string): string[] {
  const locale = new Intl.Locale(`und-${region}`);
  const ask: unknown = Reflect.get(locale, 'getTimeZones');
  const zones: unknown = typeof ask === 'function' ? Reflect.apply(ask, locale, []) : null;
  return Array.isArray(zones) ? zones.filter((zone) => typeof zone === 'string') : [];
}

/** The part of the day that it is in all of these zones (IANA); null if they differ, and at night. */
function partOfDayIn(zones: readonly string[], now: Date): PartOfDay | null {
  const instant = Temporal.Instant.fromEpochMilliseconds(now.getTime());
  const parts = new Set(zones.map((zone) => partAt(instant.toZonedDateTimeISO(zone).hour)));
  const [part = null] = parts;
  return parts.size === 1 ? part : null;
}

function partAt(hour: number): PartOfDay | null {
  if (hour < 5 || hour >= 23) return null;
  if (hour < 12) return 'morning';
  return hour < 18 ? 'afternoon' : 'evening';
}

const variables: readonly Variable[] = [
  { name: 'greeting', type: 'text' },
  { name: 'name', type: 'text' },
];

/** For each language the text with a name, then the one without: the first that has all its values is used. */
const variants = greetingTexts.flatMap((words) =>
  [words.named, words.plain].map((text) => ({
    ...{ locale: words.locale, text, words },
    ...{ market: null, channel: null, isEnabled: true },
  })),
);

function renderFor(locale: string, displayName: string | null, partOfDay: PartOfDay | null) {
  const recipient = { locale, market: null, channel: null, fallbackLocales: [defaultLocale] };
  const template = { variables, variants };
  // Which words are used depends on the language, which is found by rendering the text that needs nothing else.
  const found = renderBest(template, recipient, new Map([['greeting', '-']])).best?.variant;
  if (found === undefined) return null;
  const { words } = found;
  const name = nameIn(displayName, words.calls, words.locale);
  const values = new Map([['greeting', partOfDay === null ? words.any : words[partOfDay]]]);
  if (name !== null) values.set('name', name);
  const { best } = renderBest(template, recipient, values);
  return best === null ? null : { text: best.text, textLocale: words.locale, name };
}

function isText(locale: string): boolean {
  const recipient = { locale, market: null, channel: null, fallbackLocales: [] };
  return renderBest({ variables, variants }, recipient, new Map([['greeting', '-']])).best !== null;
}

const nameCharactersMax = 60;

/**
 * What somebody is called by. Null for what is no name: a user name, something masked, an address. Names in scripts that
 * write no spaces between their parts are used as they are.
 */
export function nameIn(displayName: string | null, calls: 'first' | 'last' | 'whole', locale: string): string | null {
  const name = (displayName ?? '').normalize('NFKC').trim().replaceAll(/\s+/gu, ' ');
  if (name.length > nameCharactersMax || !/^[\p{L}\p{M}][\p{L}\p{M}\p{Pd} .'’,·]*$/u.test(name)) return null;
  const [family = '', given = ''] = name.split(', ', 2);
  const words = (given === '' ? name : `${given} ${family}`).split(' ').map((word) => writtenOut(word, locale));
  const whole = words.join(' ');
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(name)) return whole;
  const called = calls === 'first' ? words[0] : calls === 'last' ? words.at(-1) : whole;
  // An initial is nobody's name.
  return called === undefined || called.replaceAll('.', '').length < 2 ? whole : called;
}

/** ANA as Ana: platforms tell many names in capitals only. */
function writtenOut(word: string, locale: string): string {
  const isCapitals = word.length > 2 && word === word.toLocaleUpperCase(locale);
  const rest = word.slice(1);
  return isCapitals && /^\p{Lu}+$/u.test(word) ? `${word.slice(0, 1)}${rest.toLocaleLowerCase(locale)}` : word;
}
