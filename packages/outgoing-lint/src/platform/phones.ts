import { type CountryCode, findPhoneNumbersInText, isSupportedCountry } from 'libphonenumber-js/max';
import type { Place } from '../finding.ts';
import { findPhrases, phrasesOf } from '../text/phrases.ts';

/** What stands before or behind a number that is to be called. */
const cues = phrasesOf(
  'phone|tel|tel.|telephone|mobile|cell|call|call us|call me|sms|text me|hotline|电话|手机|致电|拨打|打给|热线|telefon|handy|anrufen|rufen|téléphone|appelez|portable|teléfono|móvil|llame|telefone|celular|ligue|cellulare|chiami|bel ons|telefoon|電話|携帯|전화|연락처|телефон*|звоните|позвоните|ara*|cep|هاتف|اتصل|جوال|טלפון|telepon|hubungi|hp|điện thoại|gọi|sđt|โทร|เบอร์|फ़ोन|कॉल',
);

/** Where the buyer lives, as far as it is known. */
interface Home {
  /** ISO 3166-1. */
  readonly market: string | null;
  /** BCP 47. */
  readonly language: string | null;
}

const reachCharacters = 25;

/**
 * Phone numbers in a searched text. A number without a country's prefix counts if it is written as one, or if a word such
 * as `call` stands beside it: ids and tracking numbers have as many digits. `written` tells how a place was written.
 */
export function phonesIn(text: string, { market, language }: Home, written: (place: Place) => string): Place[] {
  const home = market ?? new Intl.Locale(language ?? 'zh').maximize().region ?? 'CN';
  const countries = new Set<CountryCode>([...(isSupportedCountry(home) ? [home] : []), 'CN']);
  const told = findPhrases(cues, text);
  const isCalled = ({ start, end }: Place) =>
    told.some((cue) => cue.start < end + reachCharacters && cue.end > start - reachCharacters);
  const called = [...countries].flatMap((defaultCountry) =>
    findPhoneNumbersInText(text, { defaultCountry, extended: true })
      .map(({ startsAt, endsAt, number }) => ({ start: startsAt, end: endsAt, number }))
      .filter(({ number }) => number.isValid())
      .filter((place) => isWritten(text.slice(place.start, place.end)) || isCalled(place)),
  );
  return [...called, ...disguisedIn(text, written)];
}

/** As long as a number that is called within a country, and written so that no search finds it. */
function disguisedIn(text: string, written: (place: Place) => string): Place[] {
  return [...text.matchAll(/(?<![\p{L}\d])0\d{9,10}(?!\d)/gu)]
    .map(({ 0: digits, index }) => ({ start: index, end: index + digits.length }))
    .filter((place) => /[０-９]|\d[ .·-]\d[ .·-]\d/u.test(written(place)));
}

/** With a prefix, or as a Chinese mobile number, which nothing else looks like. */
function isWritten(number: string): boolean {
  return number.startsWith('+') || /^1[3-9]\d{9}$/.test(number.replaceAll(/[ -]/g, ''));
}
