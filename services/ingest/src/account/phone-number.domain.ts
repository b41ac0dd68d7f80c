import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

const charactersMax = 40;

/** Whether it is an ISO 3166-1 alpha-2 code of a country with telephone numbers. */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * The E.164 digits of a number, the same however it is written. Null for one that identifies nobody: masked, not a
 * number that can exist, or without a country code while the country of the account is not known.
 */
export function phoneDigits(told: string, country: string | null): string | null {
  const text = told.normalize('NFKC').trim();
  if (text.length > charactersMax || text.includes('*')) return null;
  // No country has numbers of its own that begin with 00: most dial it before a country code.
  const international = text.replace(/^00/, '+');
  if (international.startsWith('+')) return validDigits(international, null);
  if (country === null || !isCountry(country)) return null;
  return validDigits(text, country) ?? completeDigits(text, country);
}

/** A number that begins with the code of the country, but without the plus sign. */
function completeDigits(text: string, country: CountryCode): string | null {
  const number = parsePhoneNumberFromString(`+${text}`, { extract: false });
  const home = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  return number?.countryCallingCode === home?.countryCallingCode ? validDigits(`+${text}`, null) : null;
}

function validDigits(text: string, country: CountryCode | null): string | null {
  const options = { extract: false, ...(country === null ? {} : { defaultCountry: country }) };
  const written = parsePhoneNumberFromString(text, options);
  if (written === undefined) return null;
  const number = parsePhoneNumberFromString(inOneForm(written.number), { extract: false });
  if (number?.isValid() !== true || isPlaceholder(number.nationalNumber)) return null;
  return number.number.slice(1);
}

/**
 * Countries in which platforms write one number in two ways. Brazil put a 9 before its mobile numbers, and WhatsApp
 * keeps the old form of many. Mexico gave up the 1 after its code. Argentina has a 9 there for mobile numbers, which no
 * other number of the country differs in.
 */
function inOneForm(number: string): string {
  return number
    .replace(/^\+55(\d{2})([6-9]\d{7})$/, '+55$19$2')
    .replace(/^\+521(\d{10})$/, '+52$1')
    .replace(/^\+54([1-3]\d{9})$/, '+549$1');
}

/** People enter one digit again and again when they do not want to give their number. */
function isPlaceholder(nationalNumber: string): boolean {
  return /(\d)\1{6}$/.test(nationalNumber);
}
